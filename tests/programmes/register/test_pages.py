"""Pages of a programme's register, and the same acts through the API."""

from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from programmes.register.enums import DeliveryModel
from programmes.register.models import Lesson, Programme, ProgrammeConstraint
from programmes.register.operations import change_programme, record_constraint, record_lesson, withdraw_constraint
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def owner():
    return make_person("Helen Marsh")


@pytest.fixture
def programme(owner):
    return make_programme("Mobile officer", owner=owner)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Priya Nair")
    client.force_login(manager)
    return manager


def constrain(programme, by, text="No privatisation"):
    return record_constraint(programme_id=programme.pk, text=text, by=by, now=NOW)


def learn(programme, by, title="Ask the night shift"):
    return record_lesson(
        programme_id=programme.pk, title=title, text="They know.", learned_on=NOW.date(), by=by, now=NOW
    )


def change_form(programme, person, **more):
    return {
        "name": programme.name,
        "summary": programme.summary,
        "owner": person.email,
        "version": programme.version,
    } | more


def pages(programme):
    base = f"/programmes/{programme.pk}"
    return [f"{base}/change/", f"{base}/constraints/", f"{base}/lessons/"]


def test_a_stranger_finds_no_such_programme(client, programme):
    manager = make_manager(programme)
    constraint, lesson = constrain(programme, manager), learn(programme, manager)
    client.force_login(make_manager(make_programme()))
    base, api = f"/programmes/{programme.pk}", f"/api/programmes/{programme.pk}"

    statuses = [client.get(page).status_code for page in pages(programme)]
    statuses += [
        client.get(f"{base}/constraints/{constraint.pk}/withdraw/").status_code,
        client.post(f"{base}/constraints/{constraint.pk}/withdraw/").status_code,
        client.post(f"{base}/lessons/{lesson.pk}/withdraw/").status_code,
        client.get(f"{api}/").status_code,
        client.patch(f"{api}/", {"version": 1}, content_type="application/json").status_code,
        client.get(f"{api}/constraints/").status_code,
        client.post(f"{api}/constraints/", {"text": "x"}, content_type="application/json").status_code,
        client.post(f"{api}/constraints/{constraint.pk}/withdraw/").status_code,
        client.get(f"{api}/lessons/").status_code,
        client.post(f"{api}/lessons/{lesson.pk}/withdraw/").status_code,
    ]

    assert statuses == [404] * len(statuses)
    assert AuditEvent.objects.count() == 2


def test_a_reader_reads_and_changes_nothing(client, programme, owner):
    manager = make_manager(programme)
    constraint, lesson = constrain(programme, manager), learn(programme, manager)
    client.force_login(make_reader(programme))
    base, api = f"/programmes/{programme.pk}", f"/api/programmes/{programme.pk}"
    words = {"title": "A", "text": "B", "learned_on_day": "1", "learned_on_month": "3", "learned_on_year": "2026"}
    as_json = {"content_type": "application/json"}

    shown = client.get(f"{base}/constraints/").content.decode()
    assert "No privatisation" in shown
    assert "Record constraint" not in shown
    assert "Withdraw" not in shown
    assert "Record lesson" not in client.get(f"{base}/lessons/").content.decode()
    statuses = [
        client.get(f"{base}/change/").status_code,
        client.post(f"{base}/change/", change_form(programme, owner, name="Mine")).status_code,
        client.post(f"{base}/constraints/", {"text": "Mine"}).status_code,
        client.post(f"{base}/lessons/", words).status_code,
        client.post(f"{base}/constraints/{constraint.pk}/withdraw/").status_code,
        client.post(f"{base}/lessons/{lesson.pk}/withdraw/").status_code,
        client.patch(f"{api}/", {"version": 1, "name": "Mine"}, **as_json).status_code,
        client.post(f"{api}/constraints/", {"text": "Mine"}, **as_json).status_code,
        client.post(f"{api}/lessons/", {"title": "A", "text": "B", "learned_on": "2026-03-01"}, **as_json).status_code,
        client.post(f"{api}/constraints/{constraint.pk}/withdraw/").status_code,
        client.post(f"{api}/lessons/{lesson.pk}/withdraw/").status_code,
    ]
    assert statuses == [403] * len(statuses)
    assert AuditEvent.objects.count() == 2


def test_change_page_shows_what_is_saved_and_saves(client, programme, owner, manager):
    shown = client.get(f"/programmes/{programme.pk}/change/").content.decode()
    assert 'value="Mobile officer"' in shown
    assert owner.email in shown

    response = client.post(f"/programmes/{programme.pk}/change/", change_form(programme, owner, name="Connected"))

    assert (response.status_code, response.headers["Location"]) == (302, f"/programmes/{programme.pk}/")
    assert Programme.objects.get(pk=programme.pk).name == "Connected"


