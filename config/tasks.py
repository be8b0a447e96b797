from celery import shared_task
from django.conf import settings

from config import heartbeats  # noqa: F401 - listens to what workers do
from partners.post.tasks import deliver, sweep
from programmes.reminders.tasks import plan_what_is_missing, queue_due
from programmes.workstreams.tasks import plan_chasing


@shared_task(name="config.tick")
def tick(**kwargs: object) -> None:
    """Beat's one tick: look for what is due. Says nothing of what or when, so a lost or doubled tick does no harm.

    Mail goes out at once and again when the due reminders are queued, so that it need not wait for the next tick and
    does not stop when reminders cannot be queued. While workers are busy sending, further calls to send are let go.
    """
    sweep.delay()
    deliver.apply_async(expires=settings.TICK_SECONDS)
    queue_due.apply_async(link=deliver.si().set(expires=settings.TICK_SECONDS))
    plan_chasing.apply_async(expires=settings.TICK_SECONDS)
    plan_what_is_missing.apply_async(expires=settings.TICK_SECONDS)
