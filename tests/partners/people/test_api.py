import json
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.enums import Role
from partners.people.models import ApiToken, RoleHolding, Unit, User
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_unit,
)

pytestmark = pytest.mark.django_db


class Caller:
    """Calls the API with a token."""

    def __init__(self, user):
        self.client, self.headers = Client(), {}
        if user:
            secret = operations.create_token(name="Test", days=1, by=user, now=business_now()).secret
            self.headers = {"Authorization": f"Bearer {secret}"}

    def ask(self, method, page, /, *args, query=None, body=None):
        return self.client.generic(
            method,
            reverse(page, args=args),
            "" if body is None else json.dumps(body),
            "application/json",
            headers=self.headers,
            query_params=query or {},
        )

    def get(self, page, /, *args, **query):
        return self.ask("GET", page, *args, query=query)

    def post(self, page, /, *args, **body):
        return self.ask("POST", page, *args, body=body)

    def patch(self, page, /, *args, **body):
        return self.ask("PATCH", page, *args, body=body)


@pytest.fixture
def alex():
    return make_administrator("Alex Morgan")


@pytest.fixture
def admin(alex):
    return Caller(alex)


def names(response):
    return [row["name"] for row in response.json()["results"]]


# Strangers


@pytest.fixture
def world():
    programme = make_programme("Digital Policing", portfolio=make_portfolio("Change"))
    return {
        "programme": programme,
        "person": make_person("Ama Mensah", unit=make_unit()),
        "anonymous": None,
        "staff": make_person(),
        "reader": make_reader(programme),
        "manager": make_manager(programme),
        "cio": give_role(make_person(), Role.CIO, programme.scope.parent),
        "administrator": make_administrator(),
    }


STRANGERS = ["anonymous", "staff", "reader", "manager", "cio"]


@pytest.mark.parametrize("who", [*STRANGERS, "administrator"])
def test_who_may_read_people(world, who):
    caller = Caller(world[who])
    expected = {"anonymous": 401, "administrator": 200}.get(who, 403)

    assert caller.get("api_people").status_code == expected
    assert caller.get("api_person", world["person"].pk).status_code == expected


@pytest.mark.parametrize("who", STRANGERS)
def test_who_may_not_change_people_and_units(world, who):
    caller, person = Caller(world[who]), world["person"]
    expected = 401 if who == "anonymous" else 403

    answers = [
        caller.post("api_people", name="A", email="a@example.org"),
        caller.post("api_people_import", csv="email,name\na@example.org,A\n"),
        caller.patch("api_person", person.pk, version=1, name="A"),
        caller.post("api_person_leave", person.pk),
        caller.post("api_person_bring_back", person.pk),
        caller.post("api_units", code="A", name="A"),
        caller.patch("api_unit", person.unit_id, version=1, name="A"),
    ]

    assert [answer.status_code for answer in answers] == [expected] * len(answers)
    assert User.objects.get(pk=person.pk).version == 1
    assert not User.objects.filter(email="a@example.org").exists()


@pytest.mark.parametrize("page", ["api_me", "api_tokens", "api_units", "api_scopes", "api_roles"])
def test_everybody_signed_in_reads_what_is_theirs(world, page):
    assert Caller(None).get(page).status_code == 401
    assert Caller(world["staff"]).get(page).status_code == 200


def test_a_refusal_names_who_may(world):
    answer = Caller(world["staff"]).get("api_people")

    assert answer.json() == {"detail": "You cannot manage people, units and roles. Ask the administrator."}


# People


