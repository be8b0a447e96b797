"""What is required of a portfolio against what its savings come to. Plain values in, plain values out.

The one place of this arithmetic. Amounts are whole pence; a requirement is a range, from low to high inclusive.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import parse_year, words_for_year, words_for_years
from programmes.savings.rules import (
    NO_AMOUNT,
    SAVED,
    Bar,
    Cut,
    Figure,
    Part,
    Range,
    Saved,
    Stated,
    Tally,
    bars_of,
    check_pence,
    lines_of,
    parse_pounds,
    saved_of,
    total_of,
    words_for_pounds,
)

REQUIRED, PRESSURE, GAP = "required", "pressure", "gap"
UNSPLIT, ELSEWHERE = "unsplit", "elsewhere"
MEASURES = [
    (REQUIRED, "Required"),
    (PRESSURE, "Pressures"),
    (SAVED, "Delivered, expected and planned together"),
    *((part.value, part.value.capitalize()) for part in Part),
    (GAP, "Still to find"),
]
MOST_YEARS = 10
COVERS_LENGTH, PRICE_BASE_LENGTH = 300, 100
LONGEST_SPLIT = 1000


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


@dataclass(frozen=True)
class PlanCut(Cut):
    """Which amounts a figure of the portfolio is the sum of.

    ``measure`` is of the requirement (``required``, ``pressure`` or ``gap``); without one it is of what is saved.
    ``scenario_id`` takes the requirement of that scenario in place of the one that counts. ``unsplit`` takes what is
    required without a financial year; ``elsewhere`` what is saved in financial years outside the requirement's.
    """

    measure: str = ""
    scenario_id: UUID | None = None
    unsplit: bool = False
    elsewhere: bool = False

    @property
    def figure(self) -> str:
        return self.measure or super().figure

    @property
    def parameters(self) -> dict[str, str]:
        years = UNSPLIT if self.unsplit else ELSEWHERE if self.elsewhere else ""
        asked = super().parameters
        asked |= {"year": years} if years else {}
        return asked | ({"scenario": str(self.scenario_id)} if self.scenario_id else {})


@dataclass(frozen=True, slots=True)
class Line(Range):
    """One amount of a figure: an estimate, or one part of a statement (less than nothing in a gap)."""

    estimate: Estimate | None = None
    stated: Stated | None = None
    part: Part | None = None


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
    what is saved outside the requirement's financial years, in no other figure; None when nothing is. Scenarios come from
    the smallest requirement to the largest.
    """

    on: date
    known_at: datetime
    known: Known
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
    replaced_ids: frozenset[UUID]


def money_of(known: Known, *, on: date, known_at: datetime) -> Money:
    """Everything that follows from what was known."""
    basis = _basis(known, None)
    inside, outside = _by_window(known.statements, basis)
    tally, elsewhere = Tally(inside), Tally(outside)
    required, saved = _required(basis, PlanCut(measure=REQUIRED)), saved_of(tally, PlanCut())
    pressures = _pressures(known.estimates)
    return Money(
        on=on,
        known_at=known_at,
        known=known,
        basis=basis,
        required=required,
        saved=saved,
        gap=_gap(required, saved, PlanCut(measure=GAP)) if required else None,
        pressure=_figure(total_of(pressures), PlanCut(measure=PRESSURE)),
        pressures=pressures,
        years=_years(basis, tally, inside, None),
        unsplit=_unsplit(basis, None),
        elsewhere=saved_of(elsewhere, PlanCut(elsewhere=True)) if elsewhere[Cut()] else None,
        programmes=_programmes(tally, inside),
        scenarios=tuple(sorted(filter(None, (_scenario(known, each) for each in known.scenarios)), key=_by_size)),
        replaced_ids=_replaced_ids(known.estimates),
    )


def lines(known: Known, cut: PlanCut) -> list[Line]:
    """The amounts that a figure is the sum of, estimates first. A gap takes what is saved as less."""
    basis = _basis(known, cut.scenario_id)
    found = []
    if cut.measure == PRESSURE:
        found += [_line_of(each, each.range) for each in _pressures(known.estimates)]
    if cut.measure in (REQUIRED, GAP):
        found += _estimate_lines(basis, cut)
    if cut.measure in ("", GAP) and not cut.unsplit:
        sign = -1 if cut.measure == GAP else 1
        inside, outside = _by_window(known.statements, basis)
        found += [
            Line(sign * each.low_pence, sign * each.high_pence, stated=each.stated, part=each.part)
            for each in lines_of(outside if cut.elsewhere else inside, cut)
        ]
    return found


