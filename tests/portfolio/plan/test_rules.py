from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.audit.rules import Refused
from portfolio.plan.rules import (
    ELSEWHERE,
    GAP,
    PRESSURE,
    REQUIRED,
    UNSPLIT,
    Estimate,
    Known,
    Money,
    NamedScenario,
    PlanCut,
    ScenarioMoney,
    bars_of_money,
    check_amounts,
    check_scenario,
    check_split,
    check_years,
    lines,
    money_of,
    parse_split,
    plan_cut,
    requirement,
)
from programmes.savings.rules import LARGEST_PENCE, Figure, Part, Range, Saved, Stated, total_of

ON = date(2012, 11, 30)
NOW = datetime(2012, 11, 30, 14, tzinfo=UTC)
MILLION = 100_000_000
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def estimate(low: int = 126, high: int | None = None, **parts: Any) -> Estimate:
    whole: dict[str, Any] = {
        "low_pence": low * MILLION,
        "high_pence": (low if high is None else high) * MILLION,
        "id": ONE,
        "kind": REQUIRED,
        "title": "Savings required",
        "first_year": 2011,
        "last_year": 2014,
        "counts": True,
        "stated_by": "The treasurer",
        "stated_on": ON,
        "covers": "",
        "price_base": "",
        "source": "Paper",
        "recorded_at": NOW,
        "recorded_by": "Ama",
        "replaces_id": None,
        "split": (),
    }
    return Estimate(**(whole | parts))


def stated(year: int, *, planned: int = 0, expected: int = 0, delivered: int = 0, **parts: Any) -> Stated:
    whole: dict[str, Any] = {
        "planned_pence": planned * MILLION,
        "expected_pence": expected * MILLION,
        "delivered_pence": delivered * MILLION,
        "id": UUID(int=90),
        "saving_id": UUID(int=91),
        "saving": "Fewer buildings",
        "programme_id": UUID(int=92),
        "programme": "Estates",
        "year": year,
        "number": 1,
        "confidence": "solid" if planned else "",
        "stated_on": ON,
        "source": "Paper",
        "note": "",
        "recorded_at": NOW,
        "recorded_by": "Ama",
    }
    return Stated(**(whole | parts))


def money(
    *estimates: Estimate, statements: tuple[Stated, ...] = (), scenarios: tuple[NamedScenario, ...] = ()
) -> Money:
    return money_of(Known(estimates, scenarios, statements), on=ON, known_at=NOW)


def ends(figure: Range | None) -> tuple[float, float] | None:
    return (figure.low_pence / MILLION, figure.high_pence / MILLION) if figure else None


THE_CASE = (stated(2011, expected=40), stated(2012, expected=38), stated(2013, planned=26), stated(2014, planned=22))
SPLIT = tuple(zip(range(2011, 2015), (32 * MILLION, 32 * MILLION, 31 * MILLION, 31 * MILLION), strict=True))
UP_TO_16 = estimate(0, 16, id=TWO, kind=PRESSURE, title="Funding", first_year=2013)
SCENARIOS = (
    NamedScenario(UUID(int=50), "As required", "", (ONE,)),
    NamedScenario(UUID(int=51), "With the cut", "", (ONE, TWO)),
)


def test_the_case_126_required_78_expected_48_planned_and_up_to_16_more():
    found = money(estimate(split=SPLIT), UP_TO_16, statements=THE_CASE, scenarios=SCENARIOS)

    assert ends(found.required) == (126, 126)
    assert [ends(figure) for figure in (found.saved.delivered, found.saved.expected, found.saved.planned)] == [
        (0, 0),
        (78, 78),
        (48, 48),
    ]
    assert ends(found.gap) == (0, 0)
    assert ends(found.pressure) == (0, 16)
    assert [ends(each.required) for each in found.scenarios] == [(126, 126), (126, 142)]
    assert [ends(each.gap) for each in found.scenarios] == [(0, 0), (0, 16)]
    assert [(year.year, ends(year.required), ends(year.gap)) for year in found.years] == [
        (2011, (32, 32), (-8, -8)),
        (2012, (32, 32), (-6, -6)),
        (2013, (31, 31), (5, 5)),
        (2014, (31, 31), (9, 9)),
    ]
    assert found.unsplit is None
    assert ends(found.scenarios[1].unsplit) == (0, 16)


