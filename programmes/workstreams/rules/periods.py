"""On which days reports are due, and for which of them a report is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count, islice
from uuid import UUID

from partners.calendar.rules import ONE_DAY, WEEKEND, BeyondCalendar, WorkingCalendar
from partners.clock.rules import instant, local_date

GRACE = 2  # working days after a reporting day in which a report for it is late and not missing
YEAR_AHEAD = timedelta(days=365)
FORTNIGHTLY, MONTHLY = "fortnightly", "monthly"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class ReportingPattern:
    """A report on every such weekday (0 is Monday), on every second one or on the last one of each month.

    ``first_on`` lies in one of the weeks in which a fortnightly report is due.
    """

    frequency: str
    weekday: int
    first_on: date | None = None

    @property
    def words(self) -> str:
        name = WEEKDAYS[self.weekday]
        if self.frequency == MONTHLY:
            return f"The last {name} of every month"
        return f"Every second {name}" if self.frequency == FORTNIGHTLY else f"Every {name}"


@dataclass(frozen=True, slots=True)
class ReportingDay:
    """A day on which reports are due; ``reason`` says why it is not the ``nominal_on`` of the pattern."""

    nominal_on: date
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReportingDays:
    """The last two reporting days that are over, and the next one (today, while today is one).

    ``grace_on`` is the last day on which a report for ``last_on`` is late and not missing; ``is_in_grace`` until its end.
    """

    previous_on: date
    last_on: date
    next_on: date
    grace_on: date
    is_in_grace: bool

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


def period_for(
    days: ReportingDays, current_period_on: date | None, now: datetime, *, owes_last: bool = True
) -> tuple[date, bool]:
    """The reporting day that a report made now reports for, and whether it is late.

    It makes up for the last day that is over while the grace of that lasts; else it is for the next one.
    ``owes_last`` is False for a workstream that owed nothing for the last one: it started since, or is exempt.
    """
    has_last = current_period_on is not None and current_period_on >= days.last_on
    if owes_last and not has_last and now < end_of(days.grace_on):
        return days.last_on, True
    return days.next_on, False


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

    def grace_after(self, day: date) -> date:
        return last_day_of_grace(day, self.calendar)


@dataclass(frozen=True, eq=False)
class ReportingBook:
    """The rule of every portfolio at one time: ``usual`` for those that have chosen nothing of their own, by the scope
    of the portfolio for the others. Two books are equal while their days are."""

    now: datetime
    usual: ReportingRule
    chosen: Mapping[UUID, ReportingRule] = field(default_factory=dict)

    def rule_of(self, portfolio_scope_id: UUID | None) -> ReportingRule:
        return self.chosen.get(portfolio_scope_id, self.usual) if portfolio_scope_id else self.usual

    def days_of(self, portfolio_scope_id: UUID | None) -> ReportingDays:
        return self._days.get(portfolio_scope_id, self.usual_days) if portfolio_scope_id else self.usual_days

    @cached_property
    def usual_days(self) -> ReportingDays:
        return self.usual.around(self.now)

    @cached_property
    def groups(self) -> tuple[tuple[ReportingDays, tuple[UUID, ...]], ...]:
        """The days that differ from the usual ones, with the scopes of the portfolios that have them."""
        found: dict[ReportingDays, list[UUID]] = {}
        for scope_id, days in sorted(self._days.items()):
            if days != self.usual_days:
                found.setdefault(days, []).append(scope_id)
        return tuple((days, tuple(scopes)) for days, scopes in found.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReportingBook) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self.usual_days, self.groups

    @cached_property
    def _days(self) -> dict[UUID, ReportingDays]:
        return {scope_id: rule.around(self.now) for scope_id, rule in self.chosen.items()}


def reporting_days_around(now: datetime, pattern: ReportingPattern, calendar: WorkingCalendar) -> ReportingDays:
    """The reporting days about an instant. At local midnight the day that ends is over.

    A day that is not worked moves to the working day before. A week (or month) in which no such day is worked has no
    reporting day. Beyond the years that the calendar knows, the day of the pattern stands.
    """
    previous_on, last_on, next_on = latest_reporting_days(now, pattern, calendar, over=2)
    grace_on = last_day_of_grace(last_on, calendar)
    return ReportingDays(previous_on, last_on, next_on, grace_on, is_in_grace=now < end_of(grace_on))


def last_day_of_grace(day: date, calendar: WorkingCalendar) -> date:
    """Two working days after a reporting day; beyond the years that the calendar knows, two weekdays."""
    try:
        return calendar.add(day, GRACE)
    except BeyondCalendar:
        weekdays = (day + timedelta(days=n) for n in count(1))
        return next(islice((one for one in weekdays if one.weekday() not in WEEKEND), GRACE - 1, None))


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
    """The number of the week, fortnight or month of a day; consecutive ones have consecutive numbers."""
    if pattern.frequency == MONTHLY:
        return day.year * 12 + day.month - 1
    week = _week(day)
    return (week - _week(pattern.first_on)) // 2 if pattern.frequency == FORTNIGHTLY and pattern.first_on else week


def _nominal(pattern: ReportingPattern, period: int) -> date:
    if pattern.frequency == MONTHLY:
        year, month = divmod(period + 1, 12)
        last = date(year, month + 1, 1) - ONE_DAY
        return last - timedelta(days=(last.weekday() - pattern.weekday) % 7)
    week = _week(pattern.first_on) + 2 * period if pattern.frequency == FORTNIGHTLY and pattern.first_on else period
    return date.fromordinal(week * 7 + 1 + pattern.weekday)


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7
