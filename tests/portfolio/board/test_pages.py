import pytest
from django.urls import reverse

from programmes.workstreams.enums import Ask
from tests.builders import make_cio, make_person, make_portfolio, make_programme, make_workstream, report

pytestmark = pytest.mark.django_db


def test_the_api_lists_what_is_asked_from_above(client):
    portfolio = make_portfolio()
    workstream = make_workstream(make_programme("Custody", portfolio=portfolio), "Tablets")
    report(workstream, ask_kind=Ask.DECISION, ask="Pay for ten more.")
    client.force_login(make_cio(portfolio))

    [found] = client.get(reverse("api_portfolio_asks", args=[portfolio.pk])).json()["results"]

    assert (found["kind"], found["text"], found["programme_name"]) == ("decision", "Pay for ten more.", "Custody")
    client.force_login(make_person())
    assert client.get(reverse("api_portfolio_asks", args=[portfolio.pk])).status_code == 404


def test_smoke(client):
    portfolio = make_portfolio("The whole force")
    programme = make_programme("Custody", portfolio=portfolio)
    report(make_workstream(programme, "Tablets"))
    cio = make_cio(portfolio)
    client.force_login(cio)
    for path in [
        "/",
        reverse("portfolios"),
        reverse("portfolio_board", args=[portfolio.pk]),
        reverse("portfolio_due", args=[portfolio.pk]),
        reverse("portfolio_changes", args=[portfolio.pk]),
        reverse("portfolio_asks", args=[portfolio.pk]),
        "/search/",
        "/search/?q=a",
        "/search/?q=cust",
        "/search/?q=zzz",
        reverse("programme", args=[programme.pk]),
        reverse("changes_of_programme", args=[programme.pk]),
        reverse("my_programmes"),
    ]:
        response = client.get(path)

        assert response.status_code in (200, 302)