def test_without_a_requirement_every_year_counts_and_nothing_is_said_of_a_gap():
    found = money(UP_TO_16, statements=THE_CASE)

    assert (found.required, found.gap, found.basis, found.elsewhere) == (None, None, None, None)
    assert ends(found.saved.saved) == (126, 126)
    assert [year.year for year in found.years] == [2011, 2012, 2013, 2014]
    assert [bar.label for bar in bars_of_money(found)] == ["All years"]


def test_what_is_saved_outside_the_years_of_the_requirement_closes_no_gap():
    found = money(estimate(10), statements=(stated(2010, delivered=4), stated(2011, delivered=3)))

    assert ends(found.gap) == (7, 7)
    assert found.elsewhere is not None
    assert ends(found.elsewhere.saved) == (4, 4)


def test_a_requirement_that_is_not_split_has_no_gap_by_year():
    found = money(estimate(), statements=THE_CASE)

    assert ends(found.unsplit) == (126, 126)
    assert [(year.required, year.gap) for year in found.years] == [(None, None)] * 4


def test_an_estimate_of_one_financial_year_is_split_by_itself():
    found = money(estimate(100, 120, first_year=2012, last_year=2012))

    assert [(year.year, ends(year.required)) for year in found.years] == [(2012, (100, 120))]
    assert found.unsplit is None


def test_more_than_is_required_leaves_less_than_nothing_to_find():
    assert ends(money(estimate(100), statements=THE_CASE).gap) == (-26, -26)


def test_of_estimates_that_count_the_one_stated_last_is_the_requirement():
    earlier = estimate(126, stated_on=ON - timedelta(days=40))
    later = estimate(121, id=TWO)
    kept_beside = estimate(146, id=THREE, stated_on=ON, counts=False)

    assert requirement([earlier, later, kept_beside]) == later
    assert requirement([kept_beside]) is None


def test_on_the_same_day_the_one_recorded_last_is_the_requirement():
    first, second = estimate(126), estimate(121, id=TWO, recorded_at=NOW + timedelta(minutes=1))

    assert requirement([second, first]) == second


def test_an_estimate_that_is_replaced_no_longer_counts():
    first = estimate(126)
    second = estimate(121, id=TWO, replaces_id=ONE, counts=False)

    assert requirement([first, second]) is None
    assert money(first, second).replaced_ids == {ONE}


def test_a_scenario_follows_what_took_the_place_of_its_estimates():
    settled = estimate(12, id=THREE, kind=PRESSURE, first_year=2013, replaces_id=TWO)

    found = money(estimate(), UP_TO_16, settled, scenarios=SCENARIOS)

    assert ends(found.scenarios[1].required) == (138, 138)
    assert ends(found.pressure) == (12, 12)


def test_a_scenario_with_an_estimate_that_was_not_stated_yet_is_left_out():
    found = money(estimate(), scenarios=SCENARIOS)

    assert [each.scenario.name for each in found.scenarios] == ["As required"]
    assert lines(found.known, PlanCut(measure=REQUIRED, scenario_id=SCENARIOS[1].id)) == []


def test_a_scenario_over_more_years_takes_what_is_saved_in_them():
    longer = estimate(10, id=TWO, kind=PRESSURE, first_year=2015, last_year=2015)

    found = money(estimate(126), longer, statements=(*THE_CASE, stated(2015, planned=4)), scenarios=SCENARIOS)

    assert ends(found.gap) == (0, 0)
    assert ends(found.scenarios[1].gap) == (6, 6)


def figures_in(found: Money | ScenarioMoney) -> list[Figure]:
    """Every figure that a page shows of it."""

    def of(saved: Saved) -> list[Figure]:
        return [
            saved.saved,
            saved.planned,
            saved.expected,
            saved.delivered,
            *(f for _, f in saved.planned_by_confidence),
        ]

    figures = [found.required, found.gap, found.unsplit, *of(found.saved)]
    for year in found.years:
        figures += [year.required, year.gap, *of(year.saved)]
    if isinstance(found, Money):
        figures += [found.pressure, *(of(found.elsewhere) if found.elsewhere else [])]
        figures += [figure for each in found.programmes for figure in of(each.saved)]
        figures += [figure for each in found.scenarios for figure in figures_in(each)]
    return [figure for figure in figures if figure]