def test_change_page_told_of_another_change_keeps_what_was_typed(client, programme, owner, manager):
    form = change_form(programme, owner, summary="My words", name="My name")
    change_programme(
        programme_id=programme.pk,
        version=1,
        name="Their name",
        summary="Their words",
        owner_id=owner.pk,
        by=make_manager(programme, "Tom Hale"),
        now=NOW,
    )

    response = client.post(f"/programmes/{programme.pk}/change/", form)

    shown = response.content.decode()
    assert response.status_code == 409
    assert "Tom Hale changed the name and the summary of this programme" in shown
    assert all(words in shown for words in ("My words", "My name", "Their words", "Their name"))
    assert 'name="version" value="2"' in shown
    assert client.post(f"/programmes/{programme.pk}/change/", form | {"version": 2}).status_code == 302
    assert Programme.objects.get(pk=programme.pk).summary == "My words"


@pytest.mark.parametrize(
    ("more", "sentence", "status"),
    [
        ({"name": "two\nlines"}, "Write this on one line, without tabs or other control characters", 200),
        ({"name": ""}, "Enter name", 200),
        ({"name": "x" * 201}, "Name must be 200 characters or fewer", 200),
        ({"version": "0"}, "This page is out of date", 200),
        ({"owner": "nobody@example.org"}, "Nobody with an account has this address", 200),
        ({"owner": "not an address"}, "Nobody with an account has this address", 200),
        ({"version": "x"}, "This page is out of date", 200),
        ({"version": "9" * 30}, "This page is out of date", 200),
    ],
)
def test_change_page_says_what_to_mend(client, programme, owner, manager, more, sentence, status):
    response = client.post(f"/programmes/{programme.pk}/change/", change_form(programme, owner, **more))

    assert (response.status_code, sentence in response.content.decode()) == (status, True)
    assert AuditEvent.objects.count() == 0


def test_constraints_are_recorded_listed_and_withdrawn(client, programme, manager):
    address = f"/programmes/{programme.pk}/constraints/"
    assert "No constraints yet" in client.get(address).content.decode()

    assert client.post(address, {"text": "No privatisation", "source": "Board"}).status_code == 302
    repeated = client.post(address, {"text": "No privatisation", "source": "Board"})
    assert (repeated.status_code, "This constraint is recorded already" in repeated.content.decode()) == (409, True)
    shown = client.get(address).content.decode()
    assert "No privatisation" in shown
    assert "Wednesday 16 September 2026, Priya Nair" in shown
    withdraw = f"{address}{ProgrammeConstraint.objects.get().pk}/withdraw/"
    assert "No privatisation" in client.get(withdraw).content.decode()
    assert client.post(withdraw).status_code == 302
    assert client.post(withdraw).status_code == 409
    assert "No constraints yet" in client.get(address).content.decode()


def test_lessons_are_recorded_listed_and_withdrawn(client, programme, manager):
    address = f"/programmes/{programme.pk}/lessons/"
    words = {
        "title": "Ask",
        "text": "a\r\nb",
        "learned_on_day": "1",
        "learned_on_month": "3",
        "learned_on_year": "2026",
    }
    assert "No lessons yet" in client.get(address).content.decode()

    assert client.post(address, words).status_code == 302
    assert client.post(address, words).status_code == 409
    late = client.post(address, words | {"title": "Other", "learned_on_year": "2027"})
    assert (late.status_code, "must be today or in the past" in late.content.decode()) == (409, True)
    assert "Sunday 1 March 2026, recorded by Priya Nair" in client.get(address).content.decode()
    assert Lesson.objects.get().text == "a\nb"
    withdraw = f"{address}{Lesson.objects.get().pk}/withdraw/"
    assert client.get(withdraw).status_code == 200
    assert client.post(withdraw).status_code == 302
    assert "No lessons yet" in client.get(address).content.decode()


def test_rows_of_another_programme_are_not_found_under_this_one(client, programme, manager):
    other = make_programme()
    theirs = make_manager(other)
    constraint, lesson = constrain(other, theirs), learn(other, theirs)
    client.force_login(make_administrator())  # sees both programmes
    base, api = f"/programmes/{programme.pk}", f"/api/programmes/{programme.pk}"

    found = [
        client.post(f"{where}/{kind}/{pk}/withdraw/").status_code
        for where in (base, api)
        for kind, pk in (
            ("constraints", constraint.pk),
            ("lessons", lesson.pk),
            ("constraints", uuid4()),
            ("lessons", uuid4()),
        )
    ]

    assert found == [404] * 8
    assert client.post(f"/programmes/{other.pk}/constraints/{constraint.pk}/withdraw/").status_code == 403


def test_all_lessons_are_narrowed_by_delivery_model(client, programme, manager):
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    partnered = make_programme(portfolio=portfolio, delivery_model=DeliveryModel.BUSINESS_PARTNER)
    learn(partnered, cio, "Open the books")
    learn(make_programme(portfolio=portfolio), cio, "Ask the night shift")
    learn(programme, manager, "Not for this person")
    client.force_login(cio)

    everything = client.get("/lessons/").content.decode()
    narrowed = client.get("/lessons/?delivery_model=business_partner").content.decode()
    nothing = client.get("/lessons/?delivery_model=other").content.decode()
    wrong = client.get("/lessons/?delivery_model=magic")

    assert [w in everything for w in ("Open the books", "Ask the night shift", "Not for this")] == [True, True, False]
    assert ["Open the books" in narrowed, "Ask the night shift" in narrowed] == [True, False]
    assert "No such lessons" in nothing
    assert (wrong.status_code, "Choose one of the options" in wrong.content.decode()) == (200, True)


