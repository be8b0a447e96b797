"""The chief information officer reads the portfolio as at two earlier days, and opens its figures down to their lines."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from partners.clock.operations import set_clock
from partners.clock.rules import UK
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import set_up_programme
from programmes.register.enums import DeliveryModel
from programmes.savings.models import Saving
from tests.builders import make_cio, make_estimate, make_person, make_portfolio, make_pressure, make_scenario, state
from tests.builders.money import make_saving
from tests.conftest import WebServer
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import press, tab_to, write_date
from tests.journeys.looking import looks_right

pytestmark = pytest.mark.journey
SET_UP, EXPECTED_ON, DELIVERED_ON, READ_ON = (
    date(2012, 9, 3),
    date(2012, 11, 30),
    date(2013, 3, 31),
    date(2013, 4, 15),
)
MADE_OF = ": what it is made of"
YEARS: dict[str, Any] = {"first_year": 2011, "last_year": 2014}


class Story(NamedTuple):
    portfolio: Portfolio
    cio: User


def noon_of(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time().replace(hour=12), tzinfo=UK)


@pytest.fixture
def story(web_server: WebServer) -> Story:
    """£126m is required, £78m of it is first expected and then delivered, £48m is planned; up to £16m may be added."""
    now = noon_of(SET_UP)
    set_clock(to=now)
    portfolio = make_portfolio("Northshire, 2012")
    cio = make_cio(portfolio, "Helen Osei")
    programme = set_up_programme(
        portfolio_id=portfolio.pk,
        name="Policing plan",
        summary="",
        delivery_model=DeliveryModel.TASKFORCE,
        owner_id=cio.pk,
        manager_id=make_person("Priya Shah").pk,
        by=cio,
        now=now,
    )
    required = make_estimate(portfolio, 126, by=cio, now=now, **YEARS)
    under_way = make_saving(programme, "Fewer leased buildings", by=cio, now=now)
    rest = make_saving(programme, "Shared services", by=cio, now=now)

    now = noon_of(EXPECTED_ON)
    set_clock(to=now)
    make_scenario(
        portfolio, required, make_pressure(portfolio, by=cio, now=now, **YEARS), name="With cuts", by=cio, now=now
    )
    say(under_way, cio, now, {2011: 40, 2012: 38}, "expected")
    say(rest, cio, now, {2013: 26, 2014: 22}, "planned")

    now = noon_of(DELIVERED_ON)
    set_clock(to=now)
    say(under_way, cio, now, {2011: 40, 2012: 38}, "delivered")
    set_clock(to=noon_of(READ_ON))
    return Story(portfolio, cio)


def say(saving: Saving, cio: User, now: datetime, millions: dict[int, int], part: str) -> None:
    for year, amount in millions.items():
        said: dict[str, Any] = {part: amount}
        state(saving, year, by=cio, now=now, request_key=uuid4(), **said)


def figures(page: Page) -> dict[str, str]:
    """What the block of money says: what each amount is of, to the amount."""
    found = {}
    for amount in page.get_by_role("region", name="Savings against what is required").locator(".app-amount").all():
        of = amount.locator(".govuk-visually-hidden").inner_text()
        found[of.removesuffix(MADE_OF).strip()] = amount.evaluate("link => link.firstChild.textContent")
    return found


def show(page: Page, day: date) -> None:
    tab_to(page, page.get_by_text("Another day"))
    page.keyboard.press("Enter")
    write_date(page, page.get_by_role("group", name="As at"), day)
    press(page, page.get_by_role("button", name="Show that day"))


def test_the_portfolio_as_at_two_days_and_what_its_figures_are_made_of(visit: Visit, story: Story) -> None:
    page = visit(story.cio)
    page.goto("/")
    expect(page.get_by_role("heading", name="Northshire, 2012")).to_be_visible()
    looks_right(page)

    show(page, EXPECTED_ON)
    expect(page.get_by_text("As at the end of Friday 30 November 2012")).to_be_visible()
    looks_right(page)
    then = figures(page)
    show(page, DELIVERED_ON)
    expect(page.get_by_text("As at the end of Sunday 31 March 2013")).to_be_visible()
    later = figures(page)

    assert then == {
        "required": "£126m",
        "delivered": "£0",
        "expected": "£78m",
        "planned": "£48m",
        "still to find": "£0",
        "pressures": "£0 to £16m",
    }
    assert later == then | {"delivered": "£78m", "expected": "£0"}
    opens(page, "delivered", "£78,000,000", ["£40,000,000", "£38,000,000"])
    page.go_back()
    opens(page, "planned", "£48,000,000", ["£26,000,000", "£22,000,000"])
    page.go_back()
    press(page, page.get_by_role("link", name="By financial year, with scenarios"))
    expect(page.get_by_text("As at Sunday 31 March 2013")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("£126m to £142m")
    looks_right(page)


def opens(page: Page, word: str, total: str, lines: list[str]) -> None:
    """Follow a figure to the lines that it is the sum of."""
    section = page.get_by_role("region", name="Savings against what is required")
    press(page, section.get_by_role("link", name=f"{word}{MADE_OF}"))
    table = page.get_by_role("table", name="What it is made of")
    expect(table.get_by_role("row", name="Sum")).to_contain_text(total)
    for line in lines:
        expect(table.get_by_role("cell", name=line).first).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(len(lines) + 2)
    looks_right(page)
