"""Offices and who holds them, by day. All days are inclusive; an empty one is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date

EARLIEST_ON, LATEST_ON = date(1800, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another."""

    from_on: date | None
    to_on: date | None

    def holds(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)

    def overlaps(self, other: "Days") -> bool:
        return (self.from_on is None or other.to_on is None or self.from_on <= other.to_on) and (
            other.from_on is None or self.to_on is None or other.from_on <= self.to_on
        )

    def lies_in(self, other: "Days") -> bool:
        """Whether no day that is given lies outside; an open end is cut off by the other's."""
        given = [day for day in (self.from_on, self.to_on) if day is not None]
        return all(other.holds(day) for day in given)

    @property
    def words(self) -> str:
        """Reads "from 1 May 2024 to 3 June 2024", "until 3 June 2024" or "from a day not on record"."""
        start = f"from {words_for_date(self.from_on)}" if self.from_on else ""
        end = f"{'to' if start else 'until'} {words_for_date(self.to_on)}" if self.to_on else ""
        return " ".join(part for part in (start, end) if part) or "from a day not on record"


def check_days(days: Days, *, first: str, last: str, named: str) -> None:
    """Raises: Refused at the field ``first`` or ``last`` for a year that must be a slip or days out of order."""
    for day, field in ((days.from_on, first), (days.to_on, last)):
        if day is not None and not EARLIEST_ON <= day <= LATEST_ON:
            raise Refused(
                f"The day must be between {EARLIEST_ON.year} and {LATEST_ON.year}. Check the year.", field=field
            )
    if days.from_on and days.to_on and days.to_on < days.from_on:
        raise Refused(
            f"{named} starts on {words_for_date(days.from_on)}. Choose that day or a later one, or change the first day.",
            field=last,
        )


def check_decided(days: Days, decided_on: Iterable[date], *, field: str, named: str) -> None:
    """Raises: Refused at ``field`` when a decision was taken on a day that would fall outside."""
    outside = sorted(day for day in decided_on if not days.holds(day))
    if outside:
        raise Refused(
            f"A decision of {words_for_date(outside[0])} rests on {named}. Choose days that include it.", field=field
        )


def nobody_words(office: str, exists: Days, day: date, *, successor: str = "") -> str:
    """Why nobody holds the office on a day: not yet there, no longer there, or vacant."""
    said = words_for_date(day)
    if exists.from_on and day < exists.from_on:
        return f"{office} was established on {words_for_date(exists.from_on)}, so nobody held it on {said}."
    if exists.to_on and day > exists.to_on:
        followed = f" {successor} succeeded it." if successor else ""
        return f"{office} was abolished on {words_for_date(exists.to_on)}, so nobody held it on {said}.{followed}"
    return f"{office} was vacant on {said}."