def test_a_programme_is_read_and_changed_through_the_api(client, programme, owner, manager):
    address = f"/api/programmes/{programme.pk}/"
    before = {
        "id": str(programme.pk),
        "name": "Mobile officer",
        "summary": "",
        "delivery_model": "taskforce",
        "owner": str(owner.pk),
        "owner_name": "Helen Marsh",
        "set_up_at": "2026-09-16T10:00:00+01:00",
        "ended_on": None,
        "end_reason": "",
        "version": 1,
    }
    assert client.get(address).json() == before

    def patch(**body):
        return client.patch(address, body, content_type="application/json")

    changed = patch(version=1, summary="Words")
    stale = patch(version=1, name="Mine")
    undecided = patch(version=2, delivery_model="other")
    unknown = patch(version=2, owner=str(uuid4()))

    assert (changed.status_code, changed.json()) == (200, before | {"summary": "Words", "version": 2})
    assert (stale.status_code, stale.json()["detail"].startswith("Priya Nair changed the summary")) == (409, True)
    assert undecided.status_code == 400
    assert "Only a decision changes how a programme is delivered" in str(undecided.json())
    assert (unknown.status_code, unknown.json()["field"]) == (409, "owner")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "x"},
        {"version": 0},
        {"version": 10**12},
        {"version": 1, "name": "two\nlines"},
        {"version": 1, "name": ""},
        {"version": 1, "name": "x" * 201},
        {"version": 1, "name": "a\u0000b"},
        {"version": 1, "owner": None},
        {"version": 1, "owner": "x"},
        {"version": 1, "delivery_model": "magic"},
        {"version": 1, "summary": ["x"]},
        ["version"],
    ],
)
def test_bad_input_to_the_api_is_invalid(client, programme, manager, body):
    response = client.patch(f"/api/programmes/{programme.pk}/", body, content_type="application/json")

    assert response.status_code == 400
    assert AuditEvent.objects.count() == 0


def test_constraints_and_lessons_through_the_api(client, programme, manager):
    base = f"/api/programmes/{programme.pk}"

    def post(path, **body):
        return client.post(f"{base}/{path}", body, content_type="application/json")

    constraint = post("constraints/", text="No privatisation")
    lesson = post("lessons/", title="Ask", text="They know.", learned_on="2026-03-01")

    assert (constraint.status_code, lesson.status_code) == (201, 201)
    assert client.get(f"{base}/constraints/").json()["results"] == [constraint.json()]
    assert client.get(f"{base}/lessons/").json()["results"] == [lesson.json()]
    assert client.get("/api/lessons/?delivery_model=taskforce").json()["results"] == [lesson.json()]
    assert client.get("/api/lessons/?delivery_model=other").json()["results"] == []
    assert client.get("/api/lessons/?delivery_model=magic").status_code == 400
    assert lesson.json() == {
        "id": lesson.json()["id"],
        "programme": str(programme.pk),
        "title": "Ask",
        "text": "They know.",
        "learned_on": "2026-03-01",
        "recorded_at": lesson.json()["recorded_at"],
        "recorded_by": "Priya Nair",
        "withdrawn_at": None,
    }
    assert post("constraints/", text="No privatisation").status_code == 409
    assert post("lessons/", title="B", text="C", learned_on="2027-01-01").status_code == 409
    assert post("lessons/", title="B", text="C", learned_on="yesterday").status_code == 400
    withdrawn = post(f"constraints/{constraint.json()['id']}/withdraw/")
    assert (withdrawn.status_code, bool(withdrawn.json()["withdrawn_at"])) == (200, True)
    assert post(f"constraints/{constraint.json()['id']}/withdraw/").status_code == 409
    assert post(f"lessons/{lesson.json()['id']}/withdraw/").status_code == 200
    assert client.get(f"{base}/lessons/").json()["results"] == []


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/programmes/{pk}/change/", 6),
        ("/programmes/{pk}/constraints/", 6),
        ("/programmes/{pk}/lessons/", 7),
        ("/lessons/", 6),
        ("/api/programmes/{pk}/", 4),
        ("/api/programmes/{pk}/constraints/", 6),
        ("/api/programmes/{pk}/lessons/", 6),
        ("/api/lessons/", 5),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, programme, manager, page, queries, count):
    for n in range(count):
        constrain(programme, manager, f"Constraint {n}")
        learn(programme, manager, f"Lesson {n}")
    withdraw_constraint(programme_id=programme.pk, constraint_id=constrain(programme, manager).pk, by=manager, now=NOW)

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=programme.pk))

    assert response.status_code == 200