def test_people_are_listed_filtered_and_paged(admin, alex):
    north = make_unit("North")
    ama = make_person("Ama Mensah", unit=north)
    gone = make_person("Gone Away", unit=north)
    operations.record_leaver(person_id=gone.pk, by=alex, now=NOW)

    assert names(admin.get("api_people")) == ["Alex Morgan", "Ama Mensah", "Gone Away"]
    assert names(admin.get("api_people", q="mensah")) == ["Ama Mensah"]
    assert names(admin.get("api_people", state="left")) == ["Gone Away"]
    assert names(admin.get("api_people", state="active", unit=north.pk)) == ["Ama Mensah"]
    second = admin.get("api_people", page=2, page_size=1).json()
    assert (second["count"], [row["id"] for row in second["results"]]) == (3, [str(ama.pk)])
    assert second["results"][0] == {
        "id": str(ama.pk),
        "name": "Ama Mensah",
        "email": ama.email,
        "unit": str(north.pk),
        "unit_name": "North",
        "is_active": True,
        "joined_at": "2026-09-16T10:00:00+01:00",
        "left_at": None,
        "version": 1,
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"colour": "red"}, "There is no parameter 'colour' here. Use page, page_size, q, state, unit."),
        ({"state": "perhaps"}, "This is none of the choices"),
        ({"unit": "x"}, "Send an id"),
        ({"q": "x" * 201}, "200 characters or fewer"),
    ],
)
def test_a_filter_that_makes_no_sense_is_answered_400(admin, query, sentence):
    answer = admin.get("api_people", **query)

    assert (answer.status_code, sentence in answer.content.decode()) == (400, True)


def test_add_and_change_a_person(admin):
    unit = make_unit()

    added = admin.post("api_people", name="Ama Mensah", email="Ama@example.org", unit=str(unit.pk))

    assert (added.status_code, added.json()["email"]) == (201, "ama@example.org")
    ama = added.json()["id"]
    assert admin.post("api_people", name="Ama", email="ama@example.org").status_code == 409
    changed = admin.patch("api_person", ama, version=1, name="Ama Boateng", unit=None)
    assert (changed.json()["name"], changed.json()["unit"], changed.json()["version"]) == ("Ama Boateng", None, 2)
    late = admin.patch("api_person", ama, version=1, name="Ama Osei")
    assert late.status_code == 409
    assert late.json()["detail"].startswith("Alex Morgan changed the name and the unit of the account of Ama Boateng")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "A"},
        {"name": "A", "email": "x"},
        {"name": "", "email": "a@example.org"},
        {"name": "A\nB", "email": "a@example.org"},
        {"name": "A" * 201, "email": "a@example.org"},
        {"name": ["A"], "email": "a@example.org"},
        {"name": {"a": 1}, "email": "a@example.org"},
        {"name": "A", "email": "a@example.org", "unit": "x"},
        {"name": None, "email": None},
    ],
)
def test_a_person_that_makes_no_sense_is_answered_400(admin, body):
    assert admin.post("api_people", **body).status_code == 400
    assert not User.objects.filter(email="a@example.org").exists()


def test_a_person_in_an_unknown_unit_is_answered_409_with_the_field(admin):
    answer = admin.post("api_people", name="A", email="a@example.org", unit=str(uuid4()))

    assert (answer.status_code, answer.json()["field"]) == (409, "unit")


@pytest.mark.parametrize("version", [None, 0, "x", 2**31, 1.5, True, []])
def test_a_version_that_makes_no_sense_is_answered_400(admin, version):
    assert admin.patch("api_person", make_person().pk, name="A", version=version).status_code in (400, 409)


def test_leave_and_bring_back(admin, alex):
    ama = make_person()

    left = admin.post("api_person_leave", ama.pk)
    assert (left.status_code, left.json()["is_active"]) == (200, False)
    assert admin.post("api_person_leave", ama.pk).status_code == 409
    assert admin.post("api_person_bring_back", ama.pk).json()["is_active"] is True
    assert admin.post("api_person_bring_back", ama.pk).status_code == 409
    assert admin.post("api_person_leave", alex.pk).status_code == 409
    assert admin.post("api_person_leave", uuid4()).status_code == 404


