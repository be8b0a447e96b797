"""Pounds in whole pence, what a statement may say, and how statements add up. Plain values in, plain values out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import first_day_of_year, words_for_year
from partners.clock.rules import words_for_date

PENCE = 100
MILLION_PENCE = 1_000_000 * PENCE
LARGEST_PENCE = 10_000 * MILLION_PENCE
LONGEST_POUNDS = 30
NOTE_LENGTH = 500


class Part(StrEnum):
    """The parts of a statement; they never overlap."""

    DELIVERED = "delivered"
    EXPECTED = "expected"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The three parts of one statement or of many, in pence."""

    planned_pence: int
    expected_pence: int
    delivered_pence: int

    def part(self, part: Part) -> int:
        pence: int = getattr(self, f"{part}_pence")
        return pence


NOTHING = Amounts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Stated(Amounts):
    """The statement of a saving and a financial year that counts on a day, with where the saving stood then."""

    id: UUID
    saving_id: UUID
    saving: str
    programme_id: UUID
    programme: str
    year: int
    number: int
    confidence: str
    stated_on: date
    source: str
    note: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Move:
    """A saving went from one programme to another."""

    from_programme_id: UUID
    to_programme_id: UUID
    moved_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One amount of a figure: one part of one statement."""

    stated: Stated
    part: Part
    pence: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Which amounts a figure is the sum of; what is not given is not narrowed. ``part`` empty takes all three."""

    part: Part | None = None
    year: int | None = None
    confidence: str = ""
    programme_id: UUID | None = None

    def takes(self, stated: Stated, part: Part) -> bool:
        return (
            self.part in (None, part)
            and self.year in (None, stated.year)
            and self.programme_id in (None, stated.programme_id)
            and (not self.confidence or (part is Part.PLANNED and stated.confidence == self.confidence))
        )

    @property
    def parts(self) -> Iterable[Part]:
        return Part if self.part is None else (self.part,)


