"""A programme manager opens a review, drafts a consultation inside it, launches it, and sees who has answered."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.clock.operations import set_clock
from programmes.consultations.models import ConsultationTask
from tests.builders import NOW, make_manager, make_person, make_programme, make_unit
from tests.conftest import WebServer
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"


@pytest.fixture
def page(browser: Browser, web_server: WebServer) -> Iterator[Page]:
    set_clock(to=NOW)
    unit = make_unit("Contact centre")
    for n in range(12):
        make_person(f"Call taker {n}", unit=unit)
    manager = make_manager(make_programme("Contact and Resolution"), "Grace Adeyemi")
    manager.set_password(PASSWORD)
    manager.save()
    context = browser.new_context(base_url=web_server.url, viewport=DESKTOP)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto("/my-tasks/")
    opened.get_by_label("Email").fill(manager.email)
    opened.get_by_label("Password", exact=True).fill(PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    yield opened
    context.close()


def looks_right(page: Page) -> None:
    """On a desktop and on a phone."""
    found = []
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += violations(page)
        assert not scrolls_sideways(page)
    assert found == []


def enter(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).first.fill(value)


def add_question(page: Page, text: str, kind: str, options: str = "") -> None:
    page.get_by_role("button", name="Add a question").click()
    enter(page, Question=text)
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("Options, one on each line").fill(options)
    page.get_by_role("button", name="Save question").click()
    expect(page.get_by_text("Question added.")).to_be_visible()


def test_from_the_plan_of_a_review_to_a_launched_consultation(page: Page, web_server: WebServer) -> None:
    programme = make_programme_page(page)
    page.goto(programme + "reviews/")
    looks_right(page)
    page.get_by_role("button", name="Open a review").click()
    looks_right(page)
    enter(page, Title="Autumn review", Purpose="To look at the work done.", Day="19", Month="9", Year="2026")
    page.get_by_role("button", name="Show the dates").click()
    expect(page.get_by_role("link", name="The next possible day is Monday 21 September 2026")).to_be_visible()
    enter(page, Day="22")
    page.get_by_role("button", name="Show the dates").click()
    expect(page.get_by_text("to 5pm on Tuesday 17 November 2026, UK time")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Open the review with these dates").click()
    expect(page.get_by_role("heading", name="Autumn review")).to_be_visible()
    looks_right(page)

    page.get_by_role("button", name="Draft a consultation").click()
    looks_right(page)
    enter(page, Title="What works, and what does not?", Introduction="Nothing is decided.")
    page.get_by_role("button", name="Save and add questions").click()
    expect(page.get_by_text("There are no questions. Add at least one.")).to_be_visible()
    looks_right(page)
    add_question(page, "Is it better than two years ago?", "A scale", "Worse\nThe same\nBetter")
    add_question(page, "What should we keep?", "Long text")
    page.get_by_role("button", name=re.compile("Move up.*What should we keep")).click()
    expect(page.get_by_role("heading", name="1. What should we keep?")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="Change who is asked").click()
    looks_right(page)
    page.get_by_label("Contact centre").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Ready to launch to 12 people.")).to_be_visible()
    page.get_by_role("link", name="See it as those who are asked will see it").click()
    expect(page.get_by_text("Nothing is saved.")).to_be_visible()
    page.go_back()

    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_role("table", name="What goes out").get_by_role("row")).to_have_count(6)
    looks_right(page)
    page.get_by_role("button", name="Launch the consultation").click()
    expect(page.get_by_text("0 of 12")).to_be_visible()
    looks_right(page)
    assert ConsultationTask.objects.count() == 12


def make_programme_page(page: Page) -> str:
    """The address of the programme's page."""
    page.goto("/my-week/")
    page.get_by_role("link", name="Contact and Resolution").first.click()
    return page.url
