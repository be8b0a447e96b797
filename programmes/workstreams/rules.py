"""When a status is due, who is silent, and what many workstreams say together. Plain values in, plain values out."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import count, islice, pairwise

from partners.audit.rules import Refused
from partners.calendar.rules import ONE_DAY, BeyondCalendar, WorkingCalendar
from partners.clock.rules import instant, local_date, words_for_age, words_for_date
from partners.people.rules.typed import lines

COVERAGE_FLOOR = Fraction(1, 2)  # below this share of reports, what they say together is not known
DUE_SOON = timedelta(days=7)
YEAR_AHEAD = timedelta(days=365)
NAME_LENGTH = 200
DESCRIPTION_LENGTH = 2000
CHANGED_LENGTH = 2000
NEXT_STEPS_LENGTH = 2000
ASK_LENGTH = 1000
REASON_LENGTH = 300
NOTHING_CHANGED = "Nothing has changed since the last report."
MONTHLY = "monthly"
NO_ASK = "none"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Standing(StrEnum):
    """Whether a workstream has said what it owes."""

    REPORTED = "reported"
    SILENT = "silent"
    NOT_DUE = "not_due"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return {"reported": "Reported", "silent": "Silent", "not_due": "Not due yet", "closed": "Closed"}[self.value]


class Overall(StrEnum):
    """What several workstreams say together; ``ENDED`` for a programme that has ended, whatever they say."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    AMBER_OR_WORSE = "amber_or_worse"
    NOT_KNOWN = "not_known"
    NOT_DUE = "not_due"
    NONE = "none"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return {
            "green": "On track",
            "amber": "At risk",
            "red": "Off track",
            "amber_or_worse": "At risk or worse",
            "not_known": "Not known",
            "not_due": "Not due yet",
            "none": "No workstreams",
            "ended": "Ended",
        }[self.value]

    @property
    def badness(self) -> int:
        """0 to 2. What is not known counts as bad as the worst that it may hide, so silence never looks better."""
        return _BADNESS.get(self, 0)


_BADNESS = {Overall.AMBER: 1, Overall.RED: 2, Overall.AMBER_OR_WORSE: 2, Overall.NOT_KNOWN: 2}


@dataclass(frozen=True, slots=True)
class ReportingPattern:
    """A report on every such weekday (0 is Monday), or on the last one of each month."""

    frequency: str
    weekday: int

    @property
    def words(self) -> str:
        name = WEEKDAYS[self.weekday]
        return f"The last {name} of every month" if self.frequency == MONTHLY else f"Every {name}"


@dataclass(frozen=True, slots=True)
class ReportingDay:
    """A day on which reports are due; ``reason`` says why it is not the ``nominal_on`` of the pattern."""

    nominal_on: date
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReportingDays:
    """The last two reporting days that are over, and the next one (today, while today is one)."""

    previous_on: date
    last_on: date
    next_on: date

    @property
    def previous_deadline(self) -> datetime:
        return end_of(self.previous_on)

    @property
    def last_deadline(self) -> datetime:
        return end_of(self.last_on)

    @property
    def next_deadline(self) -> datetime:
        return end_of(self.next_on)


def end_of(day: date) -> datetime:
    """The local midnight that ends the day."""
    return instant(day + ONE_DAY, time.min)


@dataclass(frozen=True)
class ReportingRule:
    """The pattern and the calendar by which its days move."""

    pattern: ReportingPattern
    calendar: WorkingCalendar

    def around(self, now: datetime) -> ReportingDays:
        return reporting_days_around(now, self.pattern, self.calendar)

    def latest(self, now: datetime, *, over: int) -> list[date]:
        return latest_reporting_days(now, self.pattern, self.calendar, over=over)

    def between(self, first: date, last: date) -> list[ReportingDay]:
        return reporting_days_between(first, last, self.pattern, self.calendar)


def reporting_days_around(now: datetime, pattern: ReportingPattern, calendar: WorkingCalendar) -> ReportingDays:
    """The reporting days about an instant. At local midnight the day that ends is over.

    A day that is not worked moves to the working day before. A week (or month) in which no such day is worked has no
    reporting day. Beyond the years that the calendar knows, the day of the pattern stands.
    """
    previous_on, last_on, next_on = latest_reporting_days(now, pattern, calendar, over=2)
    return ReportingDays(previous_on=previous_on, last_on=last_on, next_on=next_on)


