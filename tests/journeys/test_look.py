"""Each component in each state, in a real browser: axe, a phone's width, the keyboard, paper, and no JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import WebServer
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = pytest.mark.journey
PAGES = [
    "/gallery/",
    "/gallery/?state=messages",
    "/gallery/form/",
    "/gallery/form/?state=wrong",
    "/gallery/question/",
    "/gallery/confirm/",
    "/gallery/receipt/",
    "/gallery/tables/",
    "/privacy/",
    "/help/",
    "/accessibility/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nothing-here/",
]


@pytest.fixture
def open_page(browser: Browser, web_server: WebServer) -> Iterator[Any]:
    """Opens a page of the server; fails when the browser complains about anything but a 404 that was asked for."""
    contexts = []

    def go(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=web_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    complaints: list[str] = []
    yield go
    for context in contexts:
        context.close()
    assert [text for text in complaints if "404 (Not Found)" not in text] == []


def test_no_page_breaks_a_rule_of_axe_or_scrolls_sideways(open_page: Any) -> None:
    found = []
    for viewport in (DESKTOP, PHONE):
        page = open_page("/help/", viewport=viewport)
        for path in PAGES:
            page.goto(path)
            found += [f"{viewport['width']} {path} {line}" for line in violations(page)]
            if scrolls_sideways(page):
                found.append(f"{viewport['width']} {path} scrolls sideways")

    assert found == []


def test_the_keyboard_skips_to_the_content_and_from_the_summary_to_the_input(open_page: Any) -> None:
    page = open_page("/gallery/form/?state=wrong", viewport=DESKTOP)
    expect(page.locator(".govuk-error-summary")).to_be_focused()

    page.locator(".govuk-error-summary a", has_text="Planned start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Year")).to_be_focused()

    page.goto("/help/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_on_a_phone_a_row_is_a_card_and_a_wide_table_scrolls_in_its_region(open_page: Any) -> None:
    page = open_page("/gallery/tables/", viewport=PHONE)

    first = page.get_by_role("region", name="All workstreams").locator("tbody tr").first
    expect(first).to_have_css("display", "block")
    expect(first.locator("td").first).to_have_attribute("data-label", "Rating")

    wide = page.get_by_role("region", name="Delivery by month")
    expect(wide).to_have_attribute("tabindex", "0")
    assert wide.evaluate("region => region.scrollWidth > region.clientWidth")


def test_on_a_desktop_a_table_that_fits_is_no_stop_for_the_tab_key(open_page: Any) -> None:
    page = open_page("/gallery/tables/", viewport=DESKTOP)

    region = page.get_by_role("region", name="All workstreams")
    expect(region).not_to_have_attribute("tabindex", "0")
    expect(region.locator("thead")).to_be_visible()


def test_without_javascript_everything_is_there(open_page: Any) -> None:
    page = open_page("/gallery/form/?state=wrong", viewport=PHONE, java_script_enabled=False)

    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("What changed?")).to_be_visible()
    page.goto("/gallery/tables/")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("Showing 41 to 50 of 95 workstreams")).to_be_visible()


def test_on_paper_the_content_stays_and_what_one_presses_goes(open_page: Any) -> None:
    page = open_page("/gallery/", viewport=DESKTOP)
    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Digital front desk")).to_be_visible()
    expect(page.get_by_text("Transformation portfolio ·")).to_be_visible()
    expect(page.locator(".govuk-breadcrumbs")).to_be_hidden()
    expect(page.get_by_role("link", name="Record a status")).to_be_hidden()
    assert page.locator(".app-rating").first.evaluate("tag => getComputedStyle(tag).borderTopStyle") == "solid"
