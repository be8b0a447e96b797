"""A month of three programme managers and a reviewer, as the chief information officer sees it week by week.

One workstream goes silent, one is green beside a missed critical milestone, one gate is passed with conditions and one
is refused.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from partners.clock.operations import set_clock
from partners.clock.rules import instant
from partners.people.models import Office, User
from portfolio.groups.models import Portfolio
from programmes.decisions.models import Decision
from programmes.decisions.rules import ConditionDraft
from programmes.raid.models import RaidEntry
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import add_workstream
from tests.builders import (
    NOW,
    make_cio,
    make_deciding_office,
    make_decision,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    propose,
)
from tests.builders.scheduling import make_milestone
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import pick, press, write, write_date
from tests.journeys.looking import looks_right

pytestmark = [pytest.mark.journey, pytest.mark.prove]
FRIDAYS = [date(2026, 9, 18) + timedelta(weeks=week) for week in range(4)]
LOOKED_AT = [friday + timedelta(days=5) for friday in FRIDAYS]  # the Wednesday after: the grace is over
SWITCHED_OFF_ON = date(2026, 9, 24)


class Story(NamedTuple):
    portfolio: Portfolio
    officer: Programme
    record: Programme
    contact: Programme
    managers: dict[str, User]
    reviewer: User
    holder: User
    office: Office
    cio: User


@pytest.fixture
def story(web_server: object) -> Story:
    set_clock(to=NOW)
    portfolio = make_portfolio("Northshire")
    reviewer, holder = make_person("Rita Review"), make_person("Ola Brand")
    officer, record, contact = (
        make_programme(name, portfolio=portfolio, owner=reviewer)
        for name in ("Connected officer", "One record", "Contact and resolution")
    )
    managers = {
        "officer": make_manager(officer, "Priya Shah"),
        "record": make_manager(record, "Tom Fielding"),
        "contact": make_manager(contact, "Grace Adeyemi"),
    }
    for key, programme, names in (
        ("officer", officer, ("Devices", "Network")),
        ("record", record, ("Migration",)),
        ("contact", contact, ("Triage",)),
    ):
        for name in names:
            add_workstream(programme_id=programme.pk, name=name, lead_id=managers[key].pk, by=managers[key], now=NOW)
    make_milestone(
        record,
        "Old system switched off",
        by=managers["record"],
        workstream_id=record.workstreams.get().pk,
        is_critical=True,
        baseline_on=SWITCHED_OFF_ON,
    )
    office = make_deciding_office(officer, holder=holder)
    return Story(
        portfolio, officer, record, contact, managers, reviewer, holder, office, make_cio(portfolio, "Helen Osei")
    )


def at(day: date, hour: int) -> datetime:
    now = instant(day, time(hour))
    set_clock(to=now)
    return now


def publish(
    page: Page,
    workstream: Workstream,
    rating: str,
    changed: str,
    *,
    is_first: bool = False,
    explanation: str = "",
    seen_to_by: User | None = None,
) -> None:
    """From one's own week to a published status, by keyboard. The first one rates each dimension too."""
    page.goto("/my-week/")
    row = page.get_by_role("row").filter(has_text=workstream.name)
    press(page, row.get_by_role("link", name="Report on"))
    pick(page, page.get_by_role("group", name="How is it going?").get_by_label(rating))
    if is_first:
        for dimension in ("Schedule", "Cost", "Scope", "Benefits"):
            pick(page, page.get_by_role("group", name=dimension, exact=True).get_by_label("On track"))
    write(page, page.get_by_label("What has changed?"), changed)
    if seen_to_by:
        write(page, page.get_by_label("What brings it back on track?"), "The permit is asked for anew.")
        write(page, page.get_by_label("Who sees to that?"), seen_to_by.email)
        write_date(page, page.get_by_role("group", name="By when is it back on track?"), date(2026, 11, 27))
    press(page, page.get_by_role("button", name="Publish status"))
    if explanation:
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        looks_right(page)
        write(page, page.get_by_label("A critical milestone slipped: Old system switched off"), explanation)
        press(page, page.get_by_role("button", name="Publish status"))
    expect(page.get_by_text("Status published.")).to_be_visible()


def nothing_changed(page: Page, workstream: Workstream) -> None:
    page.goto("/my-week/")
    row = page.get_by_role("row").filter(has_text=workstream.name)
    press(page, row.get_by_role("link", name="Nothing has changed"))
    press(page, page.get_by_role("button", name="Publish: nothing has changed"))
    expect(page.get_by_text("Nothing has changed since the last report.").first).to_be_visible()


def acknowledge(page: Page, workstream: Workstream, question: str = "") -> None:
    page.goto("/my-week/")
    waiting = page.get_by_role("table", name="Reports to acknowledge")
    press(page, waiting.get_by_role("link", name=f"Acknowledge the status of {workstream.name}"))
    looks_right(page)
    write(page, page.get_by_label("Your question"), question)
    press(page, page.get_by_role("button", name="Acknowledge"))
    expect(page.get_by_text("acknowledged and your question sent")).to_be_visible()


