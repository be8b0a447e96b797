"""A workstream lead reports on a phone, meets somebody else's report, and says that nothing has changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.reporting.rules import StepGiven
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from tests.builders import NOW, make_manager, make_person, make_programme, make_workstream, report
from tests.builders.scheduling import make_milestone
from tests.conftest import WebServer
from tests.journeys.keyboard import press
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"
MOST_INTERACTIONS = 6  # for a status in which nothing has changed, from My week


@pytest.fixture
def lead(web_server: WebServer) -> User:
    set_clock(to=NOW)
    person = make_person("Fiona Reid")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def workstream(lead: User) -> Workstream:
    programme = make_programme("Mobile and connected officer")
    found = make_workstream(programme, "Custody tablets", lead=lead, now=NOW - timedelta(days=90))
    for weeks, rating in ((8, Rating.GREEN), (7, Rating.GREEN), (5, Rating.RED), (4, Rating.AMBER)):
        report(found, rating, now=NOW - timedelta(weeks=weeks), steps=[StepGiven("Order the last three screens.")])
    return found


@pytest.fixture
def open_page(browser: Browser, web_server: WebServer, lead: User) -> Iterator[Any]:
    """Signs the lead in and opens an address; without JavaScript where asked."""
    contexts = []

    def go(path: str, person: User = lead, **options: Any) -> Page:
        context = browser.new_context(base_url=web_server.url, **({"viewport": PHONE} | options))
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        page.get_by_label("Email").fill(person.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield go
    for context in contexts:
        context.close()


def looks_right(page: Page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
def test_reporting_on_a_phone(open_page: Any, workstream: Workstream, with_scripts: bool) -> None:
    page = open_page(f"/workstreams/{workstream.pk}/", java_script_enabled=with_scripts)
    expect(page.get_by_text("Silent since the end of Friday 11 September 2026")).to_be_visible()
    expect(page.get_by_text("Last said: At risk, 4 weeks ago")).to_be_visible()

    page.get_by_role("button", name="Report a status").click()
    expect(page.get_by_text("Last time: At risk, 4 weeks ago")).to_be_visible()
    whole = page.get_by_role("group", name="How is it going?")
    expect(whole.get_by_label("At risk (as last time)")).to_be_checked()
    page.get_by_role("button", name="Publish status").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    whole.get_by_label("On track (better)").check()
    page.get_by_label("Order the last three screens.").check()
    page.get_by_label("Next step 1").fill("Hand over to the custody sergeants.")
    page.get_by_label("What has changed?").fill("All five screens work.")
    if with_scripts:
        looks_right(page)
    page.get_by_role("button", name="Publish status").click()

    expect(page.get_by_text("Status published.")).to_be_visible()
    expect(page.locator("h1").get_by_text("On track")).to_be_visible()
    if with_scripts:
        looks_right(page)


def test_a_report_that_another_one_overtook_loses_nothing(open_page: Any, workstream: Workstream) -> None:
    page = open_page(f"/workstreams/{workstream.pk}/status/new/")
    page.get_by_label("What has changed?").fill("All five screens work.")
    report(workstream, Rating.RED, changed="The server room flooded.")

    page.get_by_role("button", name="Publish status").click()
    expect(page.get_by_text("The server room flooded.")).to_be_visible()
    expect(page.get_by_label("What has changed?")).to_have_value("All five screens work.")
    looks_right(page)
    page.get_by_role("button", name="Publish after theirs").click()

    expect(page.get_by_text("Status published.")).to_be_visible()
    assert list(StatusUpdate.objects.order_by("-reported_at").values_list("changed", flat=True)[:2]) == [
        "All five screens work.",
        "The server room flooded.",
    ]


def test_nothing_has_changed_by_keyboard(open_page: Any, workstream: Workstream) -> None:
    page = open_page(f"/workstreams/{workstream.pk}/status/new/", viewport=DESKTOP)
    press(page, page.get_by_role("button", name="Nothing has changed since then"))
    expect(page.get_by_role("heading", name="Nothing has changed?")).to_be_visible()
    looks_right(page)

    press(page, page.get_by_role("button", name="Publish: nothing has changed"))

    expect(page.get_by_text("Nothing has changed since the last report.").first).to_be_visible()
    looks_right(page)


def test_correcting_a_status_shows_both(open_page: Any, workstream: Workstream) -> None:
    page = open_page(f"/workstreams/{workstream.pk}/")
    page.get_by_role("link", name="Correct this status").click()
    page.get_by_role("group", name="How is it going?").get_by_label("Off track (worse)").check()
    page.get_by_label("Why is it corrected?").fill("Read the wrong site")
    looks_right(page)
    page.get_by_role("button", name="Publish correction").click()

    expect(page.get_by_text("Correction published.")).to_be_visible()
    page.get_by_text("it said At risk").click()
    expect(page.get_by_text("Fiona Reid corrected it: Read the wrong site")).to_be_visible()
    looks_right(page)


def test_nothing_has_changed_takes_at_most_six_interactions(open_page: Any, workstream: Workstream) -> None:
    page = open_page("/my-week/")
    page.evaluate("history.replaceState(null, '', location.href)")
    interactions = 0

    def click(wanted: Locator) -> None:
        nonlocal interactions
        wanted.click()
        interactions += 1

    click(page.get_by_role("link", name="Report on Custody tablets").first)
    click(page.get_by_role("button", name="Nothing has changed since then"))
    click(page.get_by_role("button", name="Publish: nothing has changed"))

    expect(page.get_by_text("Status published.")).to_be_visible()
    assert interactions <= MOST_INTERACTIONS


def test_a_draft_is_kept_and_comes_back(open_page: Any, workstream: Workstream) -> None:
    here = f"/workstreams/{workstream.pk}/status/new/"
    page = open_page(here)
    page.get_by_label("What has changed?").fill("Four of five screens work.")
    expect(page.get_by_text("Draft saved 10:00, UK time.")).to_be_visible()

    other = page.context.new_page()
    other.goto(here)
    expect(other.get_by_label("What has changed?")).to_have_value("Four of five screens work.")
    other.get_by_label("What has changed?").fill("All five screens work.")
    expect(other.get_by_text("Draft saved 10:00, UK time.")).to_be_visible()
    page.get_by_label("What has changed?").fill("None works.")
    expect(page.get_by_text("You also typed in another window")).to_be_visible()

    page.goto(here)
    expect(page.get_by_label("What has changed?")).to_have_value("None works.")
    looks_right(page)
    page.get_by_role("link", name="Show what you typed there").click()
    expect(page.get_by_label("What has changed?")).to_have_value("All five screens work.")
    page.get_by_role("link", name="Discard it").click()
    looks_right(page)
    page.get_by_role("button", name="Discard the draft").click()
    page.goto(here)
    expect(page.get_by_label("What has changed?")).to_have_value("")


def test_reading_asking_and_answering(open_page: Any, workstream: Workstream, lead: User) -> None:
    report(workstream, Rating.AMBER, by=lead, changed="Two screens work.")
    reader = make_manager(workstream.programme, "Priya Nair")
    reader.set_password(PASSWORD)
    reader.save()

    page = open_page("/reporting/to-acknowledge/", person=reader)
    looks_right(page)
    page.get_by_role("link", name="Acknowledge the status of Custody tablets").click()
    looks_right(page)
    page.get_by_label("Your question").fill("Which two?")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("acknowledged and your question sent")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()

    page = open_page("/reporting/to-acknowledge/")
    page.get_by_role("link", name="Answer about Custody tablets").click()
    page.get_by_label("Your answer").fill("One and three.")
    looks_right(page)
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("One and three.")).to_be_visible()
    looks_right(page)


def test_what_speaks_against_a_rating_is_asked_about(open_page: Any, workstream: Workstream) -> None:
    first_agreed = NOW.date() - timedelta(days=20)
    make_milestone(
        workstream.programme, "Screens in use", workstream_id=workstream.pk, baseline_on=first_agreed, is_critical=True
    )
    page = open_page(f"/workstreams/{workstream.pk}/status/new/")
    whole = page.get_by_role("group", name="How is it going?")
    asked = page.get_by_label("A critical milestone slipped: Screens in use")
    expect(asked).to_be_hidden()

    whole.get_by_label("On track (better)").check()
    page.get_by_label("What has changed?").fill("All five screens work.")
    expect(asked).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Publish status").click()
    expect(page.get_by_role("link", name="Explain this, or change the rating")).to_be_visible()
    asked.fill("The suite opened late, and the screens waited for it.")
    page.get_by_role("button", name="Publish status").click()

    expect(page.get_by_text("Status published.")).to_be_visible()
    expect(page.get_by_text("The suite opened late, and the screens waited for it.").first).to_be_visible()
