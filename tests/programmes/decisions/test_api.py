"""The same acts through the API."""

from uuid import uuid4

import pytest

from partners.clock.operations import set_clock
from programmes.decisions.models import Decision
from tests.builders import (
    NOW,
    make_bid,
    make_bidder,
    make_capability,
    make_deciding_office,
    make_decision,
    make_engagement,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_saving,
    make_workstream,
    propose,
    take,
)

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Business partnering", portfolio=portfolio)


@pytest.fixture
def office(programme):
    return make_deciding_office(programme)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    return manager


def send(client, method, path, body, status):
    response = getattr(client, method)(f"/api/{path}", body, content_type=JSON)
    assert response.status_code == status, response.content
    return response.json()


def drafted(programme, office, **more):
    return {
        "request_key": str(uuid4()),
        "programme": str(programme.pk),
        "title": "End it",
        "question": "Do we go on?",
        "office": str(office.pk),
        "rationale": "It costs too much.",
        **more,
    }


@pytest.mark.usefixtures("manager")
def test_a_decision_from_draft_to_record(client, programme, office, portfolio):
    stream, engagement = make_workstream(programme, "Custody tablets"), make_engagement(programme)
    bid, saving = make_bid(programme, make_bidder(programme, "Alder")), make_saving(programme)
    other, owner, cloud = make_programme(portfolio=portfolio), make_person("Olu Owner"), make_capability("Cloud")
    review = {"title": "Work so far", "purpose": "To look.", "starts_on": "2026-09-22", "weeks": 8}
    body = drafted(programme, office, ends_programme=True, review=review)

    first = send(client, "post", "decisions/", body, 201)
    again = send(client, "post", "decisions/", body, 201)
    base = f"decisions/{first['id']}/"
    assert again["id"] == first["id"]
    assert len(first["missing"]) == 4
    option = {
        "title": "Taskforce",
        "ambition": 1,
        "delivery_model": "taskforce",
        "needs": [{"capability": str(cloud.pk), "level": 2}],
    }
    added = send(client, "post", f"{base}options/", option | {"request_key": str(uuid4())}, 201)
    chosen = added["options"][0]["id"]
    assert added["common_need"] == "Under the one option, partners are needed heavily for Cloud."
    changed = send(
        client, "put", f"{base}options/{chosen}/", option | {"title": "Own taskforce", "version": added["version"]}, 200
    )
    choice = send(client, "put", f"{base}choice/", {"option": chosen, "version": changed["version"]}, 200)
    given = {
        "version": choice["version"],
        "workstreams": [{"id": str(stream.pk), "fate": "move", "move_to": str(other.pk)}],
        "engagements": [{"id": str(engagement.pk), "ends_on": "2026-09-30"}],
        "relationships": [
            {"id": str(bid.relationship_id), "fate": "available", "owner": str(owner.pk), "expires_on": "2030-01-01"}
        ],
        "savings": [{"id": str(saving.pk), "fate": "keep"}],
    }
    left = send(client, "put", f"{base}left-behind/", given, 200)
    assert (left["missing"], left["workstreams"][0]["fate"], left["relationships"][0]["owner"]) == (
        [],
        "move",
        str(owner.pk),
    )
    proposed = send(client, "post", f"{base}propose/", {"version": left["version"]}, 200)
    sent = {"version": proposed["version"], "taken_on": "2026-09-15"}
    assert send(client, "post", f"{base}take/", sent, 403)
    client.force_login(office.clerk)
    taken = send(client, "post", f"{base}take/", sent, 200)

    assert (taken["state"], taken["taken_on"], taken["holder_name"], taken["recorded_by_name"]) == (
        "taken",
        "2026-09-15",
        "Ola Brand",
        "Clem Clerk",
    )
    assert taken["review"]["review"]
    assert f"moved the workstream Custody tablets to {other.name}" in taken["effects"]
    assert "never changed" in send(client, "post", f"{base}take/", sent | {"version": taken["version"]}, 409)["detail"]


