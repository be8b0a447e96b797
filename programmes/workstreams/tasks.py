from celery import shared_task

from partners.clock.queries import business_now
from programmes.workstreams.operations.chasing import settle_next

PROGRAMMES_AT_ONCE = 100
MOST_BATCHES = 50


@shared_task(name="workstreams.plan_chasing")
def plan_chasing(**kwargs: object) -> int:
    """Plans who is asked for a status, where that has changed. After two days down: the next step only, once."""
    settled = 0
    for _ in range(MOST_BATCHES):
        done = settle_next(now=business_now(), limit=PROGRAMMES_AT_ONCE)
        settled += done
        if done < PROGRAMMES_AT_ONCE:
            break
    return settled
