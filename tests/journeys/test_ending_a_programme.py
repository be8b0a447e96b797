"""A programme is ended by a decision: drafted and proposed by its manager, taken by the holder of an office. By keyboard alone."""

import re
from datetime import date
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from partners.clock.operations import set_clock
from partners.consortia.enums import RelationshipState
from partners.people.models import User
from programmes.register.models import Programme
from tests.builders import (
    NOW,
    make_bid,
    make_bidder,
    make_capability,
    make_cio,
    make_claim,
    make_deciding_office,
    make_engagement,
    make_firm,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_saving,
    make_workstream,
)
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import choose, pick, press, tick, write, write_date
from tests.journeys.looking import looks_right

pytestmark = [pytest.mark.journey, pytest.mark.prove]
LAST_DAY, UNTIL = date(2026, 9, 30), date(2027, 3, 31)
LEFT = [
    "Workstream Control room has no disposition.",
    "Workstream Custody tablets has no disposition.",
    "Workstream Legal advice has no disposition.",
    "Engagement Four consultants of Hartley Consulting has no disposition.",
    "Relationship Alder and partners has no disposition.",
    "Relationship Birch has no disposition.",
    "Saving Fewer leased buildings has no disposition.",
]


class Story(NamedTuple):
    programme: Programme
    manager: User
    holder: User
    cio: User


@pytest.fixture
def story(web_server: object) -> Story:
    """A consortium bid, and so did one of its members alone."""
    set_clock(to=NOW)
    portfolio = make_portfolio("Northshire")
    programme = make_programme("Business partnering", portfolio=portfolio)
    make_programme("Connected officer", portfolio=portfolio)
    holder = make_person("Ola Brand")
    make_deciding_office(programme, holder=holder)
    for name in ("Control room", "Custody tablets", "Legal advice"):
        make_workstream(programme, name)
    make_engagement(programme, "Four consultants", organisation_id=make_firm("Hartley Consulting").pk)
    make_saving(programme, "Fewer leased buildings")
    bidding = RelationshipState.BIDDING
    make_bid(programme, make_bidder(programme, "Alder and partners", ["Alder", "Birch"], state=bidding))
    make_bid(programme, make_bidder(programme, "Birch", state=bidding))
    make_claim(make_firm("Birch"), make_capability("Innovation"))
    make_person("Robin Owner")
    return Story(programme, make_manager(programme, "Priya Shah"), holder, make_cio(portfolio, "Helen Osei"))


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=name, exact=True).first


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def part(page: Page, name: str) -> Locator:
    """What the form asks of one thing that is left behind."""
    return page.get_by_role("group", name=name, exact=True)


def add_option(page: Page, title: str, model: str, need: str) -> None:
    write(page, page.get_by_label("Title"), title)
    pick(page, page.get_by_label("Less than first planned"))
    pick(page, page.get_by_label(model, exact=True))
    choose(page, page.get_by_label("Innovation (optional)", exact=True), need)
    press(page, button(page, "Save option"))


def dispose(page: Page, name: str, fate: str, *, to: str = "") -> None:
    choose(page, part(page, name).get_by_label("What becomes of"), fate)
    if to:
        choose(page, part(page, name).get_by_label("Programme that it moves to"), to)


def keep_available(page: Page, name: str) -> None:
    dispose(page, name, "Stays available")
    write(page, part(page, name).get_by_label("Who answers for it"), "Robin Owner")
    write_date(page, part(page, name), UNTIL)


def refused(page: Page) -> list[str]:
    """What the page says is missing when the holder tries to take it."""
    press(page, button(page, "Take the decision"))
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looks_right(page)
    problem = page.locator(".govuk-error-summary__body").inner_text()
    return [each for each in LEFT if each in problem]


def test_a_decision_ends_a_programme_and_every_page_shows_it(visit: Visit, story: Story) -> None:
    manager, holder = visit(story.manager), visit(story.holder)
    decision = draft(manager, story.programme)

    holder.goto("/")
    expect(holder.get_by_text("Decisions waiting for you")).to_be_visible()
    looks_right(holder)
    press(holder, link(holder, "End business partnering"))
    looks_right(holder)
    press(holder, button(holder, "Take this decision"))
    assert refused(holder) == LEFT

    say_what_becomes(manager, decision)

    holder.goto(f"{decision}take/")
    assert refused(holder) == ["Relationship Birch has no disposition."]
    keep_available(manager, "Birch")
    press(manager, button(manager, "Save"))
    expect(manager.get_by_text("Everything has a disposition.")).to_be_visible()

    holder.goto(f"{decision}take/")
    expect(holder.get_by_text("end Business partnering", exact=True)).to_be_visible()
    looks_right(holder)
    press(holder, button(holder, "Take the decision"))
    expect(holder.get_by_text("The decision is taken and on record.")).to_be_visible()
    looks_right(holder)

    every_page_shows_it(visit(story.cio), story.programme, decision)


