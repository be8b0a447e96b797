"""What is required of a portfolio against what its savings come to. Plain values in, plain values out.

The one place of this arithmetic. Amounts are whole pence; a requirement is a range, from low to high inclusive.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import words_for_year, words_for_years
from programmes.savings.rules import (
    Cut,
    Part,
    Stated,
    Tally,
    check_pence,
    lines_of,
    words_for_pounds,
    words_for_pounds_in_short,
)

REQUIRED, PRESSURE = "required", "pressure"
MOST_YEARS = 10
CONFIDENCES = ("solid", "likely", "uncertain")


class Measure(StrEnum):
    """What a figure is of."""

    REQUIRED = "required"
    PRESSURE = "pressure"
    SAVED = "saved"
    DELIVERED = "delivered"
    EXPECTED = "expected"
    PLANNED = "planned"
    GAP = "gap"

    @property
    def part(self) -> Part | None:
        return Part(self.value) if self.value in set(Part) else None


@dataclass(frozen=True, slots=True)
class Range:
    """From low to high; both are the same for one figure."""

    low_pence: int
    high_pence: int

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low_pence + other.low_pence, self.high_pence + other.high_pence)

    def __sub__(self, other: "Range") -> "Range":
        """Of what is known for certain only: the other is one figure."""
        return Range(self.low_pence - other.low_pence, self.high_pence - other.high_pence)


NO_AMOUNT = Range(0, 0)


@dataclass(frozen=True, slots=True)
class Estimate(Range):
    """An estimate as it is recorded. ``split`` holds (financial year, pence), empty where it is not split."""

    id: UUID
    kind: str
    title: str
    first_year: int
    last_year: int
    counts: bool
    stated_by: str
    stated_on: date
    covers: str
    price_base: str
    source: str
    recorded_at: datetime
    recorded_by: str
    replaces_id: UUID | None = None
    split: tuple[tuple[int, int], ...] = ()

    @property
    def range(self) -> Range:
        return Range(self.low_pence, self.high_pence)

    @property
    def is_split(self) -> bool:
        return bool(self.split) or self.first_year == self.last_year

    def in_year(self, year: int) -> Range:
        """The part of a financial year; nothing where the estimate is not split."""
        if self.split:
            pence = dict(self.split).get(year, 0)
            return Range(pence, pence)
        return self.range if self.first_year == self.last_year == year else NO_AMOUNT


@dataclass(frozen=True, slots=True)
class NamedScenario:
    """A scenario and the ids of the estimates that it was made of."""

    id: UUID
    name: str
    description: str
    estimate_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """Estimates taken together: what is required under them, over their financial years."""

    estimates: tuple[Estimate, ...]

    @property
    def first_year(self) -> int:
        return min(estimate.first_year for estimate in self.estimates)

    @property
    def last_year(self) -> int:
        return max(estimate.last_year for estimate in self.estimates)

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    @property
    def is_split(self) -> bool:
        """Whether what is required is known by financial year, apart from pressures on it."""
        return all(estimate.is_split for estimate in self.estimates if estimate.kind == REQUIRED)


@dataclass(frozen=True, slots=True)
class Known:
    """What was known on a day: every estimate stated by then, the scenarios, the statements that counted."""

    estimates: tuple[Estimate, ...]
    scenarios: tuple[NamedScenario, ...]
    statements: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class PlanCut:
    """Which amounts a figure is the sum of.

    ``scenario_id`` takes the requirement of that scenario in place of the one that counts. ``unsplit`` takes what is
    required without a financial year; ``elsewhere`` what is saved in financial years outside the requirement's.
    """

    measure: Measure
    scenario_id: UUID | None = None
    year: int | None = None
    unsplit: bool = False
    elsewhere: bool = False
    confidence: str = ""
    programme_id: UUID | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """How an address asks for it; empty where it is not narrowed."""
        years = {(True, False): "unsplit", (False, True): "elsewhere"}.get((self.unsplit, self.elsewhere), "")
        return {
            "figure": self.measure.value,
            "year": words_for_year(self.year) if self.year is not None else years,
            "confidence": self.confidence,
            "programme": str(self.programme_id or ""),
            "scenario": str(self.scenario_id or ""),
        }

    @property
    def of_statements(self) -> Cut:
        return Cut(self.measure.part, self.year, self.confidence, self.programme_id)


@dataclass(frozen=True, slots=True)
class Figure(Range):
    """A number with the cut that opens it."""

    cut: PlanCut


@dataclass(frozen=True, slots=True)
class Line(Range):
    """One amount of a figure: an estimate, or (as less in a gap) one part of a statement."""

    estimate: Estimate | None = None
    stated: Stated | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What is saved, in parts that add up. ``saved`` is the sum of the three."""

    delivered: Figure
    expected: Figure
    planned: Figure
    planned_by_confidence: tuple[tuple[str, Figure], ...]
    saved: Figure


