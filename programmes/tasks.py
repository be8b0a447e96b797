"""Register of this floor's tasks, for Celery to find."""

from programmes.reminders.tasks import queue_due

__all__ = ["queue_due"]
