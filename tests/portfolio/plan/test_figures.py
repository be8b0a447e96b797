"""Every figure, on every page of the money and in the API, is the sum of the lines that it opens to."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from portfolio.groups.models import Portfolio
from programmes.register.models import Programme
from programmes.savings.models import Saving
from tests.builders import NOW, make_cio, make_manager, make_portfolio, make_programme
from tests.builders.money import make_money, make_saving, state

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"
POUNDS = re.compile(r"(\N{MINUS SIGN}?)£([0-9,]+(?:\.[0-9]+)?)(m?)")


class Amounts(HTMLParser):
    """The links of a page that are amounts: (address, words), and the words of its cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self._address, self._text, self._hidden = "", "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and "app-amount" in (given.get("class") or ""):
            self._address, self._text = given["href"] or "", ""
        if tag == "span" and given.get("class") == "govuk-visually-hidden":
            self._hidden = True
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            self.links.append((self._address, self._text.strip()))
            self._address = ""
        self._hidden = self._hidden and tag != "span"

    def handle_data(self, data: str) -> None:
        if self._address and not self._hidden:
            self._text += data
        if self.rows and self.rows[-1] and not self._hidden:
            self.rows[-1][-1] += data


def pence(words: str) -> list[int]:
    """Every amount in the words."""
    return [
        (-1 if minus else 1) * round(float(digits.replace(",", "")) * (1_000_000 if millions else 1) * 100)
        for minus, digits, millions in POUNDS.findall(words)
    ]


def ends(words: str) -> tuple[int, int]:
    found = pence(words)
    return found[0], found[-1]


@pytest.fixture
def money() -> tuple[Client, Portfolio, list[Programme]]:
    """Two programmes of a portfolio, savings in and outside the years of the requirement, every confidence."""
    portfolio = make_portfolio()
    programmes = [make_programme(portfolio=portfolio) for _ in range(2)]
    cio = make_cio(portfolio)
    make_money(portfolio, programmes[0], by=cio)
    other = make_saving(programmes[1], by=cio)
    state(other, 2024, delivered=3, by=cio)
    state(other, 2026, planned=5, expected=2, delivered=1, confidence="likely", by=cio)
    client = Client()
    client.force_login(cio, backend=BACKEND)
    return client, portfolio, programmes


def pages_of(portfolio: Portfolio, programmes: list[Programme]) -> list[str]:
    scenarios = [f"/scenarios/{pk}/" for pk in portfolio.scenarios.values_list("pk", flat=True)]
    savings = [f"/savings/{pk}/" for pk in Saving.objects.values_list("pk", flat=True)]
    return [
        f"/portfolios/{portfolio.pk}/savings/",
        *(f"/programmes/{programme.pk}/savings/" for programme in programmes),
        *scenarios,
        *savings,
    ]


def test_every_figure_on_every_page_is_the_sum_of_its_lines(money):
    client, portfolio, programmes = money
    opened = 0

    for address in pages_of(portfolio, programmes):
        found = [link for link in Amounts(client.get(address).content.decode()).links if "/estimates/" not in link[0]]
        assert found, address
        for link, words in found:
            page = client.get(link)
            assert page.status_code == 200, link
            rows = [row for row in Amounts(page.content.decode()).rows if row and "£" in "".join(row)]
            amounts = [ends(row[2]) for row in rows[:-1]]
            assert ends(words) == (sum(low for low, _ in amounts), sum(high for _, high in amounts)), (address, link)
            if rows:
                assert rows[-1][0] == "Sum"
                assert ends(rows[-1][2]) == ends(words), (address, link)
            opened += 1

    assert opened > 100


def figures_of(answer: Any) -> list[dict[str, Any]]:
    """Every figure in an answer of the API, however deep."""
    if isinstance(answer, list):
        return [figure for each in answer for figure in figures_of(each)]
    if not isinstance(answer, dict):
        return []
    own = [answer] if isinstance(answer.get("lines"), str) else []
    return own + [figure for each in answer.values() for figure in figures_of(each)]


def test_every_figure_of_the_api_is_the_sum_of_its_lines(money):
    client, portfolio, programmes = money
    addresses = [
        f"/api/portfolios/{portfolio.pk}/savings/",
        *(f"/api/programmes/{programme.pk}/savings/money/" for programme in programmes),
    ]
    opened = 0

    for address in addresses:
        found = figures_of(client.get(address).json())
        assert len(found) > 10, address
        for figure in found:
            answer = client.get(figure["lines"]).json()
            lines = answer["lines"]
            low = sum(line.get("low_pence", line.get("pence")) for line in lines)
            high = sum(line.get("high_pence", line.get("pence")) for line in lines)
            assert (figure["low_pence"], figure["high_pence"]) == (low, high), figure["lines"]
            assert (answer.get("low_pence", answer.get("pence")), answer.get("high_pence", answer.get("pence"))) == (
                low,
                high,
            )
            opened += 1

    assert opened > 150


def test_no_amount_on_a_money_page_is_bare(money):
    """Whatever reads as pounds in a table of the portfolio or a programme is a link to its lines or to its estimate."""
    client, portfolio, programmes = money

    for address in pages_of(portfolio, programmes)[:3]:
        page = client.get(address).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        without_links = re.sub(r'<a class="[^"]*app-amount.*?</a>', "", main, flags=re.DOTALL)

        assert len(POUNDS.findall(main)) > 10
        assert POUNDS.findall(without_links) == []


def test_a_figure_opens_as_at_the_day_of_its_page(money):
    client, portfolio, _ = money
    on = NOW.date().isoformat()

    links = Amounts(client.get(f"/portfolios/{portfolio.pk}/savings/?on={on}").content.decode()).links
    lines = [link for link, _ in links if "/lines/" in link]

    assert lines
    assert all(f"on={on}" in urlsplit(link).query for link in lines)


def test_a_reader_of_another_portfolio_opens_no_line(money):
    _, portfolio, programmes = money
    stranger = Client()
    stranger.force_login(make_manager(make_programme()), backend=BACKEND)

    for address in (
        f"/portfolios/{portfolio.pk}/savings/",
        f"/portfolios/{portfolio.pk}/savings/lines/?figure=gap",
        f"/api/portfolios/{portfolio.pk}/savings/",
        f"/api/portfolios/{portfolio.pk}/savings/lines/?figure=gap",
        f"/programmes/{programmes[0].pk}/savings/",
        f"/programmes/{programmes[0].pk}/savings/lines/?figure=saved",
        f"/api/programmes/{programmes[0].pk}/savings/money/",
        f"/api/programmes/{programmes[0].pk}/savings/lines/?figure=saved",
    ):
        assert stranger.get(address).status_code == 404, address