@pytest.mark.usefixtures("manager")
def test_what_changed_meanwhile_is_a_conflict(client, programme, office):
    decision = make_decision(programme, office=office)
    path = f"decisions/{decision.pk}/"

    changed = send(client, "patch", path, {"version": 1, "title": "Theirs"}, 200)
    told = send(client, "patch", path, {"version": 1, "title": "Mine"}, 409)

    assert (changed["title"], changed["question"], changed["version"]) == ("Theirs", "How do we go on?", 2)
    assert "Grace Adeyemi changed the title of this decision" in told["detail"]


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"title": "One\nTwo"}, 400),
        ({"title": ""}, 400),
        ({"title": "x" * 201}, 400),
        ({"question": None}, 400),
        ({"office": "nonsense"}, 400),
        ({"office": str(uuid4())}, 409),
        ({"gate": str(uuid4()), "gate_result": "proceed"}, 409),
        ({"supersedes": str(uuid4())}, 409),
        ({"delivery_model": "robots"}, 400),
        ({"ends_programme": "perhaps"}, 400),
        ({"review": {"title": "Look"}}, 400),
        ({"review": {"title": "Look", "purpose": "Why", "starts_on": "2026-09-22", "weeks": 9}}, 400),
        ({"review": {"title": "Look", "purpose": "Why", "starts_on": "2026-09-20", "weeks": 8}}, 409),
        ({"programme": str(uuid4())}, 404),
    ],
)
def test_a_draft_that_cannot_be(client, programme, office, change, status):
    send(client, "post", "decisions/", drafted(programme, office) | change, status)

    assert not Decision.objects.exists()


@pytest.mark.usefixtures("manager")
def test_things_of_another_programme_are_refused(client, programme, office, portfolio):
    other = make_programme(portfolio=portfolio)
    decision = make_decision(programme, office=office, ends_programme=True)
    stream, elsewhere = make_workstream(programme), make_programme()
    path = f"decisions/{decision.pk}/left-behind/"

    for dispositions in (
        {"workstreams": [{"id": str(make_workstream(other).pk), "fate": "stop"}]},
        {"workstreams": [{"id": str(stream.pk), "fate": "move", "move_to": str(elsewhere.pk)}]},
        {"workstreams": [{"id": str(stream.pk), "fate": "move", "move_to": str(programme.pk)}]},
        {"workstreams": [{"id": str(stream.pk), "fate": "move"}]},
        {"workstreams": [{"id": str(stream.pk), "fate": "stop", "move_to": str(other.pk)}]},
        {"workstreams": [{"id": str(stream.pk), "fate": "stop"}, {"id": str(stream.pk), "fate": "keep"}]},
        {"engagements": [{"id": str(uuid4()), "ends_on": "2026-09-30"}]},
    ):
        send(client, "put", path, {"version": 1, **dispositions}, 409)
    assert not decision.workstream_fates.exists()


@pytest.mark.usefixtures("manager")
def test_the_list_is_narrowed(client, programme, office, portfolio):
    taken = take(propose(make_decision(programme, office=office)))
    draft = make_decision(programme, office=make_deciding_office(programme))

    def listed(**sought):
        return {each["id"] for each in client.get("/api/decisions/", sought).json()["results"]}

    both = {str(taken.pk), str(draft.pk)}
    assert listed() == both
    assert listed(state="taken", taken_from="2026-09-16", taken_to="2026-09-16") == {str(taken.pk)}
    assert listed(office=office.pk) == {str(taken.pk)}
    assert listed(programme=programme.pk) == listed(scope=portfolio.scope_id) == both
    assert listed(taken_from="2026-09-17") == listed(programme=uuid4()) == set()
    assert client.get("/api/decisions/", {"surprise": 1}).status_code == 400


def test_who_may_what(client, programme, office):
    decision = propose(make_decision(programme, office=office))
    path = f"decisions/{decision.pk}/"
    acts = [
        ("patch", path, {"version": 1}),
        ("post", f"{path}propose/", {"version": 1}),
        ("post", f"{path}withdraw/", {"reason": "Overtaken"}),
        ("put", f"{path}left-behind/", {"version": 1}),
        ("put", f"{path}choice/", {"version": 1, "option": None}),
    ]

    client.force_login(make_reader(programme))
    assert send(client, "get", path, {}, 200)["state"] == "proposed"
    for method, where, body in acts:
        send(client, method, where, body, 403)
    client.force_login(make_person())
    for method, where, body in acts:
        send(client, method, where, body, 404)
    client.force_login(office.clerk)
    for method, where, body in acts:
        send(client, method, where, body, 403)
    assert [each["id"] for each in client.get("/api/decisions/").json()["results"]] == [str(decision.pk)]
