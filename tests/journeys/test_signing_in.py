"""Somebody new asks for a link, chooses a password, signs in and out again: by keyboard alone, with a real mail."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.clock.operations import set_clock
from tests.builders import NOW, make_person
from tests.conftest import WebServer
from tests.journeys.keyboard import press, write
from tests.journeys.looking import scrolls_sideways, violations
from tests.processes import SmtpSink

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"


@pytest.fixture
def page(browser: Browser, web_server: WebServer) -> Iterator[Page]:
    set_clock(to=NOW)
    context = browser.new_context(base_url=web_server.url)
    yield context.new_page()
    context.close()


def looks_right(page: Page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_from_the_first_link_to_signing_out(page: Page, smtp_sink: SmtpSink) -> None:
    person = make_person("Ama Mensah")

    page.goto("/my-tasks/")
    press(page, page.get_by_role("link", name="I have forgotten my password, or have none yet"))
    write(page, page.get_by_label("Email address"), person.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    mail = smtp_sink.wait_for(1)[0].message.get_body(("plain",))
    assert mail
    page.goto(re.findall(r"http\S+", mail.get_content())[0])
    write(page, page.get_by_label("New password", exact=True), "short")
    write(page, page.get_by_label("New password again"), "short")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looks_right(page)
    write(page, page.get_by_label("New password", exact=True), PASSWORD)
    write(page, page.get_by_label("New password again"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your password has been changed")).to_be_visible()

    press(page, page.get_by_role("main").get_by_role("link", name="Sign in"))
    write(page, page.get_by_label("Email address"), person.email)
    write(page, page.get_by_label("Password", exact=True), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()
    looks_right(page)

    press(page, page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/my-tasks/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_told_and_the_address_is_kept(page: Page) -> None:
    page.goto("/accounts/login/")
    write(page, page.get_by_label("Email address"), make_person().email)
    write(page, page.get_by_label("Password", exact=True), "not this one")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The email address or the password is not correct").first).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value(re.compile("@example.org"))
    looks_right(page)
