"""The API of status updates: the same acts and the same refusals as the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest

from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.reporting.rules import DIMENSIONS
from programmes.reporting.serializers import StatusOut
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import StatusUpdate
from tests.builders import (
    NOW,
    make_manager,
    make_person,
    make_programme,
    make_workstream,
    report,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=200)
SIX_DAYS_AGO = NOW - timedelta(days=6)
FIVE_WEEKS_AGO = NOW - timedelta(days=37)
API = "/api/workstreams/"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Mobile officer")


@pytest.fixture
def lead():
    return make_person("Fiona Reid")


@pytest.fixture
def workstream(programme, lead):
    return make_workstream(programme, "Custody tablets", lead=lead, now=LONG_AGO)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Priya Nair")
    client.force_login(manager)
    return manager


@pytest.fixture
def send(client):
    """Sends JSON with a method; a header Idempotency-Key when given a key."""

    def send(method, path, data, key=None):
        headers = {"Idempotency-Key": str(key)} if key else {}
        return getattr(client, method)(path, data, content_type="application/json", headers=headers)

    return send


def body(lead, **more):
    return {
        "rating": "amber",
        **dict.fromkeys(DIMENSIONS, "amber"),
        "changed": "Two of five.",
        "path_to_green": "A second crew joins.",
        "path_owner": str(lead.pk),
        "path_due_on": "2026-11-27",
        "based_on": None,
    } | more


# Updates


def test_publish_and_list(send, client, workstream, lead):
    client.force_login(User.objects.get(pk=lead.pk))
    path = f"{API}{workstream.pk}/updates/"

    first = send("post", path, body(lead), key=uuid4())
    second = send(
        "post",
        path,
        body(
            lead, based_on=first.json()["id"], rating="red", ask_kind="decision", ask="Which?", request_key=str(uuid4())
        ),
    )

    assert (first.status_code, second.status_code) == (201, 201)
    listed = client.get(path).json()["results"]
    assert [row["id"] for row in listed] == [second.json()["id"], first.json()["id"]]
    assert listed[0] == second.json()
    assert listed[0].keys() == StatusOut().fields.keys()
    assert (listed[0]["ask_kind"], listed[0]["reported_by_name"], listed[0]["superseded_by"]) == (
        "decision",
        "Fiona Reid",
        None,
    )


@pytest.mark.parametrize("by_header", [True, False])
def test_publish_again_with_the_same_key_answers_with_the_first(send, workstream, manager, by_header, lead):
    path, key = f"{API}{workstream.pk}/updates/", uuid4()
    more = {} if by_header else {"request_key": str(key)}

    answers = [send("post", path, body(lead, **more), key=key if by_header else None).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert StatusUpdate.objects.count() == 1


def test_publish_on_an_older_one_is_refused(send, workstream, manager, lead):
    report(workstream)

    response = send("post", f"{API}{workstream.pk}/updates/", body(lead), key=uuid4())

    assert response.status_code == 409
    assert "Somebody published a status while you were writing" in response.json()["detail"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"rating": "blue"}, "rating"),
        ({"rating": None}, "rating"),
        ({"changed": " "}, "changed"),
        ({"changed": "x" * 2001}, "changed"),
        ({"steps": [{"text": "bell \x07"}]}, "steps"),
        ({"steps": [{"text": "x"}] * 21}, "steps"),
        ({"schedule": None}, "schedule"),
        ({"path_to_green": ""}, "path_to_green"),
        ({"path_owner": None}, "path_owner"),
        ({"path_due_on": "2026-02-30"}, "path_due_on"),
        ({"path_due_on": "0026-02-20"}, "path_due_on"),
        ({"explanations": [{"kind": "gossip", "explanation": "x"}]}, "explanations"),
        ({"ask": "Money"}, "ask_kind"),
        ({"ask_kind": "advice"}, "ask"),
        ({"ask_kind": "money"}, "ask_kind"),
        ({"based_on": "x"}, "based_on"),
        ({"request_key": "x"}, "request_key"),
    ],
)
def test_publish_with_a_wrong_value_is_invalid(send, workstream, manager, more, field, lead):
    response = send("post", f"{API}{workstream.pk}/updates/", body(lead, **more), key=uuid4())

    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert not StatusUpdate.objects.exists()


@pytest.mark.parametrize("key", [None, "not-a-uuid"])
def test_publish_without_a_key_or_what_it_is_based_on_is_invalid(send, workstream, manager, key, lead):
    path = f"{API}{workstream.pk}/updates/"

    assert list(send("post", path, body(lead), key=key).json()) == ["request_key"]
    without_base = body(lead)
    del without_base["based_on"]
    assert list(send("post", path, without_base, key=uuid4()).json()) == ["based_on"]


def test_correct(send, client, workstream, manager, lead):
    wrong = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO)
    path = f"{API}{workstream.pk}/updates/{wrong.pk}/correction/"
    fields = body(lead, rating="red", changed="None works.", reason="Wrong site")
    del fields["based_on"]

    missing = send("post", path, fields | {"reason": ""}, key=uuid4())
    correction = send("post", path, fields, key=uuid4())
    late = send("post", path, fields, key=uuid4())

    assert (missing.status_code, correction.status_code, late.status_code) == (400, 201, 409)
    assert (correction.json()["supersedes"], correction.json()["correction_reason"]) == (str(wrong.pk), "Wrong site")
    assert correction.json()["said_at"] == SIX_DAYS_AGO.isoformat().replace("+00:00", "Z")
    rows = client.get(f"{API}{workstream.pk}/updates/").json()["results"]
    assert [row["superseded_by"] for row in rows] == [None, correction.json()["id"]]


def test_correct_an_update_of_another_workstream_is_not_found(send, programme, workstream, manager, lead):
    elsewhere = report(make_workstream(programme))

    path = f"{API}{workstream.pk}/updates/{elsewhere.pk}/correction/"

    assert send("post", path, {}, key=uuid4()).status_code == 404
