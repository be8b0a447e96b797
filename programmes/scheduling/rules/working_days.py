"""Working days of plans, which reach further than the known bank holidays. Pure: a calendar in, days out."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from partners.audit.rules import Refused
from partners.calendar.rules import ONE_DAY, WEEKEND, ClosedDays, WorkingCalendar
from partners.people.rules.typed import EARLIEST_ON, LATEST_ON


@dataclass(frozen=True)
class PlanDays:
    """Which days of a plan are worked. Outside the years whose bank holidays are known, every weekday is."""

    calendar: WorkingCalendar

    def reason_closed(self, day: date) -> str | None:
        """Why the day is not worked, or None for a working day."""
        if self.calendar.first_known_on <= day <= self.calendar.last_known_on:
            return self.calendar.reason_closed(day)
        return f"{day:%A}" if day.weekday() in WEEKEND else None

    def is_working(self, day: date) -> bool:
        return self.reason_closed(day) is None

    def on_or_after(self, day: date) -> date:
        """The day itself if worked, else the next working day.

        Raises: Refused beyond the last year that a plan may reach.
        """
        return self._at(bisect_left(self._worked, day.toordinal()))

    def next_after(self, day: date) -> date:
        """The first working day after the day."""
        return self.on_or_after(day + ONE_DAY)

    def count(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both inclusive; 0 when out of order."""
        there = bisect_right(self._worked, last.toordinal()) - bisect_left(self._worked, first.toordinal())
        return max(there, 0)

    def last_of(self, first: date, working_days: int) -> date:
        """The last of so many working days (at least one) of which the first is on ``first`` or after it."""
        return self._at(bisect_left(self._worked, first.toordinal()) + max(working_days, 1) - 1)

    def between(self, planned: date, actual: date) -> int:
        """Working days by which ``actual`` lies after ``planned``; negative when before."""
        if actual >= planned:
            return self.count(planned + ONE_DAY, actual)
        return -self.count(actual + ONE_DAY, planned)

    @cached_property
    def _worked(self) -> tuple[int, ...]:
        return _worked(tuple(self.calendar.holidays), self.calendar.closures)

    def _at(self, place: int) -> date:
        if place >= len(self._worked):
            raise Refused(f"The plan would reach beyond {LATEST_ON.year}. Choose an earlier day.")
        return date.fromordinal(self._worked[place])


@lru_cache(maxsize=8)
def _worked(holidays: tuple[date, ...], closures: tuple[ClosedDays, ...]) -> tuple[int, ...]:
    """Ordinals of every working day that a plan can reach, in order."""
    closed = {day.toordinal() for day in holidays}
    closed |= {day for closure in closures for day in _ordinals(closure)}
    every = range(EARLIEST_ON.toordinal(), LATEST_ON.toordinal() + 1)
    return tuple(day for day in every if date.fromordinal(day).weekday() not in WEEKEND and day not in closed)


def _ordinals(closure: ClosedDays) -> range:
    return range(closure.first_on.toordinal(), closure.last_on.toordinal() + 1)


def working_days_words(count: int) -> str:
    """Reads "1 working day" or "3 working days"."""
    return f"{count} working day{'' if count == 1 else 's'}"
