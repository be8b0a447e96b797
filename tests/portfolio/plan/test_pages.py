from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from partners.people.enums import Role
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.plan.models import RequirementEstimate, Scenario
from tests.builders import (
    MILLION,
    give_role,
    make_cio,
    make_estimate,
    make_manager,
    make_money,
    make_person,
    make_portfolio,
    make_pressure,
    make_programme,
    make_scenario,
)

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


@pytest.fixture
def portfolio() -> Portfolio:
    return make_portfolio()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def reader_of(portfolio: Portfolio) -> User:
    return give_role(make_person(), Role.READER, portfolio.scope)


def typed(**changed: object) -> dict[str, object]:
    whole = {
        "kind": "required",
        "title": "Savings required",
        "low": "126m",
        "high": "",
        "first_year": "2025-26",
        "last_year": "2028-29",
        "split": "",
        "stated_by": "The treasurer",
        "stated_on": "2026-09-16",
        "source": "Budget paper",
        "covers": "",
        "price_base": "",
        "counts": "yes",
        "replaces": "",
        "request_key": str(uuid4()),
    }
    return whole | changed


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_empty_plan_says_what_to_do(portfolio):
    address = f"/portfolios/{portfolio.pk}/savings/"

    page, read = text(signed_in(make_cio(portfolio)).get(address)), text(signed_in(reader_of(portfolio)).get(address))

    assert "Record what somebody said has to be saved" in page
    assert "The Chief information officer records what has to be saved" in read
    assert "Record an estimate" not in read
    assert [f"/portfolios/{portfolio.pk}/estimates/new/" in each for each in (page, read)] == [True, False]


def test_the_cio_records_an_estimate_with_its_split(portfolio):
    client = signed_in(make_cio(portfolio))
    split = "2025-26: 32m\r\n2026-27: £32m\r\n2027-28: 31,000,000\r\n2028-29: 31m"

    page = text(client.post(f"/portfolios/{portfolio.pk}/estimates/new/", typed(split=split), follow=True))

    assert "Estimate recorded." in page
    assert "£126,000,000" in page
    assert dict(RequirementEstimate.objects.get().years.values_list("year", "pence"))[2027] == 31 * MILLION


@pytest.mark.parametrize(
    ("changed", "words", "status"),
    [
        ({"low": ""}, "Enter amount", HTTPStatus.OK),
        ({"low": "lots"}, "Enter the amount in pounds", HTTPStatus.OK),
        ({"first_year": "2025"}, "Enter a financial year such as 2012-13", HTTPStatus.OK),
        ({"split": "2025-26"}, "Write one financial year on each line", HTTPStatus.OK),
        ({"split": "2025-26: 126m"}, "Give each financial year of 2025-26 to 2028-29 once", HTTPStatus.CONFLICT),
        ({"high": "1m"}, "The highest amount is below the lowest", HTTPStatus.CONFLICT),
        ({"kind": "wish"}, "Choose one of the options", HTTPStatus.OK),
        ({"replaces": str(uuid4())}, "Choose one of the options", HTTPStatus.OK),
        ({"stated_on": "2999-01-01"}, "must be between 2000 and 2099", HTTPStatus.CONFLICT),
    ],
)
def test_an_estimate_typed_wrong_is_told_on_the_page(portfolio, changed, words, status):
    answer = signed_in(make_cio(portfolio)).post(f"/portfolios/{portfolio.pk}/estimates/new/", typed(**changed))

    assert answer.status_code == status
    assert words in text(answer)
    assert "Budget paper" in text(answer)
    assert not RequirementEstimate.objects.exists()


