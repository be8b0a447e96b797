"""Offices and who holds them, by day. All days are inclusive; an empty one is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date

TITLE_LENGTH = 200
NAME_LENGTH = 200
SOURCE_LENGTH = 200
EARLIEST_ON, LATEST_ON = date(1800, 1, 1), date(2099, 12, 31)
ONE_DAY = timedelta(days=1)


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

    @property
    def words(self) -> str:
        """Reads "from Wednesday 1 May 2024 to …", "until …" or "from a day that is not on record"."""
        start = f"from {words_for_date(self.from_on)}" if self.from_on else ""
        end = f"{'to' if start else 'until'} {words_for_date(self.to_on)}" if self.to_on else ""
        return " ".join(part for part in (start, end) if part) or "from a day that is not on record"


class Held(Protocol):
    """One holding of an office."""

    holder_name: str

    @property
    def days(self) -> Days: ...


Holding = TypeVar("Holding", bound=Held)


@dataclass(frozen=True, slots=True)
class Tenure(Generic[Holding]):
    """A time in the life of an office; without a ``holding`` it was vacant."""

    days: Days
    holding: Holding | None


def held_on(exists: Days, holdings: Iterable[Holding], day: date) -> Holding | None:
    """Who held the office on a day; None on a day without a holder, or on which there was no such office."""
    if not exists.holds(day):
        return None
    return next((holding for holding in holdings if holding.days.holds(day)), None)


def tenures(exists: Days, holdings: Iterable[Holding]) -> list[Tenure[Holding]]:
    """The life of an office, the latest first: its holders, and its vacancies where both ends are known or open."""
    found: list[Tenure[Holding]] = []
    free_from = exists.from_on
    for holding in sorted(holdings, key=lambda each: each.days.from_on or date.min):
        starts = holding.days.from_on
        if free_from and starts and free_from < starts:
            found.append(Tenure(Days(free_from, starts - ONE_DAY), None))
        found.append(Tenure(holding.days, holding))
        free_from = holding.days.to_on + ONE_DAY if holding.days.to_on else None
    if free_from and exists.holds(free_from):
        found.append(Tenure(Days(free_from, exists.to_on), None))
    return found[::-1]


def check_days(days: Days, *, first: str, last: str) -> None:
    """Raises: Refused at the field ``first`` or ``last`` for a year that must be a slip, or days out of order."""
    for day, field in ((days.from_on, first), (days.to_on, last)):
        if day is not None and not EARLIEST_ON <= day <= LATEST_ON:
            raise Refused(
                f"The day must be between {EARLIEST_ON.year} and {LATEST_ON.year}. Check the year.", field=field
            )
    if days.from_on and days.to_on and days.to_on < days.from_on:
        raise Refused(
            f"The last day comes before the first, {words_for_date(days.from_on)}. Choose that day or a later one.",
            field=last,
        )


def check_holding(office: str, exists: Days, days: Days, others: Iterable[Held]) -> None:
    """Raises: Refused at ``from_on`` or ``to_on`` for days out of order, outside the life of the office, or on which
    one of the ``others`` holds it.
    """
    check_days(days, first="from_on", last="to_on")
    for day, field in ((days.from_on, "from_on"), (days.to_on, "to_on")):
        if day is not None and not exists.holds(day):
            raise Refused(
                f"{nobody_words(office, exists, day)} Choose a day on which there is this office.", field=field
            )
    for other in others:
        if days.overlaps(other.days):
            raise Refused(
                f"{other.holder_name} holds this office {other.days.words}. It has one holder at a time: end that "
                "holding earlier, or choose other days.",
                field="from_on",
            )


def check_life(exists: Days, holdings: Iterable[Held]) -> None:
    """Raises: Refused at ``established_on`` or ``abolished_on`` for days out of order or that cut off a holding."""
    check_days(exists, first="established_on", last="abolished_on")
    for holding in holdings:
        for day in (holding.days.from_on, holding.days.to_on):
            if day is not None and not exists.holds(day):
                raise Refused(
                    f"{holding.holder_name} holds this office {holding.days.words}. Choose days that include it, or "
                    "correct that first.",
                    field="established_on" if exists.from_on and day < exists.from_on else "abolished_on",
                )


def check_decided(days: Days, decided_on: Sequence[date], *, first: str, last: str) -> None:
    """Raises: Refused at the field ``first`` or ``last`` when a decision was taken on a day that would fall outside."""
    for day in sorted(decided_on):
        if not days.holds(day):
            raise Refused(
                f"A decision was taken on {words_for_date(day)}, and what was decided stays. Choose days that include it.",
                field=first if days.from_on and day < days.from_on else last,
            )


def nobody_words(office: str, exists: Days, day: date, *, successor: str = "") -> str:
    """Why nobody holds the office on a day: not yet there, no longer there, or vacant."""
    said = words_for_date(day)
    if exists.from_on and day < exists.from_on:
        return f"{office} was established on {words_for_date(exists.from_on)}: there was none on {said}."
    if exists.to_on and day > exists.to_on:
        followed = f" Its successor is {successor}." if successor else ""
        return f"{office} was abolished on {words_for_date(exists.to_on)}: there is none on {said}.{followed}"
    return f"{office} is vacant on {said}: nobody is on record as its holder."