def bars_of_money(money: Money | ScenarioMoney) -> list[Bar]:
    """A bar for each financial year, with what is required where it is known by year; a single bar where it is not."""
    if money.years and all(year.required for year in money.years):
        return bars_of([(words_for_year(year.year), year.saved, year.required) for year in money.years])
    return bars_of([("All years", money.saved, money.required)])


def plan_cut(
    *, figure: str, year: str | int | None, confidence: str, programme_id: UUID | None, scenario_id: UUID | None
) -> PlanCut:
    """The cut that an address asks for. ``year`` is a financial year, ``unsplit``, ``elsewhere`` or empty."""
    return PlanCut(
        part=Part(figure) if figure in set(Part) else None,
        year=year if isinstance(year, int) else None,
        confidence=confidence,
        programme_id=programme_id,
        measure=figure if figure in (REQUIRED, PRESSURE, GAP) else "",
        scenario_id=scenario_id,
        unsplit=year == UNSPLIT,
        elsewhere=year == ELSEWHERE,
    )


def standing(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates that no other one in the sequence replaces."""
    replaced = _replaced_ids(estimates)
    return [each for each in estimates if each.id not in replaced]


def requirement(estimates: Sequence[Estimate]) -> Estimate | None:
    """Of the estimates of what is required that count and are not replaced, the one stated last."""
    found = [each for each in standing(estimates) if each.kind == REQUIRED and each.counts]
    return max(found, key=lambda each: (each.stated_on, each.recorded_at, each.id), default=None)


def check_amounts(kind: str, low_pence: int, high_pence: int) -> None:
    """Raises: Refused for amounts out of range, a high below the low, or an estimate of nothing."""
    check_pence(low_pence, field="low")
    check_pence(high_pence, field="high", named="the highest amount")
    if high_pence < low_pence:
        raise Refused("The highest amount is below the lowest. Enter the lowest first.", field="high")
    if kind == REQUIRED and not low_pence:
        raise Refused("Enter what has to be saved: more than nothing.", field="low")
    if not high_pence:
        raise Refused("A pressure of nothing adds nothing. Enter what it might come to.", field="high")


def check_years(first_year: int, last_year: int) -> None:
    """Raises: Refused for financial years out of order, or too many."""
    if last_year < first_year:
        raise Refused("The last financial year is before the first.", field="last_year")
    if last_year - first_year >= MOST_YEARS:
        raise Refused(f"An estimate covers {MOST_YEARS} financial years at most.", field="last_year")


def check_split(split: Mapping[int, int], *, low_pence: int, high_pence: int, first_year: int, last_year: int) -> None:
    """Raises: Refused for a split by financial year that is of a range, has not each of the years, or does not sum to the
    figure exactly. No split is allowed always.
    """
    if not split:
        return
    if low_pence != high_pence:
        raise Refused(
            "A range cannot be split by financial year. Enter one figure, or leave this empty.", field="split"
        )
    if sorted(split) != list(range(first_year, last_year + 1)):
        raise Refused(
            f"Give each financial year of {words_for_years(first_year, last_year)} once, or leave this empty.",
            field="split",
        )
    for year, pence in split.items():
        check_pence(pence, field="split", named=f"the amount for {words_for_year(year)}")
    total = sum(split.values())
    if total != low_pence:
        raise Refused(
            f"The financial years come to {words_for_pounds(total)} and the figure is {words_for_pounds(low_pence)}. "
            "Make them the same.",
            field="split",
        )


def parse_split(text: str, *, field: str) -> dict[int, int]:
    """Pence by financial year, from a line such as ``2012-13: £32m`` for each; nothing typed is no split.

    Raises: Refused at ``field`` for a line that is none, or a financial year twice.
    """
    found: dict[int, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        typed, colon, pounds = line.partition(":")
        if not colon or not pounds.strip():
            raise Refused("Write one financial year on each line, such as 2012-13: 32m.", field=field)
        year = parse_year(typed, field=field)
        if year in found:
            raise Refused(f"{words_for_year(year)} stands here twice. Write it once.", field=field)
        found[year] = parse_pounds(pounds, field=field, named=f"the amount for {words_for_year(year)}")
    return found


def check_scenario(kinds: Sequence[str]) -> None:
    """Raises: Refused unless exactly one estimate is of what is required; others are pressures on it."""
    required = list(kinds).count(REQUIRED)
    if required != 1:
        raise Refused(
            f"A scenario is one estimate of what is required, with any pressures on it. Choose {'only ' * (required > 1)}"
            "one of what is required.",
            field="estimates",
        )


def _replaced_ids(estimates: Iterable[Estimate]) -> frozenset[UUID]:
    return frozenset(each.replaces_id for each in estimates if each.replaces_id)


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


def _pressures(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Those that count and are not replaced."""
    return tuple(each for each in standing(estimates) if each.kind == PRESSURE and each.counts)


def _estimate_lines(basis: Basis | None, cut: PlanCut) -> Iterator[Line]:
    for estimate in basis.estimates if basis else ():
        amount = estimate.range
        if cut.year is not None:
            amount = estimate.in_year(cut.year)
        elif cut.unsplit and estimate.is_split:
            amount = NO_AMOUNT
        if amount != NO_AMOUNT:
            yield _line_of(estimate, amount)


def _line_of(estimate: Estimate, amount: Range) -> Line:
    return Line(amount.low_pence, amount.high_pence, estimate=estimate)


def _figure(amount: Range, cut: PlanCut) -> Figure:
    return Figure(amount.low_pence, amount.high_pence, cut)


def _required(basis: Basis | None, cut: PlanCut) -> Figure | None:
    return _figure(total_of(basis.estimates), cut) if basis else None


def _gap(required: Figure, saved: Saved, cut: PlanCut) -> Figure:
    return _figure(required - saved.saved, cut)


def _years(
    basis: Basis | None, tally: Tally, statements: Sequence[Stated], scenario_id: UUID | None
) -> tuple[YearMoney, ...]:
    found = []
    for year in basis.years if basis else sorted({each.year for each in statements}):
        saved = saved_of(tally, PlanCut(year=year, scenario_id=scenario_id))
        required = gap = None
        if basis and basis.is_split:
            amount = total_of(each.in_year(year) for each in basis.estimates)
            required = _figure(amount, PlanCut(measure=REQUIRED, year=year, scenario_id=scenario_id))
            gap = _gap(required, saved, PlanCut(measure=GAP, year=year, scenario_id=scenario_id))
        found.append(YearMoney(year, required, saved, gap))
    return tuple(found)


def _unsplit(basis: Basis | None, scenario_id: UUID | None) -> Figure | None:
    amount = total_of(each for each in basis.estimates if not each.is_split) if basis else NO_AMOUNT
    cut = PlanCut(measure=REQUIRED, scenario_id=scenario_id, unsplit=True)
    return _figure(amount, cut) if amount != NO_AMOUNT else None


def _programmes(tally: Tally, statements: Sequence[Stated]) -> tuple[ProgrammeMoney, ...]:
    names = {each.programme_id: each.programme for each in statements}
    return tuple(ProgrammeMoney(pk, name, saved_of(tally, PlanCut(programme_id=pk))) for pk, name in names.items())


def _by_size(scenario: ScenarioMoney) -> tuple[int, int, str]:
    return scenario.required.low_pence, scenario.required.high_pence, scenario.scenario.name


def _scenario(known: Known, scenario: NamedScenario) -> ScenarioMoney | None:
    """None where one of its estimates had not been stated yet."""
    basis = _basis(known, scenario.id)
    required = _required(basis, PlanCut(measure=REQUIRED, scenario_id=scenario.id))
    if basis is None or required is None:
        return None
    inside, _ = _by_window(known.statements, basis)
    tally = Tally(inside)
    saved = saved_of(tally, PlanCut(scenario_id=scenario.id))
    return ScenarioMoney(
        scenario=scenario,
        basis=basis,
        required=required,
        saved=saved,
        gap=_gap(required, saved, PlanCut(measure=GAP, scenario_id=scenario.id)),
        years=_years(basis, tally, inside, scenario.id),
        unsplit=_unsplit(basis, scenario.id),
    )
