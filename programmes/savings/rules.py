"""Pounds in whole pence, what a statement may say, and how statements add up. Plain values in, plain values out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import product
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import first_day_of_year, words_for_year
from partners.clock.rules import words_for_date

PENCE = 100
MILLION_PENCE = 1_000_000 * PENCE
LARGEST_PENCE = 10_000 * MILLION_PENCE
LONGEST_POUNDS = 30
BAR_WIDTH = 1000
NOTE_LENGTH = 500
SAVED = "saved"
CONFIDENCES = ("solid", "likely", "uncertain")
ARROW = "\N{RIGHTWARDS ARROW}"


class Part(StrEnum):
    """The parts of a statement; they never overlap."""

    PLANNED = "planned"
    EXPECTED = "expected"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The three parts of one statement or of many, in pence."""

    planned_pence: int
    expected_pence: int
    delivered_pence: int

    def part(self, part: Part) -> int:
        pence: int = getattr(self, f"{part}_pence")
        return pence


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
class Cut:
    """Which amounts a figure is the sum of; what is not given is not narrowed. Without ``part`` all three are taken."""

    part: Part | None = None
    year: int | None = None
    confidence: str = ""
    programme_id: UUID | None = None
    saving_id: UUID | None = None

    def takes(self, stated: Stated, part: Part) -> bool:
        return (
            self.part in (None, part)
            and self.year in (None, stated.year)
            and self.programme_id in (None, stated.programme_id)
            and self.saving_id in (None, stated.saving_id)
            and (not self.confidence or (part is Part.PLANNED and stated.confidence == self.confidence))
        )

    @property
    def figure(self) -> str:
        return self.part.value if self.part else SAVED

    @property
    def parameters(self) -> dict[str, str]:
        """How an address asks for it."""
        narrowed = {
            "figure": self.figure,
            "year": "" if self.year is None else words_for_year(self.year),
            "confidence": self.confidence,
            "programme": str(self.programme_id or ""),
            "saving": str(self.saving_id or ""),
        }
        return {name: value for name, value in narrowed.items() if value}


@dataclass(frozen=True, slots=True)
class Range:
    """From low to high, both inclusive; one figure has both the same."""

    low_pence: int
    high_pence: int

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low_pence + other.low_pence, self.high_pence + other.high_pence)

    def __sub__(self, other: "Range") -> "Range":
        """Less what is one figure: a range taken from a range would not be this."""
        return Range(self.low_pence - other.low_pence, self.high_pence - other.high_pence)


NO_AMOUNT = Range(0, 0)


@dataclass(frozen=True, slots=True)
class Figure(Range):
    """A number that is shown, with the cut that opens it."""

    cut: Cut


@dataclass(frozen=True, slots=True)
class Line(Range):
    """One amount of a figure: one part of one statement."""

    stated: Stated
    part: Part


@dataclass(frozen=True, slots=True)
class Saved:
    """What is saved, in three parts that do not overlap, and their sum."""

    planned: Figure
    planned_by_confidence: tuple[tuple[str, Figure], ...]
    expected: Figure
    delivered: Figure
    saved: Figure


@dataclass(frozen=True, slots=True)
class YearSaved:
    """What is saved in one financial year, and when that was last stated."""

    year: int
    saved: Saved
    stated_on: date


@dataclass(frozen=True, slots=True)
class SavingMoney:
    """What one saving comes to in all financial years."""

    id: UUID
    title: str
    owner: str
    saved: Saved


