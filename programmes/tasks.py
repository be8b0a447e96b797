"""Register of this floor's tasks, for Celery to find."""

from programmes.reminders.tasks import plan_what_is_missing, queue_due
from programmes.workstreams.tasks import plan_chasing

__all__ = ["plan_chasing", "plan_what_is_missing", "queue_due"]
