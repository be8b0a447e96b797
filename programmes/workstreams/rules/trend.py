"""What was shown at the end of each of the last reporting days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from programmes.workstreams.rules.periods import end_of
from programmes.workstreams.rules.rollup import Overall
from programmes.workstreams.rules.standing import Standing
from programmes.workstreams.rules.stands import Source, Stands


@dataclass(frozen=True, slots=True)
class Said:
    """A rating that stands, when it was reported, for which reporting day, and whether that was over."""

    rating: str
    said_at: datetime
    period_on: date
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Excepted:
    """An exception for the reporting days from one to another, both inclusive."""

    kind: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class TrendMark:
    """What a workstream showed for a reporting day: a rating, or why there is none. ``is_late``: it came afterwards."""

    on: date
    shown: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeMark:
    """What stood for a programme at the end of a reporting day. ``breaks``: by another source or on another scale than
    the mark before, so that the two do not compare."""

    on: date
    shown: Overall
    source: Source
    scale: str
    breaks: bool


def trend_of(
    said: Sequence[Said],
    days: Sequence[date],
    *,
    now: datetime,
    grace_after: Callable[[date], date],
    started_at: datetime,
    excepted: Sequence[Excepted] = (),
    reopened_at: datetime | None = None,
    closed_at: datetime | None = None,
) -> list[TrendMark]:
    """One mark per reporting day, oldest first. ``days`` begins with the day before the first mark's.

    The mark is the last rating reported for the day. A day that has not ended has a mark once there is a report for
    it; days before the start or the reopening and after the closing have none but a report's.
    """
    marks = []
    owed_from = max(started_at, reopened_at or started_at)
    for before, day in pairwise(days):
        until = end_of(day)
        is_over = until <= now
        exception = next((one for one in excepted if one.from_on <= day <= one.to_on), None)
        for_it = [one for one in said if before < one.period_on <= day]
        if exception and (is_over or (for_it and exception.kind == Standing.WITHHELD)):
            marks.append(TrendMark(day, exception.kind))
        elif for_it:
            last = max(for_it, key=lambda one: one.said_at)
            marks.append(TrendMark(day, last.rating, last.is_late))
        elif owed_from < until and is_over and (closed_at is None or until <= closed_at):
            late = now < end_of(grace_after(day))
            marks.append(TrendMark(day, Standing.LATE if late else Standing.SILENT))
    return marks


def programme_marks(stood: Sequence[tuple[date, Stands]]) -> list[ProgrammeMark]:
    """Marks of the days on which something stood, oldest first; the first breaks nothing."""
    marks: list[ProgrammeMark] = []
    for on, one in stood:
        before = marks[-1] if marks else None
        breaks = before is not None and (before.source, before.scale) != (one.source, one.scale)
        marks.append(ProgrammeMark(on, one.overall, one.source, one.scale, breaks))
    return marks
