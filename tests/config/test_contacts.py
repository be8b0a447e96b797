"""A partner's contact opens their own dealings and tasks, and nothing else: every route of pages and API is asked."""

from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from config.contacts import OPEN, is_open_to_contacts
from partners.clock.operations import set_clock
from partners.people.models import User
from partners.people.operations import create_token
from programmes.consultations.models import ConsultationTask
from tests.architecture.test_access import PUBLIC, ROUTES
from tests.builders import NOW, make_contact, make_world
from tests.journeys.test_every_page import rows_for

pytestmark = pytest.mark.django_db
MOST_ROWS = 2
BACKEND = "config.accounts.Accounts"


@pytest.fixture
def contact() -> User:
    """A contact in a world with a row of each kind, none of which is theirs."""
    set_clock(to=NOW)
    make_world()
    return make_contact(name="Kim Sand").user


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def with_token(person: User) -> dict[str, str]:
    made = create_token(name="A script", days=30, by=person, now=NOW)
    return {"Authorization": f"Bearer {made.secret}"}


def paths(route: str) -> list[str]:
    """The route with ids of rows that there are, all of them somebody else's."""
    places = [piece.split(">")[0] for piece in route.split("<")[1:]]
    found = []
    for rows in product(*((rows_for(place.split(":")[-1]) or ["x"])[:MOST_ROWS] for place in places)):
        path = f"/{route}"
        for place, row in zip(places, rows, strict=True):
            path = path.replace(f"<{place}>", row)
        found.append(path)
    return found


CLOSED = [(name, route) for name, route in ROUTES if not is_open_to_contacts(name) and name not in PUBLIC]


def test_every_other_page_and_endpoint_does_not_exist_for_a_contact(contact):
    client = signed_in(contact)
    answers = {(name, client.get(path).status_code) for name, route in CLOSED for path in paths(route)}

    assert {each for each in answers if each[1] != 404} == set()
    assert len(CLOSED) > 150


def test_nor_does_it_for_their_token(contact):
    client, header = Client(), with_token(contact)
    asked = [(name, path) for name, route in CLOSED if route.startswith("api/") for path in paths(route)[:1]]
    answers = {(name, client.get(path, headers=header).status_code) for name, path in asked}

    assert {each for each in answers if each[1] != 404} == set()
    assert client.get("/api/me/", headers=header).status_code == 200


def test_nor_can_anything_be_sent_there(contact):
    client = signed_in(contact)

    for path in (
        "/api/partners/organisations/",
        "/api/partners/consortia/",
        "/api/portfolios/",
        "/partners/organisations/new/",
    ):
        sent: dict[str, Any] = {"name": "Mine", "sector": "private"}
        assert client.post(path, sent, content_type="application/json").status_code == 404, path


def test_what_is_open_answers_with_their_own_alone(contact):
    client = signed_in(contact)
    own = {"my_account", "my_tasks", "own_organisation", "help", "privacy", "accessibility", "token_new"}
    found: dict[str, set[int]] = {}
    for name, route in ROUTES:
        if is_open_to_contacts(name) and name != "account_logout":
            found[name] = {client.get(path).status_code for path in paths(route)}

    assert {name: found[name] for name in own} == {name: {200} for name in own}
    by_id = {name for name, route in ROUTES if name in found and "<uuid:" in route}
    someone_elses = {name for name in by_id if not name.startswith("link_")}  # the secret of a link opens it to anybody
    assert someone_elses >= {"task", "token_revoke", "api_my_task", "api_my_responses"}
    for name in someone_elses:
        assert found[name] <= {404, 405}, name
    assert client.get("/api/my-tasks/").json()["results"] == []
    assert {each["name"] for each in client.get("/api/tokens/").json()["results"]} == set()


def test_a_contact_lands_on_their_organisation_and_is_led_nowhere_else(contact):
    client = signed_in(contact)

    assert client.get("/").headers["Location"] == "/your-organisation/"
    page = client.get("/your-organisation/").content.decode()
    navigation = page[page.index("<nav") : page.index("<main")]
    assert "My tasks" in navigation
    for closed in ("Portfolios", "Partners<", "People", "Settings", 'role="search"'):
        assert closed not in navigation


def test_the_staff_open_what_a_contact_does_not():
    """The walk would find a page that is open: to whoever may see it, it is."""
    client = signed_in(make_world())

    assert {client.get(path).status_code for path in ("/partners/", "/portfolios/", "/people/", "/search/")} == {200}


def test_every_open_route_exists():
    assert OPEN - {name for name, _ in ROUTES} == {"demo_sign_in"}
    assert not is_open_to_contacts(None)
    assert not is_open_to_contacts("admin:index")


def test_the_admin_is_closed(contact):
    assert signed_in(contact).get("/admin/").status_code == 404
    assert signed_in(contact).get(f"/admin/partners/user/{uuid4()}/change/").status_code == 404


def test_a_task_of_their_own_is_theirs(contact):
    theirs = ConsultationTask.objects.order_by("pk")[0]
    client = signed_in(contact)
    assert client.get(f"/tasks/{theirs.pk}/").status_code == 404

    ConsultationTask.objects.filter(pk=theirs.pk).update(person=contact)

    assert client.get(f"/tasks/{theirs.pk}/").status_code in (200, 302)
