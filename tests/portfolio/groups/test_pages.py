"""Pages of portfolios and of setting up a programme, and the same acts through the API."""

from datetime import date
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.enums import Role
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import change_portfolio
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.register.operations import record_constraint, record_lesson
from programmes.scheduling.models import Stage
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    pass_gates,
)

pytestmark = pytest.mark.django_db
AS_JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("Northshire")


@pytest.fixture
def cio(client, portfolio):
    cio = make_cio(portfolio, "Grace Obi")
    client.force_login(cio)
    return cio


def set_up_form(**more):
    people = {key: make_person().email for key in ("owner", "manager") if key not in more}
    return {"name": "Mobile officer", "summary": "", "delivery_model": "taskforce"} | people | more


def test_an_administrator_creates_a_portfolio(client):
    client.force_login(make_administrator())
    assert client.get("/portfolios/new/").status_code == 200

    created = client.post("/portfolios/new/", {"name": "Northshire", "description": "Four"})
    repeated = client.post("/portfolios/new/", {"name": "Northshire", "description": "Four"})
    invalid = client.post("/portfolios/new/", {"name": "two\nlines"})

    portfolio = Portfolio.objects.get()
    assert (created.status_code, created.headers["Location"]) == (302, f"/portfolios/{portfolio.pk}/")
    assert (repeated.status_code, "There is a portfolio called Northshire already" in repeated.content.decode()) == (
        409,
        True,
    )
    assert (invalid.status_code, "Write this on one line" in invalid.content.decode()) == (200, True)


def test_others_may_not(client, portfolio, cio):
    address, api = f"/portfolios/{portfolio.pk}", f"/api/portfolios/{portfolio.pk}"
    assert client.get("/portfolios/new/").status_code == 403
    assert client.post("/api/portfolios/", {"name": "Mine"}, **AS_JSON).status_code == 403

    client.force_login(give_role(make_person(), Role.READER, portfolio.scope))
    statuses = [
        client.get(f"{address}/change/").status_code,
        client.post(f"{address}/change/", {"name": "Mine", "version": 1}).status_code,
        client.get(f"{address}/programmes/new/").status_code,
        client.post(f"{address}/programmes/new/", set_up_form()).status_code,
        client.patch(f"{api}/", {"version": 1, "name": "Mine"}, **AS_JSON).status_code,
        client.post(
            f"{api}/programmes/",
            {"name": "A", "delivery_model": "other", "owner": uuid4(), "manager": uuid4()},
            **AS_JSON,
        ).status_code,
    ]
    assert statuses == [403] * len(statuses)
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("who", [lambda portfolio: make_cio(make_portfolio()), lambda portfolio: make_person()])
def test_a_stranger_finds_no_such_portfolio(client, portfolio, who):
    client.force_login(who(portfolio))
    address, api = f"/portfolios/{portfolio.pk}", f"/api/portfolios/{portfolio.pk}"

    statuses = [
        client.get(f"{address}/change/").status_code,
        client.get(f"{address}/programmes/new/").status_code,
        client.post(f"{address}/programmes/new/", set_up_form()).status_code,
        client.get(f"{api}/").status_code,
        client.patch(f"{api}/", {"version": 1}, **AS_JSON).status_code,
        client.post(f"{api}/programmes/", {}, **AS_JSON).status_code,
    ]

    assert statuses == [404] * len(statuses)


def test_a_role_on_a_programme_shows_that_programme_and_not_its_portfolio(client, portfolio):
    programme = make_programme("Mine", portfolio=portfolio)
    make_programme("Not mine", portfolio=portfolio)
    client.force_login(make_manager(programme))

    assert client.get(f"/api/portfolios/{portfolio.pk}/").status_code == 404
    assert client.get("/api/portfolios/").json()["results"] == []
    assert [row["name"] for row in client.get("/api/programmes/").json()["results"]] == ["Mine"]


def test_change_page_saves_and_tells_of_another_change(client, portfolio, cio):
    address = f"/portfolios/{portfolio.pk}/change/"
    assert 'value="Northshire"' in client.get(address).content.decode()
    assert client.post(address, {"name": "Northshire", "description": "A", "version": 1}).status_code == 302
    change_portfolio(
        portfolio_id=portfolio.pk,
        version=2,
        name="Renamed",
        description="A",
        organisation="",
        record_until=None,
        by=make_cio(portfolio, "Tom Hale"),
        now=NOW,
    )

    mine = {"name": "Northshire", "description": "My words", "version": 2}
    response = client.post(address, mine)

    shown = response.content.decode()
    assert response.status_code == 409
    assert "Tom Hale changed the name of this portfolio" in shown
    assert all(words in shown for words in ("My words", "Renamed", 'name="version" value="3"'))
    assert client.post(address, mine | {"version": 3}).status_code == 302
    assert "This page is out of date" in client.post(address, {"name": "A"}).content.decode()


