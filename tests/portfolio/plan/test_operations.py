from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from partners.audit.models import AuditEvent
from partners.audit.queries import events_about
from partners.audit.rules import NotPermitted, Refused
from portfolio.groups.models import Portfolio
from portfolio.plan.enums import EstimateKind
from portfolio.plan.models import RequirementEstimate, RequirementYear, Scenario
from portfolio.plan.operations import add_scenario, record_estimate, withdraw_scenario
from portfolio.plan.queries import day_of, money_at
from tests.builders import (
    MILLION,
    NOW,
    make_administrator,
    make_cio,
    make_estimate,
    make_manager,
    make_person,
    make_portfolio,
    make_pressure,
    make_programme,
    make_scenario,
    state,
)
from tests.builders.money import make_money, make_saving

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def portfolio() -> Portfolio:
    return make_portfolio()


def recording(portfolio, **changed):
    whole: dict[str, Any] = {
        "kind": EstimateKind.REQUIRED,
        "title": "Savings required",
        "low_pence": 126 * MILLION,
        "high_pence": 126 * MILLION,
        "first_year": 2025,
        "last_year": 2028,
        "stated_by": "The treasurer",
        "stated_on": TODAY,
        "source": "Budget paper",
        "request_key": uuid4(),
        "by": make_cio(portfolio),
        "now": NOW,
    }
    return partial(record_estimate, portfolio_id=portfolio.pk, **(whole | changed))


def adding(portfolio, estimates, **changed):
    whole: dict[str, Any] = {
        "name": "As required",
        "estimate_ids": [each.pk for each in estimates],
        "request_key": uuid4(),
        "by": make_cio(portfolio),
        "now": NOW,
    }
    return partial(add_scenario, portfolio_id=portfolio.pk, **(whole | changed))


def test_record_estimate_keeps_it_with_its_split_and_one_event(portfolio):
    split = {2025: 32 * MILLION, 2026: 32 * MILLION, 2027: 31 * MILLION, 2028: 31 * MILLION}

    estimate = recording(portfolio, split=split, covers="The whole force", price_base="Cash")()

    assert dict(estimate.years.values_list("year", "pence")) == split
    event = events_about(estimate.pk).get()
    assert event.summary == "recorded an estimate: Savings required, £126m over 2025-26 to 2028-29"
    assert event.after is not None
    assert (event.scope_id, event.after["split"]["2025-26"]) == (portfolio.scope_id, 32 * MILLION)


def test_record_estimate_again_with_the_same_key_does_nothing_new(portfolio):
    again = recording(portfolio)

    assert again() == again()
    assert (RequirementEstimate.objects.count(), AuditEvent.objects.filter(action="plan.record_estimate").count()) == (
        1,
        1,
    )
    with pytest.raises(Refused, match="used for something else"):
        recording(make_portfolio(), request_key=again.keywords["request_key"])()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"low_pence": -1}, "low"),
        ({"low_pence": 0}, "low"),
        ({"high_pence": 1}, "high"),
        ({"high_pence": 10**13}, "high"),
        ({"first_year": 1999}, "first_year"),
        ({"last_year": 2024}, "last_year"),
        ({"last_year": 2099}, "last_year"),
        ({"split": {2025: 126 * MILLION}}, "split"),
        ({"split": dict.fromkeys(range(2025, 2029), 31 * MILLION)}, "split"),
        ({"high_pence": 130 * MILLION, "split": dict.fromkeys(range(2025, 2029), 1)}, "split"),
        ({"title": ""}, "title"),
        ({"title": "Two\nlines"}, "title"),
        ({"stated_by": ""}, "stated_by"),
        ({"source": "x" * 201}, "source"),
        ({"covers": "x" * 301}, "covers"),
        ({"price_base": "x" * 101}, "price_base"),
        ({"stated_on": TODAY + timedelta(days=1)}, "stated_on"),
        ({"replaces_id": uuid4()}, "replaces"),
    ],
)
def test_an_estimate_that_cannot_be_is_refused_and_nothing_is_written(portfolio, changed, field):
    with pytest.raises(Refused) as refusal:
        recording(portfolio, **changed)()

    assert refusal.value.field == field
    assert not RequirementEstimate.objects.exists()
    assert not RequirementYear.objects.exists()
    assert not AuditEvent.objects.filter(action="plan.record_estimate").exists()