def test_the_cio_adds_a_scenario_and_withdraws_it(portfolio):
    required, pressure = make_estimate(portfolio), make_pressure(portfolio)
    client = signed_in(make_cio(portfolio))

    added = client.post(
        f"/portfolios/{portfolio.pk}/scenarios/new/",
        {
            "name": "With the cut",
            "description": "",
            "required_estimate": str(required.pk),
            "pressures": [str(pressure.pk)],
            "request_key": str(uuid4()),
        },
        follow=True,
    )
    scenario = Scenario.objects.get()
    withdrawn = client.post(f"/scenarios/{scenario.pk}/withdraw/", follow=True)

    assert "£126m to £142m" in text(added)
    assert "known as a range" in text(added)
    assert "Scenario withdrawn." in text(withdrawn)
    assert "With the cut" not in text(withdrawn)
    assert "Not known on that day" in text(client.get(f"/scenarios/{scenario.pk}/"))


def test_a_scenario_asks_for_an_estimate_first(portfolio):
    page = text(signed_in(make_cio(portfolio)).get(f"/portfolios/{portfolio.pk}/scenarios/new/"))

    assert "Record what is required first" in page


def test_a_name_that_is_taken_is_told_at_its_field(portfolio):
    required = make_estimate(portfolio)
    make_scenario(portfolio, required, name="As required")

    answer = signed_in(make_cio(portfolio)).post(
        f"/portfolios/{portfolio.pk}/scenarios/new/",
        {"name": "as required", "required_estimate": str(required.pk), "request_key": str(uuid4())},
    )

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "There is a scenario called as required already" in text(answer)


def test_disagreeing_estimates_stand_beside_each_other(portfolio):
    make_estimate(portfolio, 126, title="As the treasurer has it")
    make_estimate(portfolio, 121, title="As the inspectorate has it", counts=False)

    page = text(signed_in(reader_of(portfolio)).get(f"/portfolios/{portfolio.pk}/savings/"))

    assert "£126m" in page
    assert "£121m" in page
    assert "Kept beside the others" in page


def test_every_chart_has_its_table_and_no_style_of_its_own(portfolio):
    cio = make_cio(portfolio)
    make_money(portfolio, make_programme(portfolio=portfolio), by=cio)

    page = text(signed_in(cio).get(f"/portfolios/{portfolio.pk}/savings/"))

    assert page.count('<svg class="app-chart__bar"') == 4
    assert "By financial year" in page[page.index("app-chart__bar") :]
    assert " style=" not in page


def test_a_past_day_is_shown_as_it_was_known(portfolio):
    make_estimate(portfolio)
    client = signed_in(reader_of(portfolio))
    address = f"/portfolios/{portfolio.pk}/savings/"

    assert "Nothing is known of what is required" in text(client.get(f"{address}?on=2026-09-15"))
    assert "£126m" in text(client.get(f"{address}?on=2026-09-16"))
    assert "must be today or in the past" in text(client.get(f"{address}?on=2098-01-01"))


@pytest.mark.parametrize("query", ["figure=all", "year=2026", "scenario=1", "confidence=sure", "year=never"])
def test_lines_of_no_figure_are_not_found(portfolio, query):
    client = signed_in(reader_of(portfolio))

    assert client.get(f"/portfolios/{portfolio.pk}/savings/lines/?{query}").status_code == HTTPStatus.NOT_FOUND


def test_pages_that_are_not_for_somebody(portfolio):
    programme = make_programme(portfolio=portfolio)
    estimate = make_estimate(portfolio)
    scenario = make_scenario(portfolio, estimate)
    read = [
        f"/portfolios/{portfolio.pk}/savings/",
        f"/portfolios/{portfolio.pk}/savings/lines/",
        f"/estimates/{estimate.pk}/",
        f"/scenarios/{scenario.pk}/",
    ]
    write = [
        f"/portfolios/{portfolio.pk}/estimates/new/",
        f"/portfolios/{portfolio.pk}/scenarios/new/",
        f"/scenarios/{scenario.pk}/withdraw/",
    ]
    reader = signed_in(reader_of(portfolio))

    assert [reader.get(address).status_code for address in read] == [HTTPStatus.OK] * 4
    assert [reader.get(address).status_code for address in write] == [HTTPStatus.FORBIDDEN] * 3
    for person in (make_person(), make_cio(make_portfolio()), make_manager(programme)):
        client = signed_in(person)
        assert [client.get(address).status_code for address in read + write] == [HTTPStatus.NOT_FOUND] * 7