def test_a_portfolio_is_made_a_record_of_another_organisation(client, portfolio, cio):
    address = f"/portfolios/{portfolio.pk}/change/"
    day = {"record_until_day": "31", "record_until_month": "3", "record_until_year": "2013"}
    form = {"name": "Northshire", "description": "", "organisation": "Another force", "version": 1} | day

    assert client.post(address, form).status_code == 302

    shown = client.get(address).content.decode()
    assert all(words in shown for words in ('value="Another force"', 'value="2013"'))
    found = client.get(f"/api/portfolios/{portfolio.pk}/").json()
    assert (found["organisation"], found["record_until"], found["version"]) == ("Another force", "2013-03-31", 2)
    api = f"/api/portfolios/{portfolio.pk}/"
    emptied = client.patch(api, {"version": 2, "organisation": "", "record_until": None}, **AS_JSON).json()
    assert (emptied["organisation"], emptied["record_until"]) == ("", None)
    assert client.patch(api, {"version": 3, "record_until": "soon"}, **AS_JSON).status_code == 400
    stale = client.post(address, form | {"version": 1}).content.decode()
    assert all(words in stale for words in ("Sunday 31 March 2013", "Not given"))


def test_a_programme_is_set_up_once(client, portfolio, cio):
    address, form = f"/portfolios/{portfolio.pk}/programmes/new/", set_up_form()

    created, repeated = client.post(address, form), client.post(address, form)

    programme = Programme.objects.get()
    assert (created.status_code, created.headers["Location"]) == (302, f"/programmes/{programme.pk}/")
    assert repeated.status_code == 409
    assert "This portfolio already has a programme called Mobile officer" in repeated.content.decode()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": "two\nlines"}, "Write this on one line, without tabs or other control characters"),
        ({"name": ""}, "Enter name"),
        ({"name": "x" * 201}, "Name must be 200 characters or fewer"),
        ({"summary": "x" * 2001}, "Summary must be 2,000 characters or fewer"),
        ({"delivery_model": ""}, "Select delivery model"),
        ({"manager": "nobody@example.org"}, "Nobody with an account has this address"),
        ({"manager": ""}, "Enter programme manager"),
    ],
)
def test_set_up_page_says_what_to_mend_and_keeps_what_was_typed(client, portfolio, cio, more, sentence):
    form = set_up_form(**({"summary": "Typed words"} | more))

    response = client.post(f"/portfolios/{portfolio.pk}/programmes/new/", form)

    shown = response.content.decode()
    assert (response.status_code, sentence in shown, form["summary"] in shown) == (200, True, True)
    assert not Programme.objects.exists()


def test_set_up_page_shows_visible_lessons_and_constraints_by_delivery_model(client, portfolio, cio):
    address = f"/portfolios/{portfolio.pk}/programmes/new/"
    earlier = make_programme(portfolio=portfolio, delivery_model=DeliveryModel.BUSINESS_PARTNER)
    hidden = make_programme()
    assert (
        "No programme that you may see has recorded a lesson, a constraint or a position yet"
        in client.get(address).content.decode()
    )
    for programme, by, words in (
        (earlier, cio, "Open the books"),
        (hidden, make_manager(hidden), "Not for this person"),
    ):
        record_lesson(programme_id=programme.pk, title=words, text="x", learned_on=date(2026, 3, 2), by=by, now=NOW)
        record_constraint(programme_id=programme.pk, text=f"{words}, always", by=by, now=NOW)

    shown = client.get(address).content.decode()

    assert "What is known from programmes delivered the same way" in shown
    assert [words in shown for words in ("Open the books", "Open the books, always", "Not for this person")] == [
        True,
        True,
        False,
    ]