def test_an_estimate_is_replaced_once_by_one_of_its_kind_stated_later(portfolio):
    first = make_estimate(portfolio, title="First")
    pressure = make_pressure(portfolio)

    with pytest.raises(Refused, match="same kind and portfolio"):
        recording(portfolio, replaces_id=pressure.pk)()
    with pytest.raises(Refused, match="same kind and portfolio"):
        recording(portfolio, replaces_id=make_estimate(make_portfolio()).pk)()
    with pytest.raises(Refused, match="Only what was stated later"):
        recording(portfolio, replaces_id=first.pk, stated_on=TODAY - timedelta(days=1))()
    second = recording(portfolio, replaces_id=first.pk, title="Second")()
    with pytest.raises(Refused, match="First was replaced by Second already"):
        recording(portfolio, replaces_id=first.pk)()

    assert RequirementEstimate.objects.get(pk=first.pk).replaced_by == second


def test_disagreeing_estimates_are_all_kept_and_the_one_stated_last_is_used(portfolio):
    first = make_estimate(portfolio, 126, stated_on=TODAY - timedelta(days=30))
    make_estimate(portfolio, 121)
    make_estimate(portfolio, 146, counts=False)

    now = money_at(portfolio, on=TODAY, known_at=NOW)
    then = money_at(portfolio, on=first.stated_on, known_at=NOW)

    assert {each.low_pence // MILLION for each in now.known.estimates} == {121, 126, 146}
    assert now.required
    assert then.required
    assert (now.required.low_pence, then.required.low_pence) == (121 * MILLION, 126 * MILLION)


def test_a_scenario_takes_one_requirement_with_pressures_as_a_range(portfolio):
    required, pressure = make_estimate(portfolio), make_pressure(portfolio)

    scenario = adding(portfolio, [required, pressure], name="With the cut")()

    assert events_about(scenario.pk).get().summary == "added the scenario With the cut: £126m to £142m"
    (found,) = money_at(portfolio, on=TODAY, known_at=NOW).scenarios
    assert (found.required.low_pence, found.required.high_pence) == (126 * MILLION, 142 * MILLION)


def test_add_scenario_again_with_the_same_key_does_nothing_new(portfolio):
    again = adding(portfolio, [make_estimate(portfolio)])

    assert again() == again()
    assert Scenario.objects.count() == 1


def test_a_scenario_that_cannot_be_is_refused_and_nothing_is_written(portfolio):
    required, pressure = make_estimate(portfolio), make_pressure(portfolio)
    other = make_estimate(portfolio, 121)
    make_estimate(portfolio, 120, replaces_id=other.pk, title="Later")

    for estimates, words in (
        ([pressure], "Choose one of what is required"),
        ([required, make_estimate(portfolio)], "Choose only one of what is required"),
        ([make_estimate(make_portfolio())], "not of this portfolio"),
        ([other], "was replaced by Later"),
    ):
        with pytest.raises(Refused, match=words) as refusal:
            adding(portfolio, estimates)()
        assert refusal.value.field == "estimates"
    for changed, field in (
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"description": "x" * 2001}, "description"),
    ):
        with pytest.raises(Refused) as refusal:
            adding(portfolio, [required], **changed)()
        assert refusal.value.field == field

    assert not Scenario.objects.exists()


def test_a_name_is_free_again_when_its_scenario_is_withdrawn(portfolio):
    required = make_estimate(portfolio)
    first = adding(portfolio, [required])()
    with pytest.raises(Refused, match="a scenario called as REQUIRED already"):
        adding(portfolio, [required], name="as REQUIRED")()

    withdraw_scenario(scenario_id=first.pk, by=make_cio(portfolio, "Ama Mensah"), now=NOW)
    adding(portfolio, [required])()

    with pytest.raises(Refused, match="Ama Mensah withdrew this scenario on Wednesday 16 September 2026"):
        withdraw_scenario(scenario_id=first.pk, by=make_cio(portfolio), now=NOW)