@dataclass(frozen=True, slots=True)
class YearMoney:
    """One financial year. Without a split of the requirement ``required`` and ``gap`` are empty."""

    year: int
    required: Figure | None
    saved: Saved
    gap: Figure | None


@dataclass(frozen=True, slots=True)
class ScenarioMoney:
    """What a scenario requires, and what it leaves to find."""

    scenario: NamedScenario
    basis: Basis
    required: Figure
    saved: Saved
    gap: Figure
    years: tuple[YearMoney, ...]
    unsplit: Figure | None


@dataclass(frozen=True, slots=True)
class ProgrammeMoney:
    """What one programme saves in the financial years of the requirement."""

    programme_id: UUID
    programme: str
    saved: Saved


@dataclass(frozen=True, slots=True)
class Money:
    """What a portfolio has to save and does, as at a day from what was known at a time.

    Without a requirement ``basis``, ``required`` and ``gap`` are empty and every financial year counts. ``elsewhere`` is
    what is saved outside the requirement's financial years, in no other figure; None when nothing is.
    """

    on: date
    known_at: datetime
    basis: Basis | None
    required: Figure | None
    saved: Saved
    gap: Figure | None
    pressure: Figure
    pressures: tuple[Estimate, ...]
    years: tuple[YearMoney, ...]
    unsplit: Figure | None
    elsewhere: Saved | None
    programmes: tuple[ProgrammeMoney, ...]
    scenarios: tuple[ScenarioMoney, ...]
    estimates: tuple[Estimate, ...]
    replaced_ids: frozenset[UUID]
    known: Known


def money_of(known: Known, *, on: date, known_at: datetime) -> Money:
    """Everything that follows from what was known."""
    basis = _basis(known, None)
    inside, outside = _by_window(known.statements, basis)
    tally, elsewhere = Tally(inside), Tally(outside)
    required = Figure(*_pair(total_of(basis.estimates)), PlanCut(Measure.REQUIRED)) if basis else None
    saved = _saved(tally)
    pressures = tuple(each for each in _standing(known.estimates) if each.kind == PRESSURE and each.counts)
    return Money(
        on=on,
        known_at=known_at,
        basis=basis,
        required=required,
        saved=saved,
        gap=_gap(required, saved),
        pressure=Figure(*_pair(total_of(pressures)), PlanCut(Measure.PRESSURE)),
        pressures=pressures,
        years=_years(basis, tally, inside),
        unsplit=_unsplit(basis),
        elsewhere=_saved(elsewhere, elsewhere=True) if outside and elsewhere[Cut()] else None,
        programmes=_programmes(tally, inside),
        scenarios=tuple(found for each in known.scenarios if (found := _scenario(known, each))),
        estimates=known.estimates,
        replaced_ids=_replaced_ids(known.estimates),
        known=known,
    )


def lines(known: Known, cut: PlanCut) -> list[Line]:
    """The amounts that a figure is the sum of, estimates first. A gap takes what is saved as less."""
    basis = _basis(known, cut.scenario_id)
    inside, outside = _by_window(known.statements, basis)
    if cut.measure is Measure.PRESSURE:
        return [
            Line(*_pair(each.range), estimate=each)
            for each in _standing(known.estimates)
            if each.kind == PRESSURE and each.counts
        ]
    found: list[Line] = []
    if cut.measure in (Measure.REQUIRED, Measure.GAP):
        found += _estimate_lines(basis, cut)
    if cut.measure is not Measure.REQUIRED and not cut.unsplit:
        sign = -1 if cut.measure is Measure.GAP else 1
        found += [
            Line(sign * each.pence, sign * each.pence, stated=each.stated, part=each.part)
            for each in lines_of(outside if cut.elsewhere else inside, cut.of_statements)
        ]
    return found