def test_portfolios_through_the_api(client):
    client.force_login(make_administrator("Ada Lane"))

    created = client.post("/api/portfolios/", {"name": "Northshire"}, **AS_JSON)
    address = f"/api/portfolios/{created.json()['id']}/"
    changed = client.patch(address, {"version": 1, "description": "Four"}, **AS_JSON)
    stale = client.patch(address, {"version": 1, "name": "Mine"}, **AS_JSON)

    said = {"name": "Northshire", "description": "", "organisation": "", "record_until": None, "version": 1}
    row = {"id": created.json()["id"]} | said
    assert (created.status_code, created.json()) == (201, row)
    assert (changed.status_code, changed.json()) == (200, row | {"description": "Four", "version": 2})
    assert (stale.status_code, stale.json()["detail"].startswith("Ada Lane changed the description")) == (409, True)
    assert client.get(address).json() == changed.json()
    assert client.get("/api/portfolios/").json()["results"] == [changed.json()]
    assert client.post("/api/portfolios/", {"name": "northshire"}, **AS_JSON).status_code == 409
    for body in ({}, {"name": "two\nlines"}, {"name": ""}, {"name": "x" * 201}, {"name": "A", "description": None}):
        assert client.post("/api/portfolios/", body, **AS_JSON).status_code == 400


def test_a_programme_is_set_up_and_listed_through_the_api(client, portfolio, cio):
    owner, manager = make_person("Helen Marsh"), make_person()
    body = {"name": "Mobile officer", "delivery_model": "taskforce", "owner": owner.pk, "manager": manager.pk}
    address = f"/api/portfolios/{portfolio.pk}/programmes/"

    created, repeated = client.post(address, body, **AS_JSON), client.post(address, body, **AS_JSON)

    row = {
        "id": str(Programme.objects.get().pk),
        "name": "Mobile officer",
        "summary": "",
        "delivery_model": "taskforce",
        "stage": "technology",
        "portfolio": str(portfolio.pk),
        "portfolio_name": "Northshire",
        "owner": str(owner.pk),
        "owner_name": "Helen Marsh",
        "ended_on": None,
        "version": 1,
    }
    assert (created.status_code, created.json()) == (201, row)
    assert repeated.status_code == 409
    assert client.get("/api/programmes/").json() == {"count": 1, "next": None, "previous": None, "results": [row]}
    assert client.post(address, body | {"name": "B", "owner": str(uuid4())}, **AS_JSON).json()["field"] == "owner"
    for more in ({"owner": "x"}, {"owner": None}, {"delivery_model": "magic"}, {"name": "two\nlines"}, {"name": None}):
        assert client.post(address, body | more, **AS_JSON).status_code == 400


def test_the_list_of_programmes_is_narrowed_by_allowed_filters(client, portfolio, cio):
    day = date(2026, 3, 2)
    first = make_programme("Mobile officer", portfolio=portfolio, delivery_model=DeliveryModel.OTHER)
    second = make_programme("One record", portfolio=portfolio)
    pass_gates(first)
    pass_gates(second)
    Stage.objects.filter(programme=first, position=1).update(started_on=day, finished_on=day)
    for position in (1, 2, 3):
        Stage.objects.filter(programme=second, position=position).update(started_on=day, finished_on=day)

    def names(query):
        return [row["name"] for row in client.get(f"/api/programmes/?{query}").json()["results"]]

    assert names("") == ["Mobile officer", "One record"]
    assert names("stage=information") == ["Mobile officer"]
    assert names("stage=finished") == ["One record"]
    assert names("stage=technology") == []
    assert names("delivery_model=taskforce") == ["One record"]
    assert names("q=RECORD") == ["One record"]
    assert names("q=%25") == []
    assert names(f"portfolio={portfolio.pk}&q=mobile&delivery_model=other&stage=information") == ["Mobile officer"]
    assert names(f"portfolio={uuid4()}") == []
    assert names("page_size=1&page=2") == ["One record"]
    for wrong in ("stage=magic", "delivery_model=magic", "portfolio=x", f"q={'x' * 101}", "q=%00"):
        assert client.get(f"/api/programmes/?{wrong}").status_code == 400
    assert client.get("/api/programmes/?page=3").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/portfolios/{pk}/change/", 6),
        ("/portfolios/{pk}/programmes/new/", 13),
        ("/api/portfolios/", 5),
        ("/api/portfolios/{pk}/", 4),
        ("/api/programmes/", 5),
        ("/api/programmes/?stage=technology&q=program&delivery_model=taskforce", 6),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, cio, page, queries, count):
    for n in range(count):
        programme = make_programme(portfolio=portfolio, owner=make_person())
        give_role(cio, Role.CIO, make_portfolio().scope)
        record_lesson(
            programme_id=programme.pk, title=f"Lesson {n}", text="x", learned_on=date(2026, 3, 2), by=cio, now=NOW
        )
        record_constraint(programme_id=programme.pk, text="No", by=cio, now=NOW)

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=portfolio.pk))

    assert response.status_code == 200