def latest_reporting_days(
    now: datetime, pattern: ReportingPattern, calendar: WorkingCalendar, *, over: int
) -> list[date]:
    """So many reporting days that are over, and the next one; oldest first."""
    today = local_date(now)
    here = _period(pattern, today)
    # The next period's day may have moved back to before today.
    past = (day.on for day in _days(pattern, calendar, here + 1, step=-1) if day.on < today)
    next_on = next(day.on for day in _days(pattern, calendar, here) if day.on >= today)
    return [*reversed(list(islice(past, over))), next_on]


def reporting_days_between(
    first: date, last: date, pattern: ReportingPattern, calendar: WorkingCalendar
) -> list[ReportingDay]:
    """The reporting days from ``first`` to ``last`` (both inclusive), oldest first."""
    found: list[ReportingDay] = []
    for day in _days(pattern, calendar, _period(pattern, first)):
        if day.on > last:
            return found
        if day.on >= first:
            found.append(day)
    return found


def standing_of(
    *,
    started_at: datetime,
    reported_at: datetime | None,
    days: ReportingDays,
    closed_at: datetime | None = None,
    reopened_at: datetime | None = None,
) -> Standing:
    """Silent when nothing was reported since the reporting day before the last one that is over.

    ``queries.with_standing`` says the same in SQL.
    """
    if closed_at is not None:
        return Standing.CLOSED
    if reported_at is not None and reported_at > days.previous_deadline:
        return Standing.REPORTED
    if max(started_at, reopened_at or started_at) >= days.last_deadline:
        return Standing.NOT_DUE
    return Standing.SILENT


@dataclass(frozen=True, slots=True)
class Rollup:
    """How many open workstreams said what, and what they say together."""

    red: int = 0
    amber: int = 0
    green: int = 0
    silent: int = 0
    not_due: int = 0

    @property
    def reported(self) -> int:
        return self.red + self.amber + self.green

    @property
    def due(self) -> int:
        return self.reported + self.silent

    @property
    def overall(self) -> Overall:
        """The worst that was said; never better than what silence may hide; green only when all that are due say so."""
        if self.red:
            return Overall.RED
        if not self.due:
            return Overall.NOT_DUE if self.not_due else Overall.NONE
        if self.reported * COVERAGE_FLOOR.denominator < self.due * COVERAGE_FLOOR.numerator:
            return Overall.NOT_KNOWN
        if self.silent:
            return Overall.AMBER_OR_WORSE
        return Overall.AMBER if self.amber else Overall.GREEN

    @property
    def coverage_words(self) -> str:
        """Reads "9 of 11 reported, 2 silent, 1 not due yet"."""
        if not (self.due or self.not_due):
            return "No workstreams"
        words = [f"{self.reported} of {self.due} reported"] if self.due else []
        words += [f"{self.silent} silent"] if self.silent else []
        words += [f"{self.not_due} not due yet"] if self.not_due else []
        return ", ".join(words)

    @property
    def worst_first(self) -> tuple[int, int, int, int]:
        """A key for sorting: the lowest needs most attention."""
        return (-self.overall.badness, -self.red, -self.silent, -self.amber)

    def __add__(self, other: "Rollup") -> "Rollup":
        return Rollup(
            red=self.red + other.red,
            amber=self.amber + other.amber,
            green=self.green + other.green,
            silent=self.silent + other.silent,
            not_due=self.not_due + other.not_due,
        )


def rollup_of(shown: Collection[str]) -> Rollup:
    """Counts what each workstream shows: its rating if it reported, else its standing. Closed ones do not count."""
    said = list(shown)
    return Rollup(**{key: said.count(key) for key in ("red", "amber", "green", "silent", "not_due")})


def words_for_ago(moment: datetime, now: datetime) -> str:
    """Reads "today", "6 days ago"; counts midnights in the UK, not hours."""
    return words_for_age((local_date(now) - local_date(moment)).days)


