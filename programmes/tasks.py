"""Register of this floor's tasks, for Celery to find."""

from programmes.reminders.tasks import queue_due
from programmes.workstreams.tasks import plan_chasing

__all__ = ["plan_chasing", "queue_due"]