def test_a_withdrawn_scenario_stays_on_the_days_before(portfolio):
    scenario = make_scenario(portfolio, make_estimate(portfolio))
    withdrawn_at = NOW + timedelta(days=3)
    withdraw_scenario(scenario_id=scenario.pk, by=make_cio(portfolio), now=withdrawn_at)

    before = money_at(portfolio, on=TODAY, known_at=withdrawn_at - timedelta(seconds=1))
    after = money_at(portfolio, on=TODAY, known_at=withdrawn_at)

    assert (len(before.scenarios), len(after.scenarios)) == (1, 0)


def test_the_cio_and_an_administrator_may_change_the_plan_and_nobody_else(portfolio):
    programme = make_programme(portfolio=portfolio)
    scenario = make_scenario(portfolio, make_estimate(portfolio))

    for person in (make_manager(programme), make_person(), make_cio(make_portfolio())):
        for act in (
            recording(portfolio, by=person),
            adding(portfolio, [], by=person),
            partial(withdraw_scenario, scenario_id=scenario.pk, by=person, now=NOW),
        ):
            with pytest.raises(NotPermitted, match="record what this portfolio has to save, or its scenarios"):
                act()
    recording(portfolio, by=make_administrator())()

    assert RequirementEstimate.objects.count() == 2


def test_an_estimate_cannot_be_changed_or_removed(portfolio):
    estimate = make_estimate(portfolio)

    for write in (
        lambda: RequirementEstimate.objects.filter(pk=estimate.pk).update(low_pence=1),
        lambda: RequirementEstimate.objects.filter(pk=estimate.pk).delete(),
    ):
        with pytest.raises(Exception, match=r"(?i)cannot|permission"), transaction.atomic():
            write()
    assert estimate.low_pence == 126 * MILLION


def test_the_database_refuses_a_range_upside_down(portfolio):
    values = RequirementEstimate.objects.filter(pk=make_estimate(portfolio).pk).values().get()

    with pytest.raises(IntegrityError), transaction.atomic():
        RequirementEstimate.objects.create(**(values | {"id": uuid4(), "high_pence": 1}))


def test_a_portfolio_kept_as_a_record_is_shown_as_at_its_last_day_unless_asked(portfolio):
    portfolio.record_until = date(2026, 3, 31)

    assert day_of(portfolio, None, now=NOW).on == date(2026, 3, 31)
    assert day_of(portfolio, TODAY, now=NOW).known_at == NOW
    portfolio.record_until = date(2030, 3, 31)
    assert day_of(portfolio, None, now=NOW).on == TODAY


@pytest.mark.parametrize("count", [1, 3])
def test_the_money_of_a_portfolio_takes_as_many_queries_for_one_of_each_as_for_three(
    portfolio, count, django_assert_num_queries
):
    cio = make_cio(portfolio)
    for number in range(count):
        programme = make_programme(portfolio=portfolio)
        state(make_saving(programme, by=cio), planned=number + 1, by=cio)
        required = make_estimate(portfolio, split=dict.fromkeys(range(2025, 2029), 10), low=40, by=cio)
        make_scenario(portfolio, required, make_pressure(portfolio, by=cio), by=cio)

    with django_assert_num_queries(8):
        money_at(portfolio, on=TODAY, known_at=NOW)


def test_what_another_portfolio_saves_is_not_counted(portfolio):
    other = make_portfolio()
    make_money(other, make_programme(portfolio=other), by=make_cio(other))

    found = money_at(portfolio, on=TODAY, known_at=NOW)

    assert (found.required, found.saved.saved.low_pence, found.scenarios) == (None, 0, ())
    assert money_at(other, on=TODAY, known_at=NOW).saved.saved.low_pence == 126 * MILLION