def total_of(found: Iterable[Range]) -> Range:
    return sum((Range(each.low_pence, each.high_pence) for each in found), NO_AMOUNT)


def requirement(estimates: Sequence[Estimate]) -> Estimate | None:
    """Of the estimates of what is required that count and are not replaced, the one stated last."""
    found = [each for each in _standing(estimates) if each.kind == REQUIRED and each.counts]
    return max(found, key=lambda each: (each.stated_on, each.recorded_at, each.id), default=None)


def words_for_range(low_pence: int, high_pence: int, *, exact: bool = False) -> str:
    """Reads "£126m", or "£126m to £142m" for a range."""
    words = words_for_pounds if exact else words_for_pounds_in_short
    low, high = words(low_pence), words(high_pence)
    return low if low_pence == high_pence else f"{low} to {high}"


def check_estimate(estimate: Estimate) -> None:
    """Raises: Refused for amounts out of range, a high below the low, years out of order, or a split by financial year
    that leaves years out, adds others, is of a range, or does not sum to the figure exactly.
    """
    for pence, field, named in (
        (estimate.low_pence, "low", "the amount"),
        (estimate.high_pence, "high", "the highest amount"),
    ):
        check_pence(pence, field=field, named=named)
    if estimate.high_pence < estimate.low_pence:
        raise Refused("The highest amount is below the lowest. Enter the lowest first.", field="high")
    if estimate.kind == REQUIRED and not estimate.low_pence:
        raise Refused("Enter what has to be saved: more than nothing.", field="low")
    if estimate.kind == PRESSURE and not estimate.high_pence:
        raise Refused("A pressure of nothing adds nothing. Enter what it might come to.", field="high")
    if estimate.last_year < estimate.first_year:
        raise Refused("The last financial year is before the first.", field="last_year")
    if estimate.last_year - estimate.first_year >= MOST_YEARS:
        raise Refused(f"An estimate covers {MOST_YEARS} financial years at most.", field="last_year")
    if estimate.split:
        _check_split(estimate)


def check_scenario(estimates: Sequence[Estimate]) -> None:
    """Raises: Refused unless exactly one estimate is of what is required; others are pressures on it."""
    required = [each for each in estimates if each.kind == REQUIRED]
    if len(required) != 1:
        raise Refused(
            "A scenario is one estimate of what is required, and any pressures on it. "
            + ("Choose one of what is required." if not required else "Choose only one of what is required."),
            field="estimates",
        )


def _check_split(estimate: Estimate) -> None:
    if estimate.low_pence != estimate.high_pence:
        raise Refused(
            "A range cannot be split by financial year. Leave the years empty, or enter one figure.", field="high"
        )
    years = [year for year, _ in estimate.split]
    if sorted(years) != list(range(estimate.first_year, estimate.last_year + 1)):
        raise Refused(
            f"Split it over {words_for_years(estimate.first_year, estimate.last_year)}, each once, or not at all.",
            field="split",
        )
    for year, pence in estimate.split:
        check_pence(pence, field=f"split_{year}", named=f"the amount for {words_for_year(year)}")
    total = sum(pence for _, pence in estimate.split)
    if total != estimate.low_pence:
        raise Refused(
            f"The financial years come to {words_for_pounds(total)} and the figure is "
            f"{words_for_pounds(estimate.low_pence)}: they have to be the same.",
            field="split",
        )


def _replaced_ids(estimates: Iterable[Estimate]) -> frozenset[UUID]:
    return frozenset(each.replaces_id for each in estimates if each.replaces_id)


