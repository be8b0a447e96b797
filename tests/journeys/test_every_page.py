"""Every page that can be opened with GET, as somebody who may see it: axe, a phone's width, no complaint of the browser."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from itertools import product

import pytest
from django.apps import apps
from django.test import Client
from playwright.sync_api import Browser, Page

from partners.clock.operations import set_clock
from partners.post.queries import secret_of
from programmes.consultations.models import AnswerLink
from tests.architecture.test_access import ROUTES
from tests.builders import NOW, make_world
from tests.conftest import WebServer
from tests.journeys.looking import DESKTOP, PHONE, scrolls_sideways, violations

pytestmark = [pytest.mark.journey, pytest.mark.prove]
SIGNS_OUT = "account_logout"
# Pages that the small world does not reach: they ask for a step before, or send on at once.
NEEDS_MORE = {
    "account_reauthenticate",
    "gallery_page",  # tests/journeys/test_look.py
    "people_import_template",  # a file
    "calendar_feed",  # a file
    "metrics",  # for Prometheus
    "gate_document",  # a file
    "complete_gate_review",  # for who does not manage the programme: tests/programmes/scheduling/test_gate_pages.py
    "changed_several_workstreams",  # tests/programmes/imports/test_several.py
    "closure_check_change",  # for what was typed: tests/programmes/scheduling/test_planning.py
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "session_end",
    "account_reset_password_from_key",
    "demo_sign_in",
    "own_organisation",  # for a partner's contact
}
# The model whose row a part of a route names, where it is not the part's own name ("programme_id": Programme).
MODELS = {
    "person_id": "User",
    "holding_id": "RoleHolding",
    "hold_id": "SendingHold",
    "feed_id": "CalendarFeed",
    "view_id": "SavedView",
    "task_id": "ConsultationTask",
    "link_id": "AnswerLink",
    "wave_id": "ReminderWave",
    "update_id": "StatusUpdate",
    "reminder_id": "PlannedReminder",
    "subject_id": "Review",
    "constraint_id": "ProgrammeConstraint",
    "token_id": "ApiToken",
    "import_id": "PeopleImport",
    "membership_id": "ConsortiumMembership",
    "claim_id": "CapabilityClaim",
    "term_id": "RelationshipTerm",
    "option_id": "DecisionOption",
    "entry_id": "RaidEntry",
    "exception_id": "ReportingException",
    "need_id": "WorkstreamLink",
    "milestone_id": "DeliveryMilestone",
    "assurance_id": "AssuranceRating",
    "override_id": "RatingOverride",
}
MOST_ROWS = 8


def rows_for(part: str) -> list[str]:
    """Ids that a part of a route may name."""
    if part == "secret":
        return [secret_of(link.pk, holder_id=link.task.person_id) for link in AnswerLink.objects.order_by("pk")]
    wanted = MODELS.get(part, part.removesuffix("_id").replace("_", ""))
    for model in apps.get_models():
        if model.__name__.lower() == wanted.lower():
            return [str(pk) for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:MOST_ROWS]]
    return []


def addresses(client: Client) -> tuple[dict[str, str], set[str]]:
    """Name of route to a path that answers 200, and the names of routes with GET that no row makes answer so."""
    found, missed = {}, set()
    for name, route in ROUTES:
        is_file = name.endswith(("_as_csv", "_as_xlsx"))
        if route.startswith(("api/", "admin/", "static")) or is_file or name in {SIGNS_OUT, *NEEDS_MORE}:
            continue
        parts = [piece.split(">")[0] for piece in route.split("<")[1:]]
        for rows in product(*(rows_for(part.split(":")[-1]) for part in parts)):
            path = "/" + route
            for part, row in zip(parts, rows, strict=True):
                path = path.replace(f"<{part}>", row)
            answer = client.get(path)
            if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                break
            if answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("text/html"):
                found[name] = path
                break
            if not parts and answer.status_code in (HTTPStatus.OK, HTTPStatus.FOUND):
                break
        else:
            missed.add(name)
    return found, missed


@pytest.fixture
def signed_in(browser: Browser, web_server: WebServer) -> Iterator[tuple[Page, dict[str, str]]]:
    """A page of a browser that is signed in as the person of the small world, and the pages there are."""
    client = Client()
    set_clock(to=NOW + timedelta(days=1))
    client.force_login(make_world(), backend="config.accounts.Accounts")
    pages, missed = addresses(client)
    assert not missed, f"no row opens {sorted(missed)}"
    context = browser.new_context(base_url=web_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web_server.url}])
    yield context.new_page(), pages
    context.close()


def test_every_page_is_accessible_and_fits_a_phone(signed_in):
    page, pages = signed_in
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    problems = []

    for name, path in pages.items():
        page.set_viewport_size(DESKTOP)
        page.goto(path)
        problems += [f"{name}: {each}" for each in violations(page)]
        page.set_viewport_size(PHONE)
        problems += [f"{name} at {PHONE['width']} pixels: {each}" for each in violations(page)]
        if scrolls_sideways(page):
            problems.append(f"{name} {path}: scrolls sideways at {PHONE['width']} pixels")

    assert problems == []
    assert complaints == []
    assert len(pages) > 60
