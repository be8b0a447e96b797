"""A programme manager publishes a status; the chief information officer finds it on the portfolio's page. By keyboard alone."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.workstreams.enums import Rating
from tests.builders import NOW, make_cio, make_manager, make_portfolio, make_programme, make_workstream, report
from tests.conftest import WebServer
from tests.journeys.keyboard import press, tab_to, write, write_date
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"


@pytest.fixture
def page(browser: Browser, web_server: WebServer) -> Iterator[Page]:
    set_clock(to=NOW)
    context = browser.new_context(base_url=web_server.url)
    yield context.new_page()
    context.close()


def sign_in(page: Page, person: User) -> None:
    person.set_password(PASSWORD)
    person.save()
    page.goto("/accounts/login/")
    write(page, page.get_by_label("Email address"), person.email)
    write(page, page.get_by_label("Password", exact=True), PASSWORD)
    page.keyboard.press("Enter")


def looks_right(page: Page) -> None:
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert violations(page) == []
        assert not scrolls_sideways(page)


def test_a_status_reaches_the_page_of_the_chief_information_officer(page: Page) -> None:
    portfolio = make_portfolio("Northshire")
    programme = make_programme("Connected officer", portfolio=portfolio)
    for name, rating in (("Custody tablets", Rating.AMBER), ("Body-worn video", Rating.GREEN)):
        workstream = make_workstream(programme, name, now=NOW - timedelta(days=90))
        report(workstream, rating, now=NOW - timedelta(weeks=5))
    silent = "0 of 2 reported, 2 silent"
    manager, cio = make_manager(programme, "Priya Shah"), make_cio(portfolio, "Helen Osei")

    sign_in(page, manager)
    expect(page.get_by_role("heading", name="My week")).to_be_visible()
    looks_right(page)
    press(page, page.get_by_role("link", name="Report on Custody tablets"))
    whole = page.get_by_role("group", name="How is it going?")
    tab_to(page, whole.get_by_label("At risk (as last time)"))
    page.keyboard.press("ArrowDown")
    expect(whole.get_by_label("Off track (worse)")).to_be_checked()
    write(page, page.get_by_label("What has changed?"), "The server room flooded.")
    write(page, page.get_by_label("What brings it back on track?"), "Pumps from the fire service.")
    write(page, page.get_by_label("Who sees to that?"), "Priya Shah")
    write_date(page, page.get_by_role("group", name="By when is it back on track?"), date(2026, 11, 27))
    tab_to(page, page.get_by_label("Nothing", exact=True))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Advice")).to_be_checked()
    write(page, page.get_by_label("Your ask"), "Whom to ask for pumps.")
    press(page, page.get_by_role("button", name="Publish status"))
    expect(page.get_by_text("Status published.")).to_be_visible()
    looks_right(page)
    press(page, page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    sign_in(page, cio)
    expect(page.get_by_role("heading", name="Northshire")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Connected officer"))
    expect(row.get_by_text("Off track", exact=True)).to_be_visible()
    expect(page.get_by_text("1 of 2 reported, 1 silent")).to_be_visible()
    expect(page.get_by_text(silent)).to_have_count(0)
    expect(page.get_by_text("Whom to ask for pumps.")).to_be_visible()
    expect(page.get_by_role("link", name="reported Off track for Custody tablets, which was At risk")).to_be_visible()
    looks_right(page)
    press(page, row.get_by_role("link", name="Connected officer"))
    press(page, page.get_by_role("main").get_by_role("link", name="Custody tablets").first)
    expect(page.get_by_text("The server room flooded.").first).to_be_visible()