@dataclass(frozen=True, slots=True)
class ProgrammeSavings:
    """What a programme saves: in all, by financial year and by saving, by title."""

    saved: Saved
    years: tuple[YearSaved, ...]
    savings: tuple[SavingMoney, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar, from ``start`` on for ``width``."""

    part: Part
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart. ``required`` is from where to where the requirement lies."""

    label: str
    pieces: tuple[Piece, ...]
    required: tuple[int, int] | None


def parse_pounds(text: str, *, field: str, named: str = "the amount") -> int:
    """Pence of an amount typed in pounds: ``78m``, ``£78,000,000``, ``1,250,000.50``; nothing typed is 0.

    Raises: Refused at ``field`` for what is no amount, is negative, holds parts of a penny or is more than £10bn.
    """
    if not text.strip():
        return 0
    plain = re.sub(r"[\s,£]", "", text).lower()
    if plain.startswith(("-", "\N{MINUS SIGN}")):
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


def words_for_range(low_pence: int, high_pence: int, *, exact: bool = False) -> str:
    """Reads "£126m", or "£126m to £142m" for a range."""
    words = words_for_pounds if exact else words_for_pounds_in_short
    return words(low_pence) if low_pence == high_pence else f"{words(low_pence)} to {words(high_pence)}"


def words_for_change(before: Amounts | None, after: Amounts) -> str:
    """What a statement says beside the one before: "expected £78m → delivered £78m", "planned £26m"."""
    if before is None:
        return ", ".join(f"{part} {_amount(after.part(part))}" for part in Part if after.part(part)) or "nothing"
    changed = [part for part in Part if before.part(part) != after.part(part)]
    left = [part for part in changed if not after.part(part)]
    come = [part for part in changed if not before.part(part)]
    if len(changed) == len(left) + len(come) and len(left) == len(come) == 1:
        return f"{left[0]} {_amount(before.part(left[0]))} {ARROW} {come[0]} {_amount(after.part(come[0]))}"
    return (
        ", ".join(f"{part} {_amount(before.part(part))} {ARROW} {_amount(after.part(part))}" for part in changed)
        or "the same as before"
    )


def check_statement(amounts: Amounts, *, year: int, confidence: str, stated_on: date) -> None:
    """Raises: Refused for an amount that is out of range, a plan without its confidence or confidence without a plan,
    or something delivered for a financial year that had not begun on the day.
    """
    for part in Part:
        check_pence(amounts.part(part), field=part, named=f"what is {part}")
    if confidence not in ("", *CONFIDENCES):
        raise Refused("Choose how sure you are of what is planned.", field="confidence")
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
        for part in Part:
            if (pence := stated.part(part)) and cut.takes(stated, part):
                yield Line(pence, pence, stated, part)


class Tally:
    """Every figure that statements add up to, summed in one pass."""

    def __init__(self, statements: Iterable[Stated]) -> None:
        self._sums: Counter[tuple[Part | None, int | None, str, UUID | None]] = Counter()
        for stated in statements:
            for part in Part:
                if pence := stated.part(part):
                    self._add(stated, part, pence)

    def __getitem__(self, cut: Cut) -> int:
        return self._sums[cut.part, cut.year, cut.confidence, cut.saving_id or cut.programme_id]

    def figure(self, cut: Cut) -> Figure:
        return Figure(self[cut], self[cut], cut)

    def _add(self, stated: Stated, part: Part, pence: int) -> None:
        confidences = ("", stated.confidence) if part is Part.PLANNED else ("",)
        places = (None, stated.programme_id, stated.saving_id)
        for key in product((None, part), (None, stated.year), confidences, places):
            self._sums[key] += pence


def saved_of(tally: Tally, cut: Cut) -> Saved:
    """What the cut takes, in its parts."""
    planned = replace(cut, part=Part.PLANNED)
    return Saved(
        planned=tally.figure(planned),
        planned_by_confidence=tuple((each, tally.figure(replace(planned, confidence=each))) for each in CONFIDENCES),
        expected=tally.figure(replace(cut, part=Part.EXPECTED)),
        delivered=tally.figure(replace(cut, part=Part.DELIVERED)),
        saved=tally.figure(cut),
    )


def savings_of_programme(statements: Sequence[Stated], savings: Iterable[tuple[UUID, str, str]]) -> ProgrammeSavings:
    """``savings`` are (id, title, owner), those without a statement too."""
    tally = Tally(statements)
    return ProgrammeSavings(
        saved=saved_of(tally, Cut()),
        years=tuple(
            YearSaved(year, saved_of(tally, Cut(year=year)), stated_on)
            for year, stated_on in sorted(_last_stated(statements).items())
        ),
        savings=tuple(
            SavingMoney(pk, title, owner, saved_of(tally, Cut(saving_id=pk))) for pk, title, owner in savings
        ),
    )


def total_of(amounts: Iterable[Range]) -> Range:
    return sum((Range(each.low_pence, each.high_pence) for each in amounts), NO_AMOUNT)


def bars_of(rows: Sequence[tuple[str, Saved, Range | None]]) -> list[Bar]:
    """One bar for each (label, what is saved, what is required) on one scale; positions from 0 to ``BAR_WIDTH``."""
    longest = max((max(saved.saved.high_pence, need.high_pence if need else 0) for _, saved, need in rows), default=0)

    def at(pence: int) -> int:
        return pence * BAR_WIDTH // longest if longest else 0

    found = []
    for label, saved, need in rows:
        pieces, start = [], 0
        for part, figure in (
            (Part.DELIVERED, saved.delivered),
            (Part.EXPECTED, saved.expected),
            (Part.PLANNED, saved.planned),
        ):
            end = start + figure.high_pence
            if at(end) > at(start):
                pieces.append(Piece(part, at(start), at(end) - at(start)))
            start = end
        found.append(Bar(label, tuple(pieces), (at(need.low_pence), at(need.high_pence)) if need else None))
    return found


def _last_stated(statements: Iterable[Stated]) -> dict[int, date]:
    found: dict[int, date] = {}
    for each in statements:
        found[each.year] = max(found.get(each.year, date.min), each.stated_on)
    return found


def _separators_fit(text: str) -> bool:
    """Commas stand between groups of three digits, the pound sign first, and spaces nowhere among the digits."""
    return bool(re.fullmatch(r"\s*£?\s*([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?\s*[a-zA-Z]*\s*", text, re.ASCII))


def _amount(pence: int) -> str:
    return words_for_pounds_in_short(pence) if pence else "nothing"


def _sign(pence: int) -> str:
    return "\N{MINUS SIGN}" if pence < 0 else ""


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