def answer(page: Page, workstream: Workstream, text: str) -> None:
    page.goto("/reporting/to-acknowledge/")
    press(page, page.get_by_role("link", name=f"Answer about {workstream.name}"))
    write(page, page.get_by_label("Your answer"), text)
    press(page, page.get_by_role("button", name="Send answer"))
    expect(page.get_by_text(text)).to_be_visible()


def decide(story: Story, programme: Programme, visit: Visit, *, now: datetime, **outcome: Any) -> Decision:
    """The manager proposes what is to be decided at the first gate, and the holder takes it in the browser."""
    gate = programme.stages.order_by("position")[0]
    decision = make_decision(programme, office=story.office, gate_id=gate.pk, now=now, **outcome)
    propose(decision, now=now)
    page = visit(story.holder)
    page.goto(f"/decisions/{decision.pk}/take/")
    looks_right(page)
    press(page, page.get_by_role("main").get_by_role("button", name="Take the decision"))
    expect(page.get_by_text("The decision is taken and on record.")).to_be_visible()
    return decision


def exceptions(page: Page) -> str:
    """What the board says of its exceptions, row by row."""
    rows = page.get_by_role("table", name="Programmes").get_by_role("row")
    return "\n".join(" ".join(text.split()) for text in rows.all_inner_texts()[1:])


def said_of(board: str, programme: Programme) -> str:
    return next(line for line in board.splitlines() if line.startswith(programme.name))


def test_the_board_shows_each_for_what_it_is(visit: Visit, story: Story) -> None:
    priya, tom, grace = (visit(person) for person in story.managers.values())
    rita, cio = visit(story.reviewer), visit(story.cio)
    named = {each.name: each for each in Workstream.objects.order_by("pk")}
    devices, network, migration, triage = (named[name] for name in ("Devices", "Network", "Migration", "Triage"))
    board_page, seen = f"/portfolios/{story.portfolio.pk}/", {}

    def look(day: date) -> str:
        at(day, 17)
        cio.goto(board_page)
        looks_right(cio)
        seen[day] = exceptions(cio)
        return seen[day]

    # The first week: everybody reports, and the reviewer asks.
    at(FRIDAYS[0], 10)
    publish(priya, devices, "On track", "300 handsets are out.", is_first=True)
    publish(priya, network, "On track", "Survey booked.", is_first=True)
    publish(tom, migration, "On track", "Two of eleven systems moved.", is_first=True)
    publish(grace, triage, "On track", "Six positions answer.", is_first=True)
    at(FRIDAYS[0] + timedelta(days=3), 11)
    acknowledge(rita, devices, "How many are left to give out?")
    week = look(LOOKED_AT[0])
    assert all(said_of(week, one).count("On track") for one in (story.officer, story.record, story.contact))

    # The second: the network falls silent, the milestone is missed beside a green rating, and one gate is passed.
    now = at(FRIDAYS[1], 10)
    answer(priya, devices, "Six hundred, by the end of October.")
    nothing_changed(priya, devices)
    publish(tom, migration, "On track", "Five moved.", explanation="One supplier was late; the date is agreed anew.")
    nothing_changed(grace, triage)
    condition = ConditionDraft("Night shifts are staffed", story.managers["contact"].pk, FRIDAYS[3])
    decide(story, story.contact, visit, now=now, gate_result="with_conditions", gate_conditions=(condition,))
    week = look(LOOKED_AT[1])
    assert "At risk or worse" in said_of(week, story.officer)
    assert "1 workstream silent" in said_of(week, story.officer)
    assert "On track, but Old system switched off is overdue" in said_of(week, story.record)
    assert "1 condition of a gate to meet, by Friday 9 October 2026" in said_of(week, story.contact)
    assert RaidEntry.objects.get(title="Night shifts are staffed").owner == story.managers["contact"]

    # The third: the other gate is refused.
    now = at(FRIDAYS[2], 10)
    nothing_changed(priya, devices)
    publish(tom, migration, "On track", "Seven moved.", explanation="The new date holds.")
    nothing_changed(grace, triage)
    decide(story, story.officer, visit, now=now, gate_result="stop")
    week = look(LOOKED_AT[2])
    assert "stopped on Friday 2 October 2026" in said_of(week, story.officer)
    assert "1 workstream silent" in said_of(week, story.officer)

    # The fourth: the network reports again, off track.
    at(FRIDAYS[3], 10)
    nothing_changed(priya, devices)
    publish(priya, network, "Off track", "No permit for the mast.", seen_to_by=story.managers["officer"])
    week = look(LOOKED_AT[3])
    assert "Off track" in said_of(week, story.officer)
    assert "silent" not in said_of(week, story.officer)
    assert "1 workstream silent" in said_of(week, story.record)

    # As at each of these days the page still says what it said then.
    for day, was in seen.items():
        cio.goto(f"{board_page}?on={day.isoformat()}")
        assert exceptions(cio) == was, day