@st.composite
def knowns(draw: st.DrawFn) -> Known:
    """Estimates split or not, replaced or not; statements in and around their years; scenarios of them."""
    amounts = st.integers(0, LARGEST_PENCE)
    estimates: list[Estimate] = []
    for number in range(draw(st.integers(0, 4))):
        first = draw(st.integers(2011, 2014))
        years = range(first, draw(st.integers(first, 2015)) + 1)
        parts = tuple((year, draw(amounts)) for year in years) if draw(st.booleans()) else ()
        low = sum(pence for _, pence in parts) if parts else draw(amounts)
        high = low if parts else low + draw(amounts)
        kind = draw(st.sampled_from([REQUIRED, PRESSURE]))
        replaceable = [e.id for e in estimates if e.kind == kind and e.id not in {o.replaces_id for o in estimates}]
        estimates.append(
            estimate(
                id=UUID(int=number),
                kind=kind,
                low_pence=low,
                high_pence=high,
                first_year=years[0],
                last_year=years[-1],
                split=parts,
                counts=draw(st.booleans()),
                stated_on=ON - timedelta(days=draw(st.integers(0, 3))),
                replaces_id=draw(st.sampled_from([None, *replaceable])),
            )
        )
    statements = [
        stated(
            draw(st.integers(2009, 2016)),
            planned_pence=planned,
            expected_pence=draw(amounts),
            delivered_pence=draw(amounts),
            confidence=draw(st.sampled_from(["solid", "likely", "uncertain"])) if planned else "",
            saving_id=UUID(int=200 + number),
            programme_id=UUID(int=300 + number % 3),
            programme=f"Programme {number % 3}",
        )
        for number in range(draw(st.integers(0, 6)))
        for planned in [draw(amounts)]
    ]
    required = [each.id for each in estimates if each.kind == REQUIRED]
    pressures = [each.id for each in estimates if each.kind == PRESSURE]
    scenarios = [
        NamedScenario(UUID(int=400 + n), f"Scenario {n}", "", (draw(st.sampled_from(required)), *pressures[:n]))
        for n in range(2 if required else 0)
    ]
    return Known(tuple(estimates), tuple(scenarios), tuple(statements))


@settings(max_examples=150, deadline=None)
@given(knowns())
def test_every_figure_is_the_sum_of_its_lines_and_parts_sum_to_totals(known):
    found = money_of(known, on=ON, known_at=NOW)

    for figure in figures_in(found):
        assert isinstance(figure.cut, PlanCut)
        assert total_of(lines(known, figure.cut)) == Range(figure.low_pence, figure.high_pence), figure.cut
    together: list[Money | ScenarioMoney] = [found, *found.scenarios]
    for each in together:
        for part in ("planned", "expected", "delivered", "saved"):
            whole = getattr(each.saved, part).low_pence
            assert sum(getattr(year.saved, part).low_pence for year in each.years) == whole
        if not each.required:
            continue
        assert each.gap
        if all(year.required for year in each.years):
            by_year = total_of(year.required for year in each.years if year.required)
            assert by_year + (each.unsplit or Range(0, 0)) == Range(each.required.low_pence, each.required.high_pence)
            gaps = total_of(year.gap for year in each.years if year.gap)
            assert gaps + (each.unsplit or Range(0, 0)) == Range(each.gap.low_pence, each.gap.high_pence)
        assert each.required.high_pence - each.required.low_pence == each.gap.high_pence - each.gap.low_pence
        assert each.gap.low_pence <= each.gap.high_pence
    for part in ("planned", "expected", "delivered", "saved"):
        whole = getattr(found.saved, part).low_pence
        assert sum(getattr(each.saved, part).low_pence for each in found.programmes) == whole
    outside = found.elsewhere.saved.low_pence if found.elsewhere else 0
    everything = sum(each.planned_pence + each.expected_pence + each.delivered_pence for each in known.statements)
    assert found.saved.saved.low_pence + outside == everything


