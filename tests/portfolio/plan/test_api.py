from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from portfolio.groups.models import Portfolio
from portfolio.plan.models import RequirementEstimate, Scenario
from tests.builders import (
    MILLION,
    make_cio,
    make_estimate,
    make_manager,
    make_money,
    make_portfolio,
    make_pressure,
    make_programme,
    make_scenario,
)

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"
ESTIMATE = {
    "kind": "required",
    "title": "Savings required",
    "low_pence": 100,
    "first_year": "2025-26",
    "last_year": "2026-27",
    "split": [{"year": "2025-26", "pence": 60}, {"year": "2026-27", "pence": 40}],
    "stated_by": "The treasurer",
    "stated_on": "2026-09-16",
    "source": "Budget paper",
}


@pytest.fixture
def portfolio() -> Portfolio:
    return make_portfolio()


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def post(client: Client, path: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/{path}", body, content_type="application/json", headers=headers)


def test_an_estimate_is_recorded_once_and_read_again(portfolio):
    client, key, path = as_(make_cio(portfolio)), str(uuid4()), f"portfolios/{portfolio.pk}/estimates/"

    answers = [post(client, path, ESTIMATE, key) for _ in range(2)]

    assert [each.status_code for each in answers] == [HTTPStatus.CREATED] * 2
    recorded = answers[0].json()
    assert (recorded["high_pence"], recorded["split"]) == (100, ESTIMATE["split"])
    assert client.get(f"/api/estimates/{recorded['id']}/").json() == recorded
    assert client.get(f"/api/{path}").json()["results"] == [recorded]
    assert RequirementEstimate.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"low_pence": -1}, "low_pence"),
        ({"low_pence": 0.5}, "low_pence"),
        ({"kind": "wish"}, "kind"),
        ({"first_year": "2025-27"}, "first_year"),
        ({"split": [{"year": "2025-26", "pence": 1}] * 2}, "split"),
        ({"split": [{"year": "2025-26", "pence": "x"}]}, "split"),
        ({"split": "2025-26: 1"}, "split"),
        ({"title": "Two\nlines"}, "title"),
        ({"replaces": "x"}, "replaces"),
    ],
)
def test_an_estimate_that_cannot_be_read_is_invalid(portfolio, changed, field):
    answer = post(as_(make_cio(portfolio)), f"portfolios/{portfolio.pk}/estimates/", ESTIMATE | changed)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert field in answer.json()


def test_a_split_that_does_not_sum_to_the_figure_is_refused(portfolio):
    answer = post(as_(make_cio(portfolio)), f"portfolios/{portfolio.pk}/estimates/", ESTIMATE | {"low_pence": 101})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "come to £1 and the figure is £1.01" in answer.json()["detail"]


def test_a_scenario_is_added_read_and_withdrawn(portfolio):
    client = as_(make_cio(portfolio))
    estimates = [str(make_estimate(portfolio).pk), str(make_pressure(portfolio).pk)]
    path = f"portfolios/{portfolio.pk}/scenarios/"

    added = post(client, path, {"name": "With the cut", "estimates": estimates})
    scenario_id = added.json()["id"]
    again = post(client, path, {"name": "with the cut", "estimates": estimates})
    withdrawn = client.post(f"/api/scenarios/{scenario_id}/withdraw/")

    assert added.status_code == HTTPStatus.CREATED
    assert set(added.json()["estimates"]) == set(estimates)
    assert again.status_code == HTTPStatus.CONFLICT
    assert withdrawn.json()["withdrawn_at"]
    assert client.post(f"/api/scenarios/{scenario_id}/withdraw/").status_code == HTTPStatus.CONFLICT
    assert client.get(f"/api/scenarios/{scenario_id}/").json()["name"] == "With the cut"
    assert len(client.get(f"/api/{path}").json()["results"]) == 1
    assert Scenario.objects.count() == 1


def test_the_money_of_a_portfolio_as_at_a_day(portfolio):
    cio = make_cio(portfolio)
    make_money(portfolio, make_programme(portfolio=portfolio), by=cio)
    client, path = as_(cio), f"/api/portfolios/{portfolio.pk}/savings/"

    then, before = client.get(f"{path}?on=2026-09-16").json(), client.get(f"{path}?on=2026-09-15").json()

    assert then["required"]["low_pence"] == then["saved"]["saved"]["low_pence"] == 126 * MILLION
    assert [(each["name"], each["gap"]["low_pence"], each["gap"]["high_pence"]) for each in then["scenarios"]] == [
        ("As required", 0, 0),
        ("With the cut in funding", 0, 16 * MILLION),
    ]
    assert [each["year"] for each in then["years"]] == ["2025-26", "2026-27", "2027-28", "2028-29"]
    assert (before["required"], before["gap"], before["years"]) == (None, None, [])
    assert client.get(f"{path}?on=2098-01-01").status_code == HTTPStatus.BAD_REQUEST
    assert client.get(f"{path}lines/?figure=all").status_code == HTTPStatus.BAD_REQUEST
    assert client.get(f"{path}lines/?sum=1").status_code == HTTPStatus.BAD_REQUEST


def test_the_api_is_closed_to_those_who_may_not(portfolio):
    programme = make_programme(portfolio=portfolio)
    estimate = make_estimate(portfolio)
    scenario = make_scenario(portfolio, estimate)
    client = as_(make_manager(programme))

    for path in (
        f"portfolios/{portfolio.pk}/savings/",
        f"portfolios/{portfolio.pk}/savings/lines/",
        f"portfolios/{portfolio.pk}/estimates/",
        f"portfolios/{portfolio.pk}/scenarios/",
        f"estimates/{estimate.pk}/",
        f"scenarios/{scenario.pk}/",
    ):
        assert client.get(f"/api/{path}").status_code == HTTPStatus.NOT_FOUND, path
        assert Client().get(f"/api/{path}").status_code == HTTPStatus.UNAUTHORIZED, path
    assert post(client, f"portfolios/{portfolio.pk}/estimates/", ESTIMATE).status_code == HTTPStatus.NOT_FOUND
    assert post(client, f"scenarios/{scenario.pk}/withdraw/", {}).status_code == HTTPStatus.NOT_FOUND