def test_import_tells_first_and_then_does(admin):
    text = "email,name\nama@example.org,Ama\nbo@example.org,Bo\n"

    told = admin.post("api_people_import", csv=text, dry_run=True).json()
    assert (told["added"], told["problems"], User.objects.filter(name="Ama").exists()) == (2, [], False)
    done = admin.post("api_people_import", csv=text)
    assert (done.status_code, done.json()["added"], done.json()["kind"]) == (200, 2, "people")
    assert admin.post("api_people_import", csv=text).json()["unchanged"] == 2


def test_import_with_problems_is_answered_409_and_told_by_a_dry_run(admin):
    text = "email,name\nx,X\n"

    refused = admin.post("api_people_import", csv=text)
    assert (refused.status_code, "Line 2, email" in refused.json()["detail"]) == (409, True)
    told = admin.post("api_people_import", csv=text, dry_run=True).json()
    assert [(each["line"], each["column"]) for each in told["problems"]] == [(2, "email")]
    assert admin.post("api_people_import", csv="a,b\n1,2\n").status_code == 409
    assert admin.post("api_people_import", csv="").status_code == 400
    assert admin.post("api_people_import").status_code == 400


# Units


def test_units(admin):
    ops = admin.post("api_units", code="OPS", name="Operations").json()
    north = admin.post("api_units", code="N", name="North", parent=ops["id"])

    assert (north.status_code, north.json()["parent"]) == (201, ops["id"])
    assert admin.post("api_units", code="ops", name="Again").status_code == 409
    assert names(admin.get("api_units", q="nor")) == ["North"]
    assert admin.get("api_unit", ops["id"]).json() == ops
    changed = admin.patch("api_unit", ops["id"], version=1, name="All operations")
    assert (changed.json()["name"], changed.json()["version"]) == ("All operations", 2)
    circle = admin.patch("api_unit", ops["id"], version=2, parent=north.json()["id"])
    assert (circle.status_code, circle.json()["field"]) == (409, "parent")
    assert admin.patch("api_unit", ops["id"], version=1, name="Late").status_code == 409
    assert admin.get("api_unit", uuid4()).status_code == 404
    assert Unit.objects.count() == 2


# Roles


def test_a_manager_grants_and_ends_a_role(world):
    manager, programme, ama = Caller(world["manager"]), world["programme"], world["person"]

    granted = manager.post("api_roles", email=ama.email, role="workstream_lead", scope=str(programme.scope_id))

    assert granted.status_code == 201
    assert (granted.json()["person_name"], granted.json()["scope_name"]) == ("Ama Mensah", "Digital Policing")
    again = manager.post("api_roles", person=str(ama.pk), role="workstream_lead", scope=str(programme.scope_id))
    assert again.status_code == 409
    too_much = manager.post("api_roles", person=str(ama.pk), role="programme_manager", scope=str(programme.scope_id))
    assert too_much.status_code == 403
    ended = manager.post("api_end_role", granted.json()["id"])
    assert (ended.status_code, ended.json()["ended_at"] is not None) == (200, True)
    assert manager.post("api_end_role", granted.json()["id"]).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"role": "king"},
        {"scope": str(uuid4())},
        {"person": str(uuid4())},
        {"person": None},
        {"email": "ama@example.org"},
        {"scope": "x"},
    ],
)
def test_a_grant_that_makes_no_sense_is_answered_400(world, change):
    programme, ama = world["programme"], world["person"]
    body = {"person": str(ama.pk), "role": "reader", "scope": str(programme.scope_id)} | change

    answer = Caller(world["administrator"]).post("api_roles", **body)

    assert answer.status_code == 400
    assert not RoleHolding.objects.filter(user=ama).exists()


def test_a_scope_of_another_programme_is_not_there_for_a_manager(world):
    elsewhere = make_programme()
    held = RoleHolding.objects.get(user=make_reader(elsewhere))
    manager = Caller(world["manager"])

    answer = manager.post("api_roles", person=str(world["person"].pk), role="reader", scope=str(elsewhere.scope_id))

    assert (answer.status_code, list(answer.json())) == (400, ["scope"])
    assert manager.post("api_end_role", held.pk).status_code == 404


