"""Whether a workstream has said what it owes."""

from datetime import date, datetime
from enum import StrEnum

from partners.clock.rules import local_date, words_for_age, words_for_date
from programmes.workstreams.rules.periods import ReportingDays


class Standing(StrEnum):
    """Whether a workstream has said what it owes."""

    REPORTED = "reported"
    LATE = "late"
    SILENT = "silent"
    WITHHELD = "withheld"
    EXEMPT = "exempt"
    NOT_DUE = "not_due"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return "Not due yet" if self is Standing.NOT_DUE else self.value.capitalize()


class ReportState(StrEnum):
    """Where the report stands that is due, or was due last while it may still be made up for."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    LATE = "late"
    EXEMPT = "exempt"
    WITHHELD = "withheld"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


def standing_of(
    *,
    started_at: datetime,
    period_on: date | None,
    days: ReportingDays,
    exception: str | None = None,
    is_kept_back: bool = False,
    closed_at: datetime | None = None,
    reopened_at: datetime | None = None,
) -> Standing:
    """``period_on`` is the reporting day of its latest report; ``exception`` the kind of the one that covers the last
    reporting day that is over; ``is_kept_back`` when one withholds that report. Whoever reported nothing for that day is
    late for two working days, then silent.

    ``queries.with_standing`` says the same in SQL.
    """
    if closed_at is not None:
        return Standing.CLOSED
    if exception:
        return Standing(exception)
    if period_on is not None and period_on >= days.last_on:
        return Standing.WITHHELD if is_kept_back else Standing.REPORTED
    if not owes(days, started_at=started_at, reopened_at=reopened_at):
        return Standing.NOT_DUE
    return Standing.LATE if days.is_in_grace else Standing.SILENT


def owes(days: ReportingDays, *, started_at: datetime, reopened_at: datetime | None) -> bool:
    """It was there when the last reporting day ended."""
    return max(started_at, reopened_at or started_at) < days.last_deadline


def covers(from_on: date | None, to_on: date | None, day: date) -> bool:
    """An exception from one reporting day to another (both inclusive) counts for the day."""
    return from_on is not None and to_on is not None and from_on <= day <= to_on


def words_for_ago(moment: datetime, now: datetime) -> str:
    """Reads "today", "6 days ago"; counts midnights in the UK, not hours."""
    return words_for_age((local_date(now) - local_date(moment)).days)


def words_for_standing(standing: str, *, last_rating: str | None, reported_at: datetime | None, now: datetime) -> str:
    """What stands beside the mark: "6 days ago"; for a silent one "last said: On track, 5 weeks ago". What is withheld
    is not told."""
    if reported_at is None:
        return "nothing reported yet"
    ago = words_for_ago(reported_at, now)
    if standing == Standing.WITHHELD:
        return f"last reported {ago}"
    return ago if standing == Standing.REPORTED else f"last said: {last_rating}, {ago}"


def words_for_due(standing: str, days: ReportingDays) -> str:
    """Reads "Silent since the end of Friday 11 September 2026" or "Due by the end of Friday 18 September 2026"."""
    if standing == Standing.SILENT:
        return f"Silent since the end of {words_for_date(days.last_on)}"
    if standing == Standing.LATE:
        return f"Late since the end of {words_for_date(days.last_on)}"
    return f"Due by the end of {words_for_date(days.next_on)}"
