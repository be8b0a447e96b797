"""The API of workstreams: the same acts and the same refusals as the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import close_workstream
from programmes.workstreams.serializers import WorkstreamDetailOut, WorkstreamOut
from tests.builders import (
    NOW,
    make_administrator,
    make_manager,
    make_person,
    make_programme,
    make_reader,
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


# Lists


def test_list_says_whether_one_reported_and_what_it_last_said(client, programme, workstream, manager, lead):
    report(workstream, Rating.GREEN, now=FIVE_WEEKS_AGO, ask_kind=Ask.ADVICE, ask="How?")

    found = client.get(API).json()

    assert found["results"] == [
        {
            "id": str(workstream.pk),
            "name": "Custody tablets",
            "programme": str(programme.pk),
            "programme_name": "Mobile officer",
            "lead": str(lead.pk),
            "lead_name": "Fiona Reid",
            "reviewer": None,
            "reviewer_name": None,
            "standing": "silent",
            "rating": None,
            "last_rating": "green",
            "last_reported_at": FIVE_WEEKS_AGO.isoformat().replace("+00:00", "Z"),
            "ask_kind": "advice",
            "closed_at": None,
            "version": 1,
        }
    ]
    assert found["results"][0].keys() == WorkstreamOut().fields.keys()


def test_list_narrows_by_what_is_allowed(client, programme, workstream, manager, lead):
    report(workstream, Rating.GREEN, now=FIVE_WEEKS_AGO)
    red = make_workstream(programme, "Red", now=LONG_AGO)
    report(red, Rating.RED, now=SIX_DAYS_AGO)
    done = make_workstream(programme, "Done")
    close_workstream(workstream_id=done.pk, reason="Done", by=manager, now=NOW)
    make_workstream(make_programme(), "Elsewhere")

    def names(**query):
        return [row["name"] for row in client.get(API, query).json()["results"]]

    assert names() == ["Custody tablets", "Red"]
    assert names(programme=programme.pk) == ["Custody tablets", "Red"]
    assert names(programme=uuid4()) == []
    assert names(rating="red") == ["Red"]
    assert names(rating="green") == []  # it is silent since
    assert names(silent="true") == ["Custody tablets"]
    assert names(silent="false") == ["Red"]
    assert names(lead=lead.pk) == ["Custody tablets"]
    assert names(q="fiona") == ["Custody tablets"]
    assert names(closed="true") == ["Done"]
    assert names(closed="") == ["Custody tablets", "Done", "Red"]


@pytest.mark.parametrize(
    "query", [{"rating": "blue"}, {"programme": "x"}, {"lead": "1"}, {"silent": "perhaps"}, {"q": "x" * 101}]
)
def test_list_with_a_value_that_is_not_allowed_is_invalid(client, manager, query):
    response = client.get(API, query)

    assert response.status_code == 400
    assert response.json().keys() == query.keys()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_queries_for_any_length(client, programme, manager, django_assert_num_queries, count):
    for n in range(count):
        workstream = make_workstream(programme, f"Stream {n}", lead=make_person(), now=LONG_AGO)
        for days in range(count):
            report(workstream, now=SIX_DAYS_AGO + timedelta(days=days), by=manager)

    with django_assert_num_queries(8):
        client.get(API)
    with django_assert_num_queries(9):
        client.get(f"{API}{workstream.pk}/updates/")


# One workstream


def test_add_change_close_and_reopen(send, client, programme, manager, lead):
    added = send("post", API, {"programme": str(programme.pk), "name": "Training", "lead": str(lead.pk)})
    assert (added.status_code, added.json()["lead_name"], added.json()["standing"]) == (201, "Fiona Reid", "not_due")
    assert added.json().keys() == WorkstreamDetailOut().fields.keys()
    one = f"{API}{added.json()['id']}/"

    changed = send("patch", one, {"version": 1, "name": "Coaching"}).json()
    assert (changed["name"], changed["lead"], changed["version"]) == ("Coaching", str(lead.pk), 2)
    assert send("patch", one, {"version": 2, "lead": None}).json()["lead"] is None
    reviewed = send("patch", one, {"version": 3, "reviewer": str(lead.pk)}).json()
    assert (reviewed["reviewer_name"], client.get(API).json()["results"][0]["reviewer_name"]) == ("Fiona Reid",) * 2
    own = send("patch", one, {"version": 4, "lead": str(lead.pk)})
    assert (own.status_code, own.json()["field"]) == (409, "reviewer")
    late = send("patch", one, {"version": 1, "name": "Lessons"})
    assert (late.status_code, "Priya Nair changed" in late.json()["detail"]) == (409, True)

    closed = send("post", f"{one}close/", {"reason": "Done"}).json()
    assert (closed["standing"], closed["close_reason"]) == ("closed", "Done")
    assert send("post", f"{one}close/", {"reason": "Done"}).status_code == 409
    assert send("post", f"{one}reopen/", {"reason": "Not done"}).json()["standing"] == "not_due"
    assert client.get(one).json()["name"] == "Coaching"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "Two\nlines"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5.5, "description": ["x"]}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"lead": "nobody"}, "lead"),
        ({"reviewer": "seven"}, "reviewer"),
        ({"programme": "x"}, "programme"),
        ({"name": None}, "name"),
    ],
)
def test_add_with_a_wrong_value_is_invalid(send, programme, manager, data, field):
    response = send("post", API, {"programme": str(programme.pk), "name": "Training"} | data)

    assert response.status_code == 400
    assert field in response.json()
    assert not Workstream.objects.exists()


def test_add_with_a_lead_who_has_no_account_is_refused(send, programme, manager):
    response = send("post", API, {"programme": str(programme.pk), "name": "Training", "lead": str(uuid4())})

    assert (response.status_code, response.json()["field"]) == (409, "lead")


def test_add_to_a_programme_that_is_not_visible_is_not_found(send, manager):
    response = send("post", API, {"programme": str(make_programme().pk), "name": "Training"})

    assert response.status_code == 404


# The reporting day


def test_reporting_settings_are_told_to_all_and_changed_by_administrators(send, client, manager):
    path = "/api/settings/reporting/"
    monday = {"version": 1, "frequency": "weekly", "weekday": "0"}

    assert client.get(path).json() == {
        "frequency": "weekly",
        "weekday": "4",
        "first_on": None,
        "words": "Every Friday",
        "last_on": "2026-09-11",
        "next_on": "2026-09-18",
        "version": 1,
    }
    assert send("put", path, monday).status_code == 403
    client.force_login(make_administrator())
    assert send("put", path, monday | {"weekday": "6"}).status_code == 400
    assert send("put", path, monday).json()["words"] == "Every Monday"
    assert send("put", path, monday | {"weekday": "1"}).status_code == 409


# Strangers


def calls(send, workstream):
    one = f"{API}{workstream.pk}/"
    return [
        send("patch", one, {"version": 1, "name": "Mine"}),
        send("post", f"{one}close/", {"reason": "x"}),
        send("post", f"{one}reopen/", {"reason": "x"}),
    ]


def test_a_stranger_finds_nothing(client, send, workstream):
    report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_manager(make_programme()))
    reads = [client.get(f"{API}{workstream.pk}/")]

    assert [answer.status_code for answer in [*reads, *calls(send, workstream)]] == [404] * 4
    assert client.get(API).json()["results"] == []
    assert AuditEvent.objects.count() == events


def test_a_reader_reads_and_changes_nothing(client, send, workstream):
    report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_reader(workstream.programme))

    assert client.get(f"{API}{workstream.pk}/").json()["name"] == "Custody tablets"
    assert [answer.status_code for answer in calls(send, workstream)] == [403] * 3
    assert AuditEvent.objects.count() == events
