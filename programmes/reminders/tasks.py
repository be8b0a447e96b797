from celery import shared_task

from partners.clock.queries import business_now
from programmes.reminders import operations

BATCH = 500
MOST_BATCHES = 60  # 30,000 reminders; the next tick takes the rest


@shared_task(name="reminders.queue_due")
def queue_due(**kwargs: object) -> int:
    """Settles what is due, batch by batch. After two days down: one message per person and need, the rest ends."""
    settled = 0
    for _ in range(MOST_BATCHES):
        done = operations.queue_due(now=business_now(), limit=BATCH).total
        settled += done
        if done < BATCH:
            break
    return settled


@shared_task(name="reminders.plan_what_is_missing")
def plan_what_is_missing(**kwargs: object) -> int:
    """Plans what the rules ask for and is not there, once an hour at most. After two days down: what is still to come."""
    return operations.sweep(now=business_now())
