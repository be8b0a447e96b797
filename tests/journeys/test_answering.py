"""A member of staff is asked for their views and answers on a phone, comes back later, and changes an answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.clock.operations import set_clock
from programmes.consultations.enums import QuestionKind
from programmes.consultations.models import Answer, ConsultationTask
from tests.builders import NOW, launch, make_consultation, make_person, make_question, make_unit
from tests.conftest import WebServer
from tests.journeys.keyboard import press, tab_to, write
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"


@pytest.fixture
def task(web_server: WebServer) -> ConsultationTask:
    set_clock(to=NOW)
    person = make_person("Leah Osei", unit=make_unit("Contact centre"))
    person.set_password(PASSWORD)
    person.save()
    consultation = make_consultation(units=[person.unit])
    make_question(
        consultation,
        "Compared with two years ago, the public gets through to us",
        kind=QuestionKind.SCALE,
        options=["Worse", "The same", "Better"],
    )
    make_question(
        consultation,
        "Which of these have helped you?",
        kind=QuestionKind.MULTIPLE_CHOICE,
        options=["Online reporting", "The triage desk", "None of these"],
        is_required=False,
    )
    make_question(consultation, "What should we keep, whatever comes next?")
    make_question(consultation, "Is there a team we should visit?", kind=QuestionKind.SHORT_TEXT, is_required=False)
    launch(consultation)
    return ConsultationTask.objects.get(person=person)


@pytest.fixture
def phone(browser: Browser, web_server: WebServer, task: ConsultationTask) -> Iterator[Any]:
    """Opens a signed-in page; without JavaScript where asked."""
    contexts = []

    def go(**options: Any) -> Page:
        context = browser.new_context(base_url=web_server.url, **({"viewport": PHONE} | options))
        contexts.append(context)
        page = context.new_page()
        page.goto("/my-tasks/")
        page.get_by_label("Email").fill(task.person.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield go
    for context in contexts:
        context.close()


def looks_right(page: Page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_answering_on_a_phone_coming_back_and_changing_an_answer(phone: Any, task: ConsultationTask) -> None:
    page = phone()
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()
    expect(page.get_by_text("Closes at 5pm on Tuesday 10 November 2026, UK time: 7 weeks left")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name=task.consultation.title).click()
    expect(page.get_by_text("this consultation is not anonymous")).to_be_visible()
    looks_right(page)

    page.get_by_role("button", name="Start now").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looks_right(page)
    page.get_by_label("Better").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Question 2 of 4")).to_be_visible()
    looks_right(page)
    page.get_by_label("The triage desk").check()
    page.get_by_role("button", name="Save and come back later").click()
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()
    expect(page.get_by_text("In progress")).to_be_visible()

    page = phone()
    page.get_by_role("link", name=task.consultation.title).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What should we keep, whatever comes next?").fill("The open hour.\nThe people.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers before you send them")).to_be_visible()
    expect(page.get_by_text("Not provided")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", name="Answers sent")).to_be_visible()
    looks_right(page)

    page.go_back()
    expect(page.get_by_role("heading", name="Answers sent")).to_be_visible()

    page.get_by_role("link", name="read or change your answers").click()
    looks_right(page)
    page.get_by_role("link", name="Change your answer to: Compared with two years ago").click()
    page.get_by_label("Worse").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Changed, not sent yet")).to_be_visible()
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_text("No, replaced")).to_be_visible()
    looks_right(page)
    found = Answer.objects.filter(response__task=task).order_by("response__number", "question__position")
    assert list(found.values_list("response__number", "value")) == [
        (1, "Better"),
        (1, ["The triage desk"]),
        (1, "The open hour.\nThe people."),
        (2, "Worse"),
        (2, ["The triage desk"]),
        (2, "The open hour.\nThe people."),
    ]


def test_answering_by_keyboard_alone_without_javascript(phone: Any, task: ConsultationTask) -> None:
    page = phone(viewport=DESKTOP, java_script_enabled=False)
    press(page, page.get_by_role("link", name=task.consultation.title))
    press(page, page.get_by_role("button", name="Start now"))
    tab_to(page, page.get_by_label("Worse"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("The same")).to_be_checked()
    page.keyboard.press("Enter")
    press(page, page.get_by_role("button", name="Continue"))
    write(page, page.get_by_label("What should we keep, whatever comes next?"), "n/a")
    press(page, page.get_by_role("button", name="Continue"))
    press(page, page.get_by_role("button", name="Continue"))
    press(page, page.get_by_role("button", name="Send answers"))
    expect(page.get_by_role("heading", name="Answers sent")).to_be_visible()


def test_after_the_close_the_page_says_so_and_gives_the_words_back(phone: Any, task: ConsultationTask) -> None:
    page = phone()
    page.get_by_role("link", name=task.consultation.title).click()
    page.get_by_role("link", name="What should we keep, whatever comes next?").click()
    page.get_by_label("What should we keep, whatever comes next?").fill("Written a minute too late")
    set_clock(to=task.consultation.review.closes_at)

    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_text("This consultation closed at 5pm on Tuesday 10 November 2026, UK time")).to_be_visible()
    expect(page.get_by_text("Written a minute too late")).to_be_visible()
    looks_right(page)
