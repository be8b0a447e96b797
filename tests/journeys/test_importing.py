"""A programme manager brings a programme in from a spreadsheet, mends a row, and hands several workstreams to somebody."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from partners.clock.operations import set_clock
from partners.files.rules.tables import write_xlsx
from partners.people.models import User
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream
from tests.builders import NOW, make_manager, make_person, make_programme, make_workstream
from tests.conftest import WebServer
from tests.journeys.looking import DESKTOP, looks_right

pytestmark = pytest.mark.journey
PASSWORD = "a quiet room at night"
HEADINGS = ("Name", "Description", "Lead")


@pytest.fixture
def programme(web_server: WebServer) -> Programme:
    set_clock(to=NOW)
    return make_programme("Mobile and connected officer")


@pytest.fixture
def manager(programme: Programme) -> User:
    person = make_manager(programme, "Priya Shah")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def page(browser: Browser, web_server: WebServer, manager: User) -> Iterator[Page]:
    size = ViewportSize(width=DESKTOP["width"], height=DESKTOP["height"])
    context = browser.new_context(base_url=web_server.url, viewport=size)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Email").fill(manager.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


def choose(page: Page, tmp_path: Path, *rows: tuple[str, str, str]) -> None:
    file = tmp_path / "workstreams.xlsx"
    file.write_bytes(write_xlsx("Workstreams", HEADINGS, rows))
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="See what it would do").click()


def look(page: Page, name: str) -> None:
    looks_right(page)
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


def test_a_file_is_mended_and_imported_and_its_workstreams_are_handed_over(page, programme, manager, tmp_path):
    ama = make_person("Ama Mensah")
    make_workstream(programme, "Custody tablets", lead=ama)
    page.goto(f"/programmes/{programme.pk}/workstreams/")
    look(page, "list")
    page.get_by_role("button", name="Import from a file").click()
    look(page, "upload")

    choose(
        page, tmp_path, ("Body worn video", "Cameras", "nobody@example.org"), ("Custody tablets", "Five screens", "")
    )
    expect(page.get_by_text("Nothing can be imported yet")).to_be_visible()
    look(page, "mend")
    page.get_by_role("link", name="upload it again").click()
    choose(page, tmp_path, ("Body worn video", "Cameras", ama.email), ("Custody tablets", "Five screens", ""))
    expect(page.get_by_text("Lead: " + ama.email + " becomes nothing")).to_be_visible()
    look(page, "preview")
    page.get_by_role("button", name="Import all of it").click()
    expect(page.get_by_text("Imported: 1 new, 1 changed, 0 the same.")).to_be_visible()

    page.get_by_role("link", name="Change several").click()
    page.get_by_label("All 2 workstreams that the filter finds").check()
    page.get_by_label("Set who leads them").check()
    page.get_by_label("Who leads or reviews").fill(ama.email)
    look(page, "several")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("heading", name="1 workstream would change")).to_be_visible()
    look(page, "several-preview")
    page.get_by_role("button", name="Change 1 workstream").click()
    expect(page.get_by_text("Changed 1 workstream.")).to_be_visible()
    look(page, "several-changed")
    page.get_by_role("button", name="Put back who it was before").click()
    expect(page.get_by_text("Put back for 1 workstream.")).to_be_visible()
    look(page, "all")
    page.goto(f"/programmes/{programme.pk}/imports/")
    look(page, "choose")

    assert dict(Workstream.objects.values_list("name", "lead__name")) == {
        "Body worn video": "Ama Mensah",
        "Custody tablets": None,
    }
