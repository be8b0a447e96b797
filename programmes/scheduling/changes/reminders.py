from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from programmes.reminders.changes import settle_reminders
from programmes.reminders.rules import Within
from programmes.scheduling.queries.reminders import KIND

SETTLED = "The gate was decided, or is planned for another day."


def settle_gate_reminders(programme_ids: Iterable[UUID], *, now: datetime) -> int:
    """The last part of an act that decides a gate, moves the start of a stage, or changes which stage is next."""
    return settle_reminders(KIND, Within(programme_ids=frozenset(programme_ids)), now=now, reason=SETTLED)
