"""Working days, bank holidays, financial years, and days looked back on. Plain values in, plain values out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property

from govuk_bank_holidays.bank_holidays import BankHolidays

from partners.audit.rules import Refused
from partners.clock.rules import end_of_day, local_date, words_for_date, words_for_days
from partners.people.rules.typed import check_day

ONE_DAY = timedelta(days=1)
WEEKEND = (5, 6)
FIRST_DAY_OF_YEAR = (4, 1)  # month and day
EARLIEST_YEAR, LATEST_YEAR = 2000, 2098
# Source: Banking and Financial Dealings Act 1971 and proclamations for 2011; the package begins in 2012.
BANK_HOLIDAYS_2011 = {
    date(2011, 1, 3): "New Year's Day",
    date(2011, 4, 22): "Good Friday",
    date(2011, 4, 25): "Easter Monday",
    date(2011, 4, 29): "Royal wedding",
    date(2011, 5, 2): "Early May bank holiday",
    date(2011, 5, 30): "Spring bank holiday",
    date(2011, 8, 29): "Summer bank holiday",
    date(2011, 12, 26): "Boxing Day",
    date(2011, 12, 27): "Christmas Day",
}


class BeyondCalendar(Refused):
    """The date lies outside the years for which bank holidays are known."""


@cache
def bank_holidays() -> dict[date, str]:
    """Bank holidays of England and Wales by date. Source: gov.uk/bank-holidays, as cached in the package."""
    rows = BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)
    return BANK_HOLIDAYS_2011 | {
        row["date"]: row["title"].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for row in rows
    }


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """A closure of the organisation; both days inclusive."""

    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked. Refuses to answer outside the years it knows."""

    holidays: dict[date, str] = field(default_factory=bank_holidays)
    closures: tuple[ClosedDays, ...] = ()

    @cached_property
    def first_known_on(self) -> date:
        return date(min(self.holidays).year, 1, 1)

    @cached_property
    def last_known_on(self) -> date:
        return max(self.holidays)

    def reason_closed(self, day: date) -> str | None:
        """Why the day is not worked ("Saturday", "Good Friday", a closure's name), or None for a working day.

        Raises: BeyondCalendar outside the known years.
        """
        if not self.first_known_on <= day <= self.last_known_on:
            raise BeyondCalendar(
                f"Bank holidays are known from {words_for_date(self.first_known_on)} to "
                f"{words_for_date(self.last_known_on)}. Choose a date within those years."
            )
        if day.weekday() in WEEKEND:
            return f"{day:%A}"
        if day in self.holidays:
            return self.holidays[day]
        return next((c.name for c in self.closures if c.first_on <= day <= c.last_on), None)

    def is_working(self, day: date) -> bool:
        return self.reason_closed(day) is None

    def on_or_after(self, day: date) -> date:
        """The day itself if worked, else the next working day."""
        return self._walk(day, ONE_DAY, self.is_working)

    def on_or_before(self, day: date) -> date:
        """The day itself if worked, else the working day before it."""
        return self._walk(day, -ONE_DAY, self.is_working)

    def add(self, day: date, working_days: int) -> date:
        """The working day that many working days after (before, if negative) the day."""
        step = ONE_DAY if working_days >= 0 else -ONE_DAY
        for _ in range(abs(working_days)):
            day = self._walk(day + step, step, self.is_working)
        return day

    def count(self, first: date, end: date) -> int:
        """Working days from ``first`` (inclusive) to ``end`` (exclusive); 0 when out of order."""
        return sum(self.is_working(first + timedelta(days=n)) for n in range((end - first).days))

    @staticmethod
    def _walk(day: date, step: timedelta, stop: Callable[[date], bool]) -> date:
        while not stop(day):
            day += step
        return day


class ClosureRefused(Refused):
    """The days of a closure are out of order, overlap another closure, or lie beyond the calendar."""


def check_closure(closure: ClosedDays, calendar: WorkingCalendar) -> None:
    """May this closure join the calendar, which holds the others?

    Raises: ClosureRefused at the day to mend.
    """
    if closure.last_on < closure.first_on:
        raise ClosureRefused("The last day is before the first. Enter the first day first.", field="last_on")
    for field_name, day in (("first_on", closure.first_on), ("last_on", closure.last_on)):
        if not calendar.first_known_on <= day <= calendar.last_known_on:
            raise ClosureRefused(
                f"Bank holidays are known until {words_for_date(calendar.last_known_on)}. Choose a day before that.",
                field=field_name,
            )
    for other in calendar.closures:
        if other.first_on <= closure.last_on and closure.first_on <= other.last_on:
            raise ClosureRefused(
                f"These days overlap {other.name}, {words_for_days(other.first_on, other.last_on)}. "
                "Change that closure, or choose other days.",
                field="first_on",
            )


def financial_year(day: date) -> str:
    """Reads "2012-13" for 1 April 2012 to 31 March 2013."""
    return words_for_year(year_of(day))


def year_of(day: date) -> int:
    """The year in which the financial year of the day begins: 2012 for 1 April 2012 to 31 March 2013."""
    return day.year if (day.month, day.day) >= FIRST_DAY_OF_YEAR else day.year - 1


def words_for_year(year: int) -> str:
    """Reads "2012-13" for the financial year that begins in 2012."""
    return f"{year}-{(year + 1) % 100:02}"


def words_for_years(first: int, last: int) -> str:
    """Reads "2011-12 to 2014-15", or "2012-13" for one financial year."""
    return words_for_year(first) if first == last else f"{words_for_year(first)} to {words_for_year(last)}"


def first_day_of_year(year: int) -> date:
    """1 April of the year in which the financial year begins."""
    return date(year, *FIRST_DAY_OF_YEAR)


def last_day_of_year(year: int) -> date:
    """31 March, the last day of the financial year that begins in ``year``."""
    return first_day_of_year(year + 1) - ONE_DAY


def parse_year(text: str, *, field: str) -> int:
    """The year in which a financial year such as ``2012-13`` or ``2012/13`` begins.

    Raises: Refused at ``field`` for anything else, two years that do not follow each other, or a year beyond those kept.
    """
    found = re.fullmatch(r"([0-9]{4})[-/\N{EN DASH}]([0-9]{2}|[0-9]{4})", text.strip())
    if found is None:
        raise Refused("Enter a financial year such as 2012-13.", field=field)
    first, second = int(found[1]), found[2]
    if second not in (str(first + 1), f"{(first + 1) % 100:02}"):
        raise Refused(f"A financial year runs into the next one: enter {words_for_year(first)}.", field=field)
    check_year(first, field=field)
    return first


def check_year(year: int, *, field: str) -> None:
    """Raises: Refused at ``field`` for a financial year beyond those that are kept."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise Refused(
            f"Financial years are kept from {words_for_year(EARLIEST_YEAR)} to {words_for_year(LATEST_YEAR)}. "
            "Check the year.",
            field=field,
        )


@dataclass(frozen=True, slots=True)
class AsAt:
    """A day, and the time by which something had to be recorded to be known then."""

    on: date
    known_at: datetime


def as_at(asked: date | None, *, now: datetime) -> AsAt:
    """The day that was asked for, today unless given, from what was known at its end.

    Raises: Refused at ``on`` for a day in the future.
    """
    today = local_date(now)
    if asked is None or asked == today:
        return AsAt(today, now)
    check_day(asked, field="on", named="The day", today=today)
    return AsAt(asked, end_of_day(asked))