def words_for_standing(standing: str, *, last_rating: str | None, reported_at: datetime | None, now: datetime) -> str:
    """What stands beside the mark: "6 days ago"; for a silent one "last said: On track, 5 weeks ago"."""
    if reported_at is None:
        return "nothing reported yet"
    ago = words_for_ago(reported_at, now)
    return ago if standing == Standing.REPORTED else f"last said: {last_rating}, {ago}"


def words_for_due(standing: str, days: ReportingDays) -> str:
    """Reads "Silent since the end of Friday 11 September 2026" or "Due by the end of Friday 18 September 2026"."""
    if standing == Standing.SILENT:
        return f"Silent since the end of {words_for_date(days.last_on)}"
    return f"Due by the end of {words_for_date(days.next_on)}"


@dataclass(frozen=True, slots=True)
class Said:
    """A rating that stands, and when it was reported."""

    rating: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class TrendMark:
    """What a workstream showed at the end of a reporting day: a rating, or silence."""

    on: date
    shown: str


def trend_of(
    said: Sequence[Said],
    days: Sequence[date],
    *,
    now: datetime,
    started_at: datetime,
    reopened_at: datetime | None = None,
    closed_at: datetime | None = None,
) -> list[TrendMark]:
    """One mark per reporting day, oldest first. ``days`` begins with the day before the first mark's.

    The mark is the last rating reported since the reporting day before. A day that has not ended has a mark once
    there is a report for it; days before the start or the reopening and after the closing have none but a report's.
    """
    marks = []
    owed_from = max(started_at, reopened_at or started_at)
    for before, day in pairwise(days):
        since, until = end_of(before), end_of(day)
        in_period = [one for one in said if since < one.said_at <= until]
        if in_period:
            marks.append(TrendMark(day, max(in_period, key=lambda one: one.said_at).rating))
        elif owed_from < until <= now and (closed_at is None or until <= closed_at):
            marks.append(TrendMark(day, Standing.SILENT))
    return marks


@dataclass(frozen=True, slots=True)
class ReportText:
    """The words of a report, cleaned."""

    changed: str
    next_steps: str
    ask: str


def report_text(*, changed: str, next_steps: str, ask_kind: str, ask: str) -> ReportText:
    """Raises: Refused for text that is missing, too long or holds control characters, and for an ask without words or
    words without a kind."""
    text = ReportText(
        changed=lines(changed, limit=CHANGED_LENGTH, field="changed", named="what changed", required=True),
        next_steps=lines(next_steps, limit=NEXT_STEPS_LENGTH, field="next_steps", named="the next steps"),
        ask=lines(ask, limit=ASK_LENGTH, field="ask", named="what you need"),
    )
    if ask_kind == NO_ASK and text.ask:
        raise Refused("You wrote what you need. Choose what kind of help it is, or clear the text.", field="ask_kind")
    if ask_kind != NO_ASK and not text.ask:
        raise Refused("Say what you need and by when, or choose that you need nothing.", field="ask")
    return text


def _days(
    pattern: ReportingPattern, calendar: WorkingCalendar, period: int, *, step: int = 1
) -> Iterator[ReportingDay]:
    for number in count(period, step):
        day = _day(pattern, calendar, number)
        if day:
            yield day


def _day(pattern: ReportingPattern, calendar: WorkingCalendar, period: int) -> ReportingDay | None:
    nominal_on, before = _nominal(pattern, period), _nominal(pattern, period - 1)
    try:
        reason = calendar.reason_closed(nominal_on)
        day = nominal_on
        while day > before:
            if calendar.is_working(day):
                return ReportingDay(nominal_on, day, reason)
            day -= ONE_DAY
    except BeyondCalendar:
        return ReportingDay(nominal_on, nominal_on)
    return None


def _period(pattern: ReportingPattern, day: date) -> int:
    """The number of the week (or month) of a day; consecutive ones have consecutive numbers."""
    if pattern.frequency == MONTHLY:
        return day.year * 12 + day.month - 1
    return (day.toordinal() - 1) // 7


def _nominal(pattern: ReportingPattern, period: int) -> date:
    if pattern.frequency != MONTHLY:
        return date.fromordinal(period * 7 + 1 + pattern.weekday)
    year, month = divmod(period + 1, 12)
    last = date(year, month + 1, 1) - ONE_DAY
    return last - timedelta(days=(last.weekday() - pattern.weekday) % 7)