def _standing(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates that no other one in the sequence replaces."""
    replaced = _replaced_ids(estimates)
    return [each for each in estimates if each.id not in replaced]


def _basis(known: Known, scenario_id: UUID | None) -> Basis | None:
    """The requirement that counts, or what a scenario takes together; None where that was not known."""
    if scenario_id is None:
        required = requirement(known.estimates)
        return Basis((required,)) if required else None
    scenario = next((each for each in known.scenarios if each.id == scenario_id), None)
    if scenario is None:
        return None
    latest = _latest(known.estimates)
    if any(each not in latest for each in scenario.estimate_ids):
        return None
    return Basis(tuple({latest[each].id: latest[each] for each in scenario.estimate_ids}.values()))


def _latest(estimates: Sequence[Estimate]) -> dict[UUID, Estimate]:
    """By the id of each estimate the one that stands in its place: itself, or what replaced it last."""
    replacement = {each.replaces_id: each for each in estimates if each.replaces_id}
    found = {}
    for each in estimates:
        newest = each
        while newest.id in replacement:
            newest = replacement[newest.id]
        found[each.id] = newest
    return found


def _by_window(statements: Sequence[Stated], basis: Basis | None) -> tuple[list[Stated], list[Stated]]:
    """Statements of the financial years of the requirement, and those of others."""
    if basis is None:
        return list(statements), []
    inside = [each for each in statements if each.year in basis.years]
    return inside, [each for each in statements if each.year not in basis.years]


def _estimate_lines(basis: Basis | None, cut: PlanCut) -> Iterator[Line]:
    for estimate in basis.estimates if basis else ():
        amount = estimate.range
        if cut.year is not None:
            amount = estimate.in_year(cut.year)
        elif cut.unsplit and estimate.is_split:
            amount = NO_AMOUNT
        if amount != NO_AMOUNT:
            yield Line(*_pair(amount), estimate=estimate)


def _saved(tally: Tally, **narrowed: object) -> Saved:
    def figure(measure: Measure, confidence: str = "") -> Figure:
        cut = PlanCut(measure, confidence=confidence, **narrowed)  # type: ignore[arg-type]
        pence = tally[cut.of_statements]
        return Figure(pence, pence, cut)

    return Saved(
        delivered=figure(Measure.DELIVERED),
        expected=figure(Measure.EXPECTED),
        planned=figure(Measure.PLANNED),
        planned_by_confidence=tuple((each, figure(Measure.PLANNED, each)) for each in CONFIDENCES),
        saved=figure(Measure.SAVED),
    )


def _gap(required: Figure | None, saved: Saved, **narrowed: object) -> Figure | None:
    if required is None:
        return None
    return Figure(*_pair(required - saved.saved), PlanCut(Measure.GAP, **narrowed))  # type: ignore[arg-type]


def _years(
    basis: Basis | None, tally: Tally, statements: Sequence[Stated], scenario_id: UUID | None = None
) -> tuple[YearMoney, ...]:
    years = basis.years if basis else sorted({each.year for each in statements})
    found = []
    for year in years:
        of_year = {"year": year, "scenario_id": scenario_id}
        required = None
        if basis and basis.is_split:
            amount = total_of([each.in_year(year) for each in basis.estimates])
            required = Figure(*_pair(amount), PlanCut(Measure.REQUIRED, **of_year))  # type: ignore[arg-type]
        saved = _saved(tally, **of_year)
        found.append(YearMoney(year, required, saved, _gap(required, saved, **of_year)))
    return tuple(found)


def _unsplit(basis: Basis | None, scenario_id: UUID | None = None) -> Figure | None:
    amount = total_of([each for each in basis.estimates if not each.is_split]) if basis else NO_AMOUNT
    cut = PlanCut(Measure.REQUIRED, scenario_id=scenario_id, unsplit=True)
    return Figure(*_pair(amount), cut) if amount != NO_AMOUNT else None


def _programmes(tally: Tally, statements: Sequence[Stated]) -> tuple[ProgrammeMoney, ...]:
    names = {each.programme_id: each.programme for each in statements}
    return tuple(ProgrammeMoney(pk, name, _saved(tally, programme_id=pk)) for pk, name in names.items())


def _scenario(known: Known, scenario: NamedScenario) -> ScenarioMoney | None:
    """None where one of its estimates had not been stated yet."""
    basis = _basis(known, scenario.id)
    if basis is None:
        return None
    inside, _ = _by_window(known.statements, basis)
    tally = Tally(inside)
    required = Figure(*_pair(total_of(basis.estimates)), PlanCut(Measure.REQUIRED, scenario.id))
    saved = _saved(tally, scenario_id=scenario.id)
    gap = _gap(required, saved, scenario_id=scenario.id)
    return ScenarioMoney(
        scenario=scenario,
        basis=basis,
        required=required,
        saved=saved,
        gap=gap or required,
        years=_years(basis, tally, inside, scenario.id),
        unsplit=_unsplit(basis, scenario.id),
    )


def _pair(amount: Range) -> tuple[int, int]:
    return amount.low_pence, amount.high_pence