def parse_pounds(text: str, *, field: str, named: str = "the amount") -> int:
    """Pence of an amount typed in pounds: ``78m``, ``£78,000,000``, ``1,250,000.50``; nothing typed is 0.

    Raises: Refused at ``field`` for what is no amount, is negative, holds parts of a penny or is more than £10bn.
    """
    plain = re.sub(r"[\s,£]", "", text).lower()
    if not plain:
        return 0
    if plain[0] in "-\N{MINUS SIGN}":
        raise Refused(f"{_upper(named)} cannot be less than nothing. Enter an amount without a minus.", field=field)
    found = re.fullmatch(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?(k|m|bn)?", plain, re.ASCII)
    if found is None or not _separators_fit(text):
        raise Refused(f"Enter {named} in pounds, such as 78m, £78,000,000 or 1,250,000.50.", field=field)
    whole, fraction, scale = found[1], found[2] or "", {"k": 3, "m": 6, "bn": 9}.get(found[3] or "", 0)
    digits = scale + 2
    if fraction[digits:].strip("0"):
        raise Refused(f"{_upper(named)} has parts of a penny. Enter whole pence.", field=field)
    pence = int(whole + fraction[:digits].ljust(digits, "0"))
    check_pence(pence, field=field, named=named)
    return pence


def check_pence(pence: int, *, field: str, named: str = "the amount") -> None:
    """Raises: Refused at ``field`` for less than nothing or more than £10bn."""
    if pence < 0:
        raise Refused(f"{_upper(named)} cannot be less than nothing. Enter an amount without a minus.", field=field)
    if pence > LARGEST_PENCE:
        raise Refused(
            f"{_upper(named)} is more than {words_for_pounds(LARGEST_PENCE)}. Check the number of noughts.", field=field
        )


def words_for_pounds(pence: int) -> str:
    """Reads "£78,000,000" or "£1,250,000.50": the exact amount."""
    pounds, rest = divmod(abs(pence), PENCE)
    return f"{_sign(pence)}£{pounds:,}" + (f".{rest:02}" if rest else "")


def words_for_pounds_in_short(pence: int) -> str:
    """Reads "£78m", "£12.4m", and "£78.0m" where the amount is not exactly that; below a million as it is."""
    if abs(pence) < MILLION_PENCE:
        return words_for_pounds(pence)
    tenths, rest = divmod(abs(pence) + MILLION_PENCE // 20, MILLION_PENCE // 10)
    is_exact = rest == MILLION_PENCE // 20
    whole, tenth = divmod(tenths, 10)
    return f"{_sign(pence)}£{whole:,}{'' if is_exact and not tenth else f'.{tenth}'}m"


def words_for_change(before: Amounts, after: Amounts) -> str:
    """What a statement changed, such as "expected £78m to nothing, delivered nothing to £78m"; empty for no change."""
    changed = [
        f"{part} {_amount(before.part(part))} \N{RIGHTWARDS ARROW} {_amount(after.part(part))}"
        for part in (Part.PLANNED, Part.EXPECTED, Part.DELIVERED)
        if before.part(part) != after.part(part)
    ]
    return ", ".join(changed)


def check_statement(amounts: Amounts, *, year: int, confidence: str, stated_on: date) -> None:
    """Raises: Refused for an amount that is out of range, a plan without its confidence or confidence without a plan,
    or something delivered for a financial year that had not begun on the day.
    """
    for part in Part:
        check_pence(amounts.part(part), field=part, named=f"what is {part}")
    if amounts.planned_pence and not confidence:
        raise Refused("Say how sure you are of what is planned.", field="confidence")
    if confidence and not amounts.planned_pence:
        raise Refused("Nothing is planned, so there is no confidence in it. Leave that empty.", field="confidence")
    begins_on = first_day_of_year(year)
    if amounts.delivered_pence and stated_on < begins_on:
        raise Refused(
            f"{words_for_year(year)} begins on {words_for_date(begins_on)}: nothing can be delivered before. "
            "State it as expected or planned.",
            field="delivered",
        )


def place_at(programme_id: UUID, moves: Sequence[Move], *, on: date, known_at: datetime) -> UUID:
    """The programme in which a saving stood on a day, by the moves known then; ``moves`` in the order recorded."""
    effective = [move for move in moves if move.moved_on <= on and move.recorded_at <= known_at]
    if effective:
        return effective[-1].to_programme_id
    return moves[0].from_programme_id if moves else programme_id


def lines_of(statements: Iterable[Stated], cut: Cut) -> Iterator[Line]:
    """The amounts that a figure is the sum of; nothing for parts that are nothing."""
    for stated in statements:
        for part in cut.parts:
            if stated.part(part) and cut.takes(stated, part):
                yield Line(stated, part, stated.part(part))


class Tally:
    """Every figure that statements add up to, summed in one pass."""

    def __init__(self, statements: Iterable[Stated]) -> None:
        self._sums: Counter[Cut] = Counter()
        for stated in statements:
            for part in Part:
                self._add(stated, part)

    def __getitem__(self, cut: Cut) -> int:
        return self._sums[cut]

    def _add(self, stated: Stated, part: Part) -> None:
        pence = stated.part(part)
        if not pence:
            return
        narrowings = ("", stated.confidence) if part is Part.PLANNED else ("",)
        for year in (None, stated.year):
            for programme_id in (None, stated.programme_id):
                for confidence in narrowings:
                    for of_part in (None, part):
                        self._sums[Cut(of_part, year, confidence, programme_id)] += pence


def address_of(base: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters, those that are empty left out."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{base}?{urlencode(given)}" if given else base


def _separators_fit(text: str) -> bool:
    """Commas stand between groups of three digits, the pound sign first, and spaces nowhere among the digits."""
    return bool(re.fullmatch(r"\s*£?\s*([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?\s*[a-zA-Z]*\s*", text, re.ASCII))


def _amount(pence: int) -> str:
    return words_for_pounds_in_short(pence) if pence else "nothing"


def _sign(pence: int) -> str:
    return "\N{MINUS SIGN}" if pence < 0 else ""


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