def test_roles_and_scopes_are_listed_as_far_as_one_sees(world):
    manager, programme = Caller(world["manager"]), world["programme"]

    rows = manager.get("api_roles").json()["results"]
    assert {row["role"] for row in rows} == {"programme_manager", "reader"}
    assert len(manager.get("api_roles", role="reader").json()["results"]) == 1
    assert manager.get("api_roles", person=str(world["cio"].pk)).json()["count"] == 0
    assert manager.get("api_roles", scope=str(programme.scope_id)).json()["count"] == 2
    assert manager.get("api_roles", role="king").status_code == 400
    assert [row["name"] for row in manager.get("api_scopes").json()["results"]] == ["Digital Policing"]
    assert Caller(world["cio"]).get("api_scopes").json()["count"] == 2


# One's own


def test_me(world):
    answer = Caller(world["manager"]).get("api_me").json()

    assert (answer["email"], answer["unit"]) == (world["manager"].email, None)
    assert answer["roles"] == [
        {
            "role": "programme_manager",
            "scope": str(world["programme"].scope_id),
            "scope_kind": "programme",
            "scope_name": "Digital Policing",
        }
    ]


def test_tokens_are_made_by_somebody_signed_in_and_revoked(client, world):
    ama, stranger = world["person"], Caller(world["staff"])
    client.force_login(ama)

    made = client.post(reverse("api_tokens"), {"name": "Figures", "days": 30}, content_type="application/json")

    secret, token = made.json()["secret"], made.json()["id"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert made.status_code == 201
    assert Client().get(reverse("api_me"), headers=headers).json()["name"] == "Ama Mensah"
    listed = client.get(reverse("api_tokens")).json()["results"]
    assert [(row["id"], "secret" in row) for row in listed] == [(token, False)]
    assert stranger.post("api_revoke_token", token).status_code == 404
    assert client.post(reverse("api_revoke_token", args=[token])).status_code == 200
    assert Client().get(reverse("api_me"), headers=headers).status_code == 401
    assert ApiToken.objects.get(pk=token).revoked_at


@pytest.mark.parametrize("days", [0, 366, "x", None, 1.5])
def test_a_token_for_a_time_that_makes_no_sense_is_answered_400(client, days):
    client.force_login(make_person())
    body = {"name": "Figures", "days": days}

    assert client.post(reverse("api_tokens"), body, content_type="application/json").status_code == 400


def test_a_call_with_the_session_of_a_browser_needs_the_csrf_token(alex):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alex)

    answer = client.post(reverse("api_units"), {"code": "A", "name": "A"}, content_type="application/json")

    assert (answer.status_code, Unit.objects.exists()) == (403, False)


def test_a_token_that_ends_meanwhile_is_answered_401(alex):
    secret = operations.create_token(name="Old", days=1, by=alex, now=business_now() - timedelta(days=1)).secret

    assert Client().get(reverse("api_me"), headers={"Authorization": f"Bearer {secret}"}).status_code == 401


# The organisation


def test_the_organisation_is_renamed(admin, alex):
    scope = admin.get("api_organisation").json()

    renamed = admin.patch("api_organisation", name="Northshire Police", was=scope["name"])
    repeated = admin.patch("api_organisation", name="Northshire Police", was=scope["name"])
    late = admin.patch("api_organisation", name="Late Police", was=scope["name"])

    assert scope == {"id": scope["id"], "kind": "organisation", "name": scope["name"], "parent": None}
    assert (renamed.status_code, renamed.json()) == (200, scope | {"name": "Northshire Police"})
    assert (repeated.status_code, repeated.json()) == (200, renamed.json())
    assert (late.status_code, "Alex Morgan changed the name" in late.json()["detail"]) == (409, True)
    event = AuditEvent.objects.get(subject_id=scope["id"])
    assert (event.action, event.before, event.after) == (
        "people.rename_organisation",
        {"name": scope["name"]},
        {"name": "Northshire Police"},
    )


