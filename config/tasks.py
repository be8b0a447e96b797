from celery import shared_task

from partners.post.tasks import deliver, sweep
from programmes.reminders.tasks import queue_due


@shared_task(name="config.tick")
def tick(**kwargs: object) -> None:
    """Beat's one tick: look for what is due. Says nothing of what or when, so a lost or doubled tick does no harm."""
    sweep.delay()
    queue_due.delay()
    deliver.delay()
