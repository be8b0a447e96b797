"""What says that a loop still runs."""

from django.db import transaction

from partners.post.enums import Loop
from partners.post.models import Heartbeat
from partners.post.queries import DatabaseClock

NOTE_LENGTH = 300


@transaction.atomic(durable=True)
def beat(loop: Loop, *, run_ms: int, note: str = "") -> None:
    """Record that the loop has just run to its end, for how long, and what it did; one statement."""
    beats = Heartbeat(loop=loop, beaten_at=DatabaseClock(), run_ms=run_ms, note=note[:NOTE_LENGTH])
    Heartbeat.objects.bulk_create(
        [beats], update_conflicts=True, unique_fields=["loop"], update_fields=["beaten_at", "run_ms", "note"]
    )
