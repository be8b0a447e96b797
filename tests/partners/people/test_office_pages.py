"""Offices on pages and through the API."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.clock.operations import set_clock
from partners.people.models import Office, OfficeHolding
from partners.people.queries import organisation
from tests.builders import (
    NOW,
    make_cio,
    make_holding,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
)

pytestmark = pytest.mark.django_db
AS_JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("Northshire transformation")


@pytest.fixture
def cio(client, portfolio):
    cio = make_cio(portfolio, "Helen Osei")
    client.force_login(cio)
    return cio


@pytest.fixture
def office(portfolio):
    return make_office(scope=portfolio.scope, established_on=date(2010, 4, 1))


@pytest.fixture
def reader(client, portfolio):
    reader = make_reader(make_programme(portfolio=portfolio))
    client.force_login(reader)
    return reader


def text_of(response):
    return " ".join(response.content.decode().split())


def boxes(name, day=None):
    found = (day.day, day.month, day.year) if day else ("", "", "")
    return {f"{name}_{box}": str(value) for box, value in zip(("day", "month", "year"), found, strict=True)}


OFFICE = {"title": "Chief Constable", "body": "Northshire Police", "clerk": "", "source": "", "successor": ""}
OFFICE |= boxes("established_on") | boxes("abolished_on")
HOLDER = {"holder_name": "Ola Brand", "user": "", "kind": "substantive", "source": ""}
HOLDER |= boxes("from_on", date(2026, 5, 1)) | boxes("to_on")


def test_the_list_names_holders_of_the_day_and_vacancies(client, cio, office):
    make_holding(office, "Ann Other", from_on=date(2026, 1, 1), to_on=date(2026, 8, 31))
    make_office("Mayor", scope=organisation())

    today = text_of(client.get("/offices/"))
    then = text_of(client.get("/offices/?on=2026-08-31"))
    before = text_of(client.get("/offices/?on=2009-01-01"))

    assert ("Ann Other" in today, today.count("Vacant"), "for Wednesday 16 September 2026" in today) == (False, 2, True)
    assert ("Ann Other" in then, then.count("Vacant"), f"/offices/{office.pk}/?on=2026-08-31" in then) == (
        True,
        1,
        True,
    )
    assert "No such office" in before
    mine = text_of(client.get(f"/offices/?scope={office.scope_id}"))
    assert ("Chief Constable" in mine, "Mayor</a>" in mine) == (True, False)


def test_an_empty_list_says_what_to_do(client, portfolio, cio):
    shown = text_of(client.get("/offices/"))

    assert "No offices yet" in shown
    assert "Add an office of Northshire transformation" in shown
    client.force_login(make_person())
    assert "Ask the administrator or the chief information officer" in text_of(client.get("/offices/"))


def test_the_page_says_who_held_the_office_on_any_day(client, cio, office):
    make_holding(office, "Ann Other", from_on=date(2026, 1, 1), to_on=date(2026, 8, 31))
    page = f"/offices/{office.pk}/"

    assert (
        "Chief Constable is vacant on Wednesday 16 September 2026: nobody is on record as its holder. No decision"
        in text_of(client.get(page))
    )
    assert "Ann Other</b> held the office" in text_of(client.get(f"{page}?on=2026-08-31"))
    assert "Ann Other</b> held the office" in text_of(client.get(page, boxes("on", date(2026, 8, 31))))
    assert "was established on Thursday 1 April 2010" in text_of(client.get(f"{page}?on=2010-03-31"))
    assert "Day must be a real date" in text_of(client.get(f"{page}?on_day=31&on_month=2&on_year=2026"))
    life = text_of(client.get(page)).split("Holders")[1]
    assert life.count("Vacant") == 4  # heading and tag of the time before, and of the time since


def test_a_reader_sees_offices_and_no_buttons_and_may_change_nothing(client, reader, office):
    holding = make_holding(office)

    shown = text_of(client.get(f"/offices/{office.pk}/")) + text_of(client.get("/offices/"))
    assert not any(words in shown for words in ("Record a holder", "Change the office", "Add an office", "Correct<"))
    addresses = [
        reverse("office_change", args=[office.pk]),
        reverse("office_holding_new", args=[office.pk]),
        reverse("office_holding_end", args=[holding.pk]),
        reverse("office_holding_correct", args=[holding.pk]),
    ]
    statuses = [client.get(address).status_code for address in addresses]
    statuses += [client.post(address, OFFICE | HOLDER).status_code for address in addresses]
    statuses += [
        client.patch(f"/api/offices/{office.pk}/", {"version": 1, "title": "x"}, **AS_JSON).status_code,
        client.post(f"/api/offices/{office.pk}/holders/", {"holder_name": "x"}, **AS_JSON).status_code,
        client.post(f"/api/offices/holders/{holding.pk}/end/", {"to_on": "2026-05-01"}, **AS_JSON).status_code,
        client.patch(f"/api/offices/holders/{holding.pk}/", {"version": 1, "source": "x"}, **AS_JSON).status_code,
    ]
    assert statuses == [403] * 12


def test_a_stranger_finds_no_such_office(client, office):
    holding = make_holding(office)
    client.force_login(make_cio(make_portfolio()))

    for pk, held in ((office.pk, holding.pk), (uuid4(), uuid4())):
        statuses = [
            client.get(f"/offices/{pk}/").status_code,
            client.get(f"/offices/{pk}/change/").status_code,
            client.get(f"/offices/{pk}/holders/new/").status_code,
            client.post(f"/offices/holders/{held}/end/", boxes("to_on", date(2026, 5, 1))).status_code,
            client.get(f"/offices/holders/{held}/correct/").status_code,
            client.get(f"/api/offices/{pk}/").status_code,
            client.get(f"/api/offices/{pk}/holders/").status_code,
            client.post(f"/api/offices/holders/{held}/end/", {"to_on": "2026-05-01"}, **AS_JSON).status_code,
            client.patch(f"/api/offices/holders/{held}/", {"version": 1}, **AS_JSON).status_code,
        ]
        assert statuses == [404] * 9
    assert client.get(f"/offices/new/{office.scope_id}/").status_code == 404
    assert str(office.pk) not in client.get("/offices/").content.decode()


def test_an_office_is_added_changed_and_held(client, cio, portfolio):
    clerk = make_person("Sam Carter")
    added = client.post(f"/offices/new/{portfolio.scope_id}/", OFFICE | {"clerk": clerk.email})
    office = Office.objects.get()
    page = f"/offices/{office.pk}/"

    assert (added.status_code, added.headers["Location"], office.clerk) == (302, page, clerk)
    again = client.post(f"/offices/new/{portfolio.scope_id}/", OFFICE)
    assert (again.status_code, "here already" in text_of(again)) == (409, True)
    form = client.get(f"{page}change/").content.decode()
    assert f'value="{clerk.email}"' in form
    changed = client.post(f"{page}change/", OFFICE | {"version": "1", "source": "The Act", "clerk": clerk.email})
    assert changed.status_code == 302
    late = client.post(f"{page}change/", OFFICE | {"version": "1", "title": "Chief"})
    assert (late.status_code, "Helen Osei changed the source" in text_of(late)) == (409, True)
    assert 'name="version" value="2"' in late.content.decode()
    held = client.post(f"{page}holders/new/", HOLDER | {"user": cio.email})
    holding = OfficeHolding.objects.get()
    assert (held.status_code, holding.user, holding.from_on) == (302, cio, date(2026, 5, 1))
    repeated = client.post(f"{page}holders/new/", HOLDER)
    assert (repeated.status_code, "Ola Brand holds this office" in text_of(repeated)) == (409, True)
    fixed = client.post(f"/offices/holders/{holding.pk}/correct/", HOLDER | {"version": "1", "kind": "acting"})
    assert fixed.status_code == 302
    late = client.post(f"/offices/holders/{holding.pk}/correct/", HOLDER | {"version": "1", "holder_name": "Ann"})
    assert (late.status_code, 'name="version" value="2"' in late.content.decode()) == (409, True)
    ended = client.post(f"/offices/holders/{holding.pk}/end/", boxes("to_on", date(2026, 6, 1)))
    assert ended.status_code == 302
    assert client.post(f"/offices/holders/{holding.pk}/end/", boxes("to_on", date(2026, 7, 1))).status_code == 409
    assert "(acting)" in text_of(client.get("/offices/?on=2026-05-01"))
    told = text_of(client.get(page))
    assert "Helen Osei recorded that Ola Brand holds the office Chief Constable to Monday 1 June 2026" in told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"title": ""}, "Enter title"),
        ({"title": "a\u2028b"}, "Write this on one line"),
        ({"successor": "x"}, "Choose one of the options for successor"),
        ({"clerk": "nobody@example.org"}, "Nobody with an account has this address or name"),
        (
            {"established_on_day": "31", "established_on_month": "2", "established_on_year": "2026"},
            "must be a real date",
        ),
    ],
)
def test_the_form_says_what_to_mend(client, cio, portfolio, more, sentence):
    response = client.post(f"/offices/new/{portfolio.scope_id}/", OFFICE | more)

    assert (response.status_code, Office.objects.count()) == (200, 0)
    assert sentence in text_of(response)


def test_offices_through_the_api(client, cio, portfolio):
    added = client.post(
        "/api/offices/", {"scope": portfolio.scope_id, "title": "Chief Constable", "body": "Police"}, **AS_JSON
    )
    pk = added.json()["id"]
    assert added.status_code == 201
    assert added.json() == {
        "id": pk,
        "scope": str(portfolio.scope_id),
        "scope_name": "Northshire transformation",
        "title": "Chief Constable",
        "body": "Police",
        "established_on": None,
        "abolished_on": None,
        "successor": None,
        "clerk": None,
        "source": "",
        "holder": None,
        "version": 1,
    }
    held = client.post(f"/api/offices/{pk}/holders/", {"holder_name": "Ola Brand", "from_on": "2026-05-01"}, **AS_JSON)
    holding = held.json()
    assert (held.status_code, holding["kind"], holding["from_on"], holding["version"]) == (
        201,
        "substantive",
        "2026-05-01",
        1,
    )
    assert client.get(f"/api/offices/{pk}/").json()["holder"] == holding
    assert client.get(f"/api/offices/{pk}/?on=2026-04-30").json()["holder"] is None
    clash = client.post(f"/api/offices/{pk}/holders/", {"holder_name": "Ann", "to_on": "2026-05-01"}, **AS_JSON)
    assert (clash.status_code, clash.json()["field"]) == (409, "from_on")
    corrected = client.patch(f"/api/offices/holders/{holding['id']}/", {"version": 1, "kind": "acting"}, **AS_JSON)
    assert corrected.json() == holding | {"kind": "acting", "version": 2}
    assert (
        client.patch(
            f"/api/offices/holders/{holding['id']}/", {"version": 1, "kind": "substantive"}, **AS_JSON
        ).status_code
        == 409
    )
    ended = client.post(f"/api/offices/holders/{holding['id']}/end/", {"to_on": "2026-06-01"}, **AS_JSON)
    assert ended.json()["to_on"] == "2026-06-01"
    assert [row["id"] for row in client.get(f"/api/offices/{pk}/holders/").json()["results"]] == [holding["id"]]
    changed = client.patch(f"/api/offices/{pk}/", {"version": 1, "abolished_on": "2026-06-30"}, **AS_JSON)
    assert (changed.status_code, changed.json()["abolished_on"], changed.json()["version"]) == (200, "2026-06-30", 2)
    late = client.patch(f"/api/offices/{pk}/", {"version": 1, "title": "Chief"}, **AS_JSON)
    assert (late.status_code, "Helen Osei changed the last day" in late.json()["detail"]) == (409, True)
    listed = client.get(f"/api/offices/?scope={portfolio.scope_id}&on=2026-06-01").json()["results"]
    assert [row["holder"]["holder_name"] for row in listed] == ["Ola Brand"]
    assert client.get(f"/api/offices/?scope={uuid4()}").json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"scope": None},
        {"scope": str(uuid4())},
        {"title": "a\nb"},
        {"title": "x" * 201},
        {"established_on": "June"},
        {"clerk": "Sam"},
    ],
)
def test_bad_offices_through_the_api_are_invalid(client, cio, portfolio, body):
    whole = {"scope": portfolio.scope_id, "title": "Chief Constable", "body": "Police"}

    assert client.post("/api/offices/", whole | body, **AS_JSON).status_code == 400
    assert Office.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"holder_name": ""},
        {"holder_name": "a\nb"},
        {"holder_name": "x", "kind": "king"},
        {"holder_name": "x", "from_on": "May"},
        {"holder_name": "x", "person": "Ola"},
    ],
)
def test_bad_holders_through_the_api_are_invalid(client, cio, office, body):
    assert client.post(f"/api/offices/{office.pk}/holders/", body, **AS_JSON).status_code == 400


def test_bad_days_in_the_address_of_the_api_are_invalid(client, cio, office):
    assert client.get("/api/offices/?on=June").status_code == 400
    assert client.get(f"/api/offices/{office.pk}/?on=2026-02-30").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [("/offices/", 12), ("/api/offices/", 7)])
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, cio, portfolio, page, queries, count):
    for n in range(count):
        make_holding(make_office(f"Office {n}", scope=portfolio.scope, clerk=make_person()), user=make_person())

    with django_assert_num_queries(queries):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_an_office_do_not_grow_with_its_holders(client, django_assert_num_queries, cio, office, count):
    for n in range(count):
        make_holding(office, user=make_person(), from_on=date(2020 + n, 1, 1), to_on=date(2020 + n, 6, 1))

    with django_assert_num_queries(10):
        assert client.get(f"/offices/{office.pk}/").status_code == 200