@settings(max_examples=50, deadline=None)
@given(knowns())
def test_an_address_asks_for_the_cut_that_made_it(known):
    for figure in figures_in(money_of(known, on=ON, known_at=NOW)):
        asked = figure.cut.parameters
        year = asked.get("year")
        again = plan_cut(
            figure=asked["figure"],
            year=int(year[:4]) if year and year not in (UNSPLIT, ELSEWHERE) else year,
            confidence=asked.get("confidence", ""),
            programme_id=UUID(asked["programme"]) if "programme" in asked else None,
            scenario_id=UUID(asked["scenario"]) if "scenario" in asked else None,
        )

        assert again == figure.cut


def test_a_gap_takes_what_is_saved_as_less():
    found = money(estimate(126), statements=(stated(2012, expected=78),))

    assert [(line.low_pence // MILLION, line.part) for line in lines(found.known, PlanCut(measure=GAP))] == [
        (126, None),
        (-78, Part.EXPECTED),
    ]


@pytest.mark.parametrize(
    ("kind", "low", "high", "field"),
    [
        (REQUIRED, 0, 5, "low"),
        (REQUIRED, -1, 5, "low"),
        (REQUIRED, 5, 4, "high"),
        (REQUIRED, 5, LARGEST_PENCE + 1, "high"),
        (PRESSURE, 0, 0, "high"),
    ],
)
def test_amounts_that_cannot_be_are_refused(kind, low, high, field):
    with pytest.raises(Refused) as refusal:
        check_amounts(kind, low, high)

    assert refusal.value.field == field


def test_years_out_of_order_or_too_many_are_refused():
    check_years(2011, 2020)
    for first, last in ((2012, 2011), (2011, 2021)):
        with pytest.raises(Refused) as refusal:
            check_years(first, last)
        assert refusal.value.field == "last_year"


@pytest.mark.parametrize(
    ("split", "high", "words"),
    [
        ({2011: 60, 2012: 39}, 100, "come to £0.99 and the figure is £1"),
        ({2011: 60, 2012: 41}, 100, "Make them the same"),
        ({2011: 100}, 100, "2011-12 to 2012-13"),
        ({2011: 50, 2012: 50, 2013: 0}, 100, "2011-12 to 2012-13"),
        ({2011: 60, 2012: 40}, 120, "A range cannot be split"),
        ({2011: 101, 2012: -1}, 100, "less than nothing"),
    ],
)
def test_a_split_that_is_not_the_figure_is_refused(split, high, words):
    with pytest.raises(Refused, match=words) as refusal:
        check_split(split, low_pence=100, high_pence=high, first_year=2011, last_year=2012)

    assert refusal.value.field == "split"


def test_a_split_that_sums_to_the_penny_or_no_split_is_allowed():
    check_split({2011: 61, 2012: 39}, low_pence=100, high_pence=100, first_year=2011, last_year=2012)
    check_split({}, low_pence=100, high_pence=120, first_year=2011, last_year=2012)


def test_a_split_is_read_line_by_line():
    assert parse_split("2011-12: £32m\n\n 2012/13 : 31,500,000.50 \n", field="split") == {
        2011: 32 * MILLION,
        2012: 3_150_000_050,
    }
    assert parse_split(" \n", field="split") == {}


@pytest.mark.parametrize("typed", ["2011-12 32m", "2011-12:", "32m: 2011-12", "2011-12: 1\n2011-12: 2", "2011-12: -1"])
def test_a_split_that_cannot_be_read_is_refused(typed):
    with pytest.raises(Refused) as refusal:
        parse_split(typed, field="split")

    assert refusal.value.field == "split"


def test_a_scenario_has_one_estimate_of_what_is_required():
    check_scenario([REQUIRED, PRESSURE, PRESSURE])
    for kinds in ([PRESSURE], [], [REQUIRED, REQUIRED]):
        with pytest.raises(Refused) as refusal:
            check_scenario(kinds)
        assert refusal.value.field == "estimates"