@pytest.mark.parametrize("body", [{}, {"name": "Ours"}, {"name": "", "was": "x"}, {"name": "A\nB", "was": "x"}])
def test_a_name_of_the_organisation_that_cannot_be_is_answered_400(admin, body):
    assert admin.patch("api_organisation", **body).status_code == 400


def test_only_an_administrator_renames_the_organisation():
    reader = Caller(make_reader(make_programme()))
    scope = reader.get("api_organisation").json()

    assert reader.patch("api_organisation", name="Ours", was=scope["name"]).status_code == 403


# Where somebody is signed in


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_the_browsers_in_which_one_is_signed_in(alex):
    here, _, _ = browser_of(alex), browser_of(alex), browser_of(make_person())

    answer = here.get(reverse("api_sessions")).json()

    assert sorted(row.pop("is_this_one") for row in answer["results"]) == [False, True]
    assert [sorted(row) for row in answer["results"]] == [["browser", "id", "signed_in_at"]] * 2
    assert here.session.session_key not in json.dumps(answer)
    assert {row["is_this_one"] for row in Caller(alex).get("api_sessions").json()["results"]} == {False}


def test_signing_out_of_one_browser(alex):
    here, there, caller = browser_of(alex), browser_of(alex), Caller(alex)
    rows = here.get(reverse("api_sessions")).json()["results"]
    [away] = [row["id"] for row in rows if not row["is_this_one"]]

    stranger = Caller(make_person()).post("api_end_session", away)
    ended = caller.post("api_end_session", away)
    again = caller.post("api_end_session", away)

    assert [answer.status_code for answer in (stranger, ended, again)] == [409, 204, 409]
    assert stranger.json()["detail"] == again.json()["detail"]
    assert [client.get(reverse("api_me")).status_code for client in (here, there)] == [200, 401]
    assert [event.action for event in AuditEvent.objects.filter(subject_id=alex.pk)].count("people.end_session") == 1


# Budgets


@pytest.mark.parametrize(
    ("page", "budget"),
    [("api_people", 5), ("api_units", 4), ("api_scopes", 5), ("api_roles", 5), ("api_tokens", 5), ("api_sessions", 3)],
)
def test_a_list_costs_the_same_at_one_and_at_three(admin, alex, django_assert_num_queries, page, budget):
    def add(number):
        give_role(make_person(unit=make_unit()), Role.READER, make_programme().scope)
        operations.create_token(name=f"Token {number}", days=300, by=alex, now=NOW)
        browser_of(alex)

    add(1)
    admin.get(page)
    with django_assert_num_queries(budget):
        admin.get(page)
    add(2)
    add(3)
    with django_assert_num_queries(budget):
        admin.get(page)


# An account that cannot sign in


def test_an_authenticator_that_is_lost_is_removed(admin):
    ama = make_person("Ama Mensah")
    Authenticator.objects.create(user=ama, type=Authenticator.Type.TOTP, data={"secret": "x"})

    removed = admin.post("api_person_remove_second_step", ama.pk)

    assert (removed.status_code, removed.json()["name"]) == (200, "Ama Mensah")
    assert admin.post("api_person_remove_second_step", ama.pk).status_code == 409


def test_a_link_to_set_a_password_is_mailed(admin, alex, mailoutbox):
    ama = make_person("Ama Mensah")

    assert admin.post("api_person_send_link", ama.pk).status_code == 200

    assert [mail.to for mail in mailoutbox] == [[ama.email]]
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)
    assert admin.post("api_person_send_link", ama.pk).status_code == 409


@pytest.mark.parametrize("page", ["api_person_send_link", "api_person_remove_second_step"])
def test_only_administrators_help_an_account_in(page):
    reader = Caller(make_reader(make_programme()))

    assert reader.post(page, make_person().pk).status_code == 403
