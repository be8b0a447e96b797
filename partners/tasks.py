"""Register of this floor's tasks, for Celery to find."""

from partners.post.tasks import deliver, sweep

__all__ = ["deliver", "sweep"]
