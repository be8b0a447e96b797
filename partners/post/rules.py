from dataclasses import dataclass
from datetime import datetime, time, timedelta

from partners.calendar.rules import (
    ONE_DAY,
    UK,
    WEEKEND,
    BeyondCalendar,
    WorkingCalendar,
    instant,
    words_for_time,
)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The hours (UK time, working days) in which mail that is not urgent goes out; the end is exclusive."""

    opens: time
    closes: time
    calendar: WorkingCalendar

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself while the window is open, else the instant at which it opens next."""
        local = moment.astimezone(UK)
        day = local.date()
        if self._is_worked(local) and local.time() < self.closes:
            return max(moment, instant(day, self.opens))
        day += ONE_DAY
        while not self._is_worked(datetime.combine(day, self.opens)):
            day += ONE_DAY
        return instant(day, self.opens)

    def is_open(self, moment: datetime) -> bool:
        return self.next_open(moment) == moment

    @property
    def words(self) -> str:
        """Reads "9:30am to 4pm on working days, UK time"."""
        return f"{words_for_time(self.opens)} to {words_for_time(self.closes)} on working days, UK time"

    def _is_worked(self, moment: datetime) -> bool:
        """Past the years whose bank holidays are known, every Monday to Friday: mail must not wait for a new list."""
        try:
            return self.calendar.is_working(moment.date())
        except BeyondCalendar:
            return moment.weekday() not in WEEKEND


def one_line(text: str) -> str:
    """The text with every run of white space and control characters as one space: safe in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before the next attempt: doubled each time up to ``longest``."""

    first: timedelta
    longest: timedelta

    def next_attempt(
        self, *, now: datetime, attempts: int, spread: float, valid_until: datetime | None
    ) -> datetime | None:
        """When to try again, or None when that is too late to be useful.

        ``attempts`` counts those made, ``spread`` is a random number from 0 to 1 that moves the wait by up to a half
        either way. A wait that would end after ``valid_until`` is cut to half of the time that is left.
        """
        wait = min(self.first * 2 ** min(attempts - 1, 20), self.longest) * (0.5 + spread)
        if valid_until is None or now + wait < valid_until:
            return now + wait
        left = valid_until - now
        return now + left / 2 if left > self.first else None
