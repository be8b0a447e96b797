"""What people said of where a programme should go: views, never decisions."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.queries import events_about
from partners.audit.rules import NotPermitted, Refused
from partners.clock.operations import set_clock
from programmes.register.enums import DeliveryModel, PositionKind
from programmes.register.models import Position
from programmes.register.operations import record_position, withdraw_position
from programmes.register.queries import newest_positions_by_model, positions_of, positions_visible_to
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
AS_JSON = {"content_type": "application/json"}
SAID = {
    "kind": "expectation",
    "holder": "Ola Brand, chief constable",
    "text": "A technology transformation first.",
    "stated_on": "2026-03-02",
    "source": "News report, 2 March 2026",
}


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Mobile officer")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


def say(programme, by, **more):
    said: dict[str, Any] = {
        "kind": PositionKind.EXPECTATION,
        "holder": "Ola Brand, chief constable",
        "text": "A technology transformation first.",
        "stated_on": date(2026, 3, 2),
        "source": "News report",
        "request_key": uuid4(),
    }
    return record_position(programme_id=programme.pk, by=by, now=NOW, **(said | more))


def form(**more):
    typed = {key: value for key, value in SAID.items() if key != "stated_on"}
    return (
        typed | {"stated_on_day": "2", "stated_on_month": "3", "stated_on_year": "2026", "request_key": uuid4()} | more
    )


def test_record_position_keeps_what_was_said_and_one_event(programme, manager):
    position = say(programme, manager)

    row = Position.objects.get(pk=position.pk)
    assert (row.kind, row.holder, row.stated_on, row.recorded_at) == (
        "expectation",
        "Ola Brand, chief constable",
        date(2026, 3, 2),
        NOW,
    )
    [event] = events_about(position.pk)
    assert (event.action, event.scope_id) == ("register.record_position", programme.scope_id)
    assert event.summary == "recorded an expectation of Ola Brand, chief constable on Mobile officer"


def test_the_same_request_records_once(programme, manager):
    key = uuid4()

    assert say(programme, manager, request_key=key) == say(programme, manager, request_key=key, text="Other words")
    with pytest.raises(Refused, match="used for another position"):
        say(programme, make_manager(programme), request_key=key)
    other = make_programme()
    with pytest.raises(Refused, match="used for another position"):
        say(other, make_manager(other), request_key=key)
    assert (Position.objects.count(), AuditEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"holder": " "}, "holder"),
        ({"holder": "two\nlines"}, "holder"),
        ({"text": ""}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"source": ""}, "source"),
        ({"stated_on": NOW.date() + timedelta(days=1)}, "stated_on"),
        ({"stated_on": date(206, 3, 2)}, "stated_on"),
    ],
)
def test_a_position_that_cannot_be_is_refused_where_it_is_wrong(programme, manager, said, field):
    with pytest.raises(Refused) as refused:
        say(programme, manager, **said)

    assert (refused.value.field, Position.objects.count()) == (field, 0)


def test_a_position_is_withdrawn_once_and_kept(programme, manager):
    position, kept = say(programme, manager), say(programme, manager, text="Another")

    withdraw_position(programme_id=programme.pk, position_id=position.pk, by=manager, now=NOW)

    assert list(positions_of(programme)) == [kept]
    with pytest.raises(Refused, match="Priya Nair withdrew this position on Wednesday 16 September 2026 already"):
        withdraw_position(programme_id=programme.pk, position_id=position.pk, by=manager, now=NOW)
    assert Position.objects.filter(pk=position.pk, withdrawn_by=manager).exists()


def test_who_may_record_a_position(programme, manager):
    position = say(programme, manager)
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    assert say(make_programme(portfolio=portfolio), cio)

    for by in (make_reader(programme), make_person(), make_administrator(), cio):
        with pytest.raises(NotPermitted):
            say(programme, by)
        with pytest.raises(NotPermitted):
            withdraw_position(programme_id=programme.pk, position_id=position.pk, by=by, now=NOW)


def test_positions_by_model_are_few_newest_first_and_of_what_is_seen(django_assert_num_queries):
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    mine = make_programme(portfolio=portfolio, delivery_model=DeliveryModel.TASKFORCE)
    theirs = make_programme(delivery_model=DeliveryModel.TASKFORCE)
    for day in (1, 3, 2):
        say(mine, cio, text=f"Day {day}", stated_on=date(2026, 3, day))
    say(theirs, make_manager(theirs), stated_on=date(2026, 4, 1))
    positions_visible_to(cio)  # reads the standing

    with django_assert_num_queries(1):
        found = newest_positions_by_model(cio, each=2)

    assert {model: [row.text for row in rows] for model, rows in found.items()} == {"taskforce": ["Day 3", "Day 2"]}


def test_a_position_is_recorded_shown_as_a_view_and_withdrawn_on_pages(client, programme, manager):
    client.force_login(manager)
    page, key = f"/programmes/{programme.pk}/positions/", uuid4()
    assert "Nobody's position is on record" in client.get(page).content.decode().replace("&#39;", "'")

    recorded = client.post(page, form(request_key=key))
    client.post(page, form(request_key=key))

    position = Position.objects.get()
    assert (recorded.status_code, recorded.headers["Location"]) == (302, page)
    for address in (page, f"/programmes/{programme.pk}/"):
        shown = client.get(address).content.decode()
        assert all(
            words in shown
            for words in ("A view, not a decision", "Expectation of Monday 2 March 2026", "News report, 2 March 2026")
        )
    withdraw = f"{page}{position.pk}/withdraw/"
    assert "Withdraw this expectation" in client.get(withdraw).content.decode()
    assert client.post(withdraw).status_code == 302
    assert "A technology transformation first" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("more", "sentence", "status"),
    [
        ({"source": ""}, "Enter source", 200),
        ({"holder": "a\u2028b"}, "Write this on one line", 200),
        ({"kind": "decision"}, "Choose one of the options", 200),
        ({"stated_on_year": "2027"}, "The day must be today or in the past", 409),
        ({"request_key": "x"}, "This page is out of date", 200),
    ],
)
def test_the_form_says_what_to_mend(client, programme, manager, more, sentence, status):
    client.force_login(manager)

    response = client.post(f"/programmes/{programme.pk}/positions/", form(**more))

    assert (response.status_code, sentence in response.content.decode()) == (status, True)
    assert Position.objects.count() == 0


def test_positions_through_the_api(client, programme, manager):
    client.force_login(manager)
    address, body = f"/api/programmes/{programme.pk}/positions/", SAID | {"request_key": str(uuid4())}

    recorded, again = (client.post(address, body, **AS_JSON) for _ in range(2))

    assert (recorded.status_code, recorded.json()) == (201, again.json())
    row = recorded.json()
    assert row == SAID | {
        "id": body["request_key"],
        "programme": str(programme.pk),
        "recorded_at": row["recorded_at"],
        "recorded_by": "Priya Nair",
        "withdrawn_at": None,
    }
    assert client.get(address).json()["results"] == [row]
    future = client.post(address, body | {"request_key": str(uuid4()), "stated_on": "2026-09-17"}, **AS_JSON)
    assert (future.status_code, future.json()["field"]) == (409, "stated_on")
    withdrawn = client.post(f"{address}{row['id']}/withdraw/")
    assert (withdrawn.status_code, withdrawn.json()["withdrawn_at"] is None) == (200, False)
    assert client.post(f"{address}{row['id']}/withdraw/").status_code == 409
    assert client.get(address).json()["results"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "decision"},
        {"source": ""},
        {"holder": "a\nb"},
        {"stated_on": "March"},
        {"text": None},
        {"request_key": "x"},
    ],
)
def test_bad_positions_through_the_api_are_invalid(client, programme, manager, more):
    client.force_login(manager)

    body = SAID | {"request_key": str(uuid4())} | more
    assert client.post(f"/api/programmes/{programme.pk}/positions/", body, **AS_JSON).status_code == 400


def test_positions_are_read_by_readers_and_not_found_by_strangers(client, programme, manager):
    position, other = say(programme, manager), make_programme()
    base, api = f"/programmes/{programme.pk}/positions/", f"/api/programmes/{programme.pk}/positions/"
    acts = [
        lambda: client.post(base, form()),
        lambda: client.post(f"{base}{position.pk}/withdraw/"),
        lambda: client.post(api, SAID | {"request_key": str(uuid4())}, **AS_JSON),
        lambda: client.post(f"{api}{position.pk}/withdraw/"),
    ]

    client.force_login(make_reader(programme))
    assert [client.get(base).status_code, client.get(api).status_code] == [200, 200]
    assert "Withdraw" not in client.get(base).content.decode()
    assert [act().status_code for act in acts] == [403] * 4
    client.force_login(make_manager(other))
    assert [act().status_code for act in acts] == [404] * 4
    assert client.post(f"/programmes/{other.pk}/positions/{position.pk}/withdraw/").status_code == 404
    assert client.post(f"/api/programmes/{other.pk}/positions/{position.pk}/withdraw/").status_code == 404


def test_positions_are_found_by_search_and_where_the_next_programme_is_set_up(client):
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    programme = make_programme("Mobile officer", portfolio=portfolio, delivery_model=DeliveryModel.TASKFORCE)
    say(programme, cio)
    client.force_login(cio)

    found = client.get("/search/?q=technology+Brand").content.decode()
    set_up = client.get(f"/portfolios/{portfolio.pk}/programmes/new/").content.decode()

    assert f"/programmes/{programme.pk}/positions/" in found
    assert "What people said of such programmes: views, not decisions" in set_up
    assert "A technology transformation first." in set_up
    client.force_login(make_manager(make_programme()))
    assert f"/programmes/{programme.pk}/positions/" not in client.get("/search/?q=technology").content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [("/programmes/{}/positions/", 6), ("/api/programmes/{}/positions/", 6)])
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, programme, manager, page, queries, count):
    for _ in range(count):
        say(programme, manager)
    client.force_login(manager)

    with django_assert_num_queries(queries):
        assert client.get(page.format(programme.pk)).status_code == 200