def draft(page: Page, programme: Programme) -> str:
    """The manager drafts and proposes; returns the address of the decision."""
    page.goto(f"/programmes/{programme.pk}/")
    press(page, link(page, "Decisions"))
    press(page, button(page, "Draft a decision"))
    looks_right(page)
    write(page, page.get_by_label("Title", exact=True), "End business partnering")
    write(page, page.get_by_label("Question", exact=True), "Do we go on with a business partner?")
    choose(
        page,
        page.get_by_label("Office that decides"),
        page.get_by_label("Office that decides").locator("option").last.inner_text(),
    )
    write(page, page.get_by_label("Rationale"), "Our own people can do most of it.")
    tick(page, page.get_by_label("It ends the programme"))
    write(page, page.get_by_label("Title of the review"), "The work done so far")
    write(page, page.get_by_label("Purpose of the review"), "To keep what is good.")
    write_date(page, page.get_by_role("group", name=re.compile("Opening day of the review")), date(2026, 9, 21))
    press(page, button(page, "Save draft"))
    opens = "open the review The work done so far, from Monday 21 September 2026 to Monday 16 November 2026"
    expect(page.get_by_text(opens)).to_be_visible()
    for each in LEFT:
        expect(page.get_by_text(each)).to_be_visible()
    looks_right(page)
    decision = page.url

    press(page, link(page, "Add an option"))
    looks_right(page)
    add_option(page, "A taskforce of our own", "Taskforce", "Heavy")
    press(page, button(page, "Add an option"))
    add_option(page, "Another business partner", "Business partner", "Heavy")
    expect(page.get_by_text("partners are needed heavily for Innovation")).to_be_visible()
    looks_right(page)
    press(page, button(page, "Choose"))
    looks_right(page)
    pick(page, page.get_by_label("A taskforce of our own", exact=True))
    write(page, page.get_by_label("Why not “Another business partner”"), "It costs more than it saves.")
    press(page, button(page, "Save choice"))
    page.goto(decision)
    press(page, button(page, "Propose it"))
    looks_right(page)
    press(page, button(page, "Propose it"))
    expect(page.get_by_text("It waits for the")).to_be_visible()
    looks_right(page)
    return decision


def say_what_becomes(page: Page, decision: str) -> None:
    """The manager forgets one bidder, and is told."""
    page.goto(decision)
    press(page, link(page, "Say what becomes of what is left behind"))
    looks_right(page)
    dispose(page, "Control room", "Move to another programme", to="Connected officer")
    dispose(page, "Custody tablets", "Stop")
    dispose(page, "Legal advice", "Keep as it is")
    write_date(page, part(page, "Four consultants of Hartley Consulting"), LAST_DAY)
    keep_available(page, "Alder and partners")
    dispose(page, "Fewer leased buildings", "Stop")
    press(page, button(page, "Save"))
    expect(page.get_by_text("Relationship Birch has no disposition.")).to_be_visible()
    assert [each for each in LEFT if page.get_by_text(each).count()] == ["Relationship Birch has no disposition."]
    looks_right(page)


def every_page_shows_it(page: Page, programme: Programme, decision: str) -> None:
    here = f"/programmes/{programme.pk}/"

    def shows(address: str, *words: str, through: str = "") -> None:
        page.goto(address)
        if through:
            press(page, link(page, through))
            expect(page.get_by_role("heading", level=1)).to_contain_text(through)
        for each in words:
            expect(page.get_by_role("main")).to_contain_text(each)
        looks_right(page)

    shows(here, "Ended", "Ended on Wednesday 16 September 2026")
    shows(f"{here}timeline/", "End business partnering", "ended")
    shows(f"{here}workstreams/", "Legal advice")
    expect(button(page, "Add a workstream")).to_have_count(0)
    closed = "Ola Brand closed this workstream on Wednesday 16 September 2026"
    shows(f"{here}workstreams/?show=closed", "Closed", closed, through="Custody tablets")
    expect(button(page, "Reopen")).to_have_count(0)
    shows("/search/?q=Control+room", "Workstream of Connected officer", through="Control room")
    shows(f"{here}engagements/", "Wednesday 30 September 2026", through="Four consultants")
    shows(f"{here}bids/", "Alder and partners", "Birch")
    for name in ("Alder and partners", "Birch"):
        standing = ("Available", "Until Wednesday 31 March 2027", "Robin Owner", "Procurement ended")
        shows("/partners/", *standing, through=name)
    press(page, link(page, "The decision that set this"))
    expect(page).to_have_url(decision)
    shows(f"{here}savings/", "By a decision", "£0", through="Fewer leased buildings")
    shows(f"{here}reviews/", "The work done so far", "Monday 21 September 2026", "Monday 16 November 2026")
    shows("/", "1 programme ended", "End business partnering", "The work done so far", "Alder and partners", "Birch")
    page.goto("/partners/who-can/")
    tick(page, page.get_by_label("Innovation"))
    press(page, button(page, "Show partners"))
    for words in ("you can call on 2 partners", "Alder and partners", "Robin Owner"):
        expect(page.get_by_role("main")).to_contain_text(words)
    looks_right(page)
