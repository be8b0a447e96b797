import pytest
from django.urls import reverse

from tests.builders import make_cio, make_portfolio, make_programme, make_workstream, report

pytestmark = pytest.mark.django_db


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
