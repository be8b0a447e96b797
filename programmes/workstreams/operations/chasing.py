from datetime import datetime

from django.db import transaction

from programmes.workstreams.changes.chasing import settle_chasing_of
from programmes.workstreams.queries.chasing import chase


@transaction.atomic(durable=True)
def settle_next(*, now: datetime, limit: int) -> int:
    """Settle the chase where it is not settled, in at most so many programmes; returns in how many. Not an act.

    Opens ladders and takes their steps as time passes, and follows whatever nobody settled: roles, leave, closures, the
    reporting day, people who left. Only reads where nothing has changed.
    """
    found = sorted(chase(now=now).settlement.programme_ids)[:limit]
    if found:
        settle_chasing_of(found, now=now)
    return len(found)
