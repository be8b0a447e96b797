"""Staff and partners are asked: one answers signed in, one by the link in a mail, a moderator decides what others read."""

import re
from typing import NamedTuple
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.consultations.models import ConsultationTask, DraftAnswer, Response
from tests.builders import (
    NOW,
    ask_partners,
    launch,
    make_consortium,
    make_consultation,
    make_contact,
    make_moderator,
    make_organisation,
    make_person,
    make_review,
    make_shared_question,
    make_unit,
)
from tests.conftest import WebServer
from tests.journeys.conftest import Visit
from tests.journeys.looking import PHONE, looks_right, scrolls_sideways, violations
from tests.processes import SmtpSink, Workers

pytestmark = [pytest.mark.journey, pytest.mark.prove]
QUESTION = "What should we keep?"
STAFF_SAID, CONTACT_SAID = "The open hour at the front desk.", "The bidders. The last adviser was a thief."
SHOWN = "The bidders. [removed]"
FETCHES_OF_A_SCANNER = 20


class Asked(NamedTuple):
    leah: User
    sam: User
    dana: User
    kim: User
    moderator: User


@pytest.fixture
def asked(web_server: WebServer, workers: Workers) -> Asked:
    """Two of the staff, and a contact of each of two members of a consortium."""
    set_clock(to=NOW)
    review, unit = make_review(), make_unit("Contact centre")
    leah, sam = make_person("Leah Osei", unit=unit), make_person("Sam Price", unit=unit)
    alder, birch = make_organisation("Alder"), make_organisation("Birch")
    dana, kim = make_contact(alder, "Dana Frost").user, make_contact(birch, "Kim Vale").user
    consultation = ask_partners(
        make_consultation(review, units=[unit]), consortia=[make_consortium("Alder and partners", alder, birch)]
    )
    make_shared_question(consultation, QUESTION)
    launch(consultation)
    return Asked(leah, sam, dana, kim, make_moderator(review.programme, "Maya Obi"))


def fits_the_phone(page: Page) -> None:
    assert page.viewport_size == PHONE
    assert violations(page) == []
    assert not scrolls_sideways(page)


def link_in_the_mail(sink: SmtpSink, person: User) -> str:
    [mail] = [each.message for each in sink.received if each.recipients == (person.email,)]
    body = mail.get_body(("plain",))
    assert body
    [path] = re.findall(r"/answer/[0-9a-f-]+/[0-9a-f]+/", body.get_content())
    return str(path)


def answer(page: Page, words: str) -> None:
    """From the start of the task to the receipt."""
    fits_the_phone(page)
    page.get_by_role("button", name="Start now").click()
    expect(page.get_by_text("shown without your name to everybody asked, once a moderator has read it")).to_be_visible()
    fits_the_phone(page)
    page.get_by_label(QUESTION).fill(words)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers before you send them")).to_be_visible()
    fits_the_phone(page)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", name="Answers sent")).to_be_visible()
    fits_the_phone(page)


def moderate(page: Page, words: str, verdict: str) -> None:
    """Open the comment from the queue and choose; the caller fills in the rest and saves."""
    card = page.locator(".govuk-summary-card").filter(has_text=words)
    card.get_by_role("link", name=re.compile("^Moderate")).click()
    expect(page.get_by_text(words).first).to_be_visible()
    looks_right(page)
    page.get_by_label(verdict).check()


def reads(page: Page) -> None:
    """What is shown, and nothing of what is sealed."""
    page.get_by_role("link", name="Read what others have written").click()
    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    assert sorted(page.locator(".app-card").all_inner_texts()) == sorted([SHOWN, STAFF_SAID])
    assert "thief" not in page.content()
    fits_the_phone(page)


def test_a_member_of_staff_and_a_partners_contact_answer_and_read_what_a_moderator_shows(
    visit: Visit, asked: Asked, web_server: WebServer, smtp_sink: SmtpSink
) -> None:
    smtp_sink.wait_for(4, seconds=60)
    path = link_in_the_mail(smtp_sink, asked.dana)
    for _ in range(FETCHES_OF_A_SCANNER):
        with urlopen(web_server.url + path) as answered:
            assert answered.status == 200
    assert (Response.objects.count(), DraftAnswer.objects.count()) == (0, 0)

    contact = visit(viewport=PHONE)
    contact.goto(path)
    expect(contact.get_by_text("You need no account and no password")).to_be_visible()
    answer(contact, CONTACT_SAID)
    staff = visit(asked.leah, PHONE)
    staff.goto("/")
    expect(staff.get_by_role("heading", name="My tasks")).to_be_visible()
    fits_the_phone(staff)
    task = ConsultationTask.objects.get(person=asked.leah)
    staff.get_by_role("link", name=task.consultation.title).click()
    answer(staff, STAFF_SAID)

    moderator = visit(asked.moderator)
    moderator.goto("/moderation/")
    looks_right(moderator)
    moderator.get_by_role("link", name=task.consultation.title).click()
    looks_right(moderator)
    moderate(moderator, STAFF_SAID, "Show it as it is")
    moderator.get_by_role("button", name="Save the verdict").click()
    moderate(moderator, CONTACT_SAID, "Show a part of it")
    moderator.get_by_role("button", name="Save the verdict").click()
    expect(moderator.get_by_role("heading", name="There is a problem")).to_be_visible()
    looks_right(moderator)
    moderator.get_by_label("If a part is shown: what others read").fill(SHOWN)
    moderator.get_by_label("Defamation", exact=True).check()
    moderator.get_by_label("If not all of it is shown: why?").fill("It calls somebody a thief.")
    moderator.get_by_role("button", name="Save the verdict").click()
    expect(moderator.get_by_text("Nothing waits")).to_be_visible()
    moderator.get_by_role("link", name="Done (2)").click()
    expect(moderator.get_by_text(SHOWN)).to_be_visible()
    assert "thief" not in moderator.content()
    looks_right(moderator)

    colleague = visit(asked.sam, PHONE)
    colleague.goto("/my-tasks/")
    colleague.get_by_role("link", name=task.consultation.title).click()
    reads(colleague)
    other = visit(viewport=PHONE)
    other.goto(link_in_the_mail(smtp_sink, asked.kim))
    reads(other)
