import json
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from partners.calendar.models import Closure
from partners.clock.operations import set_clock
from programmes.scheduling.operations import add_closure
from tests.builders import NOW, make_administrator, make_manager, make_person, make_programme, make_reader

pytestmark = pytest.mark.django_db

DAYS = {
    "name": "Closed after Christmas",
    "first_on_day": "29",
    "first_on_month": "12",
    "first_on_year": "2026",
    "last_on_day": "31",
    "last_on_month": "12",
    "last_on_year": "2026",
}


@pytest.fixture
def alex():
    return make_administrator("Alex Morgan")


@pytest.fixture
def admin(client, alex):
    client.force_login(alex)
    return client


@pytest.fixture
def closure(alex):
    return add_closure(
        name="Closed after Christmas", first_on=date(2026, 12, 29), last_on=date(2026, 12, 31), by=alex, now=NOW
    )


def text_of(response):
    return " ".join(response.content.decode().split())


def post(client, page, /, *args, **fields):
    return client.post(reverse(page, args=args), fields)


@pytest.mark.parametrize("who", ["anonymous", "staff", "reader", "manager", "administrator"])
def test_who_may_keep_closures(closure, who):
    programme, client = make_programme(), Client()
    people = {
        "staff": make_person(),
        "reader": make_reader(programme),
        "manager": make_manager(programme),
        "administrator": make_administrator(),
    }
    if person := people.get(who):
        client.force_login(person)
    expected = {"anonymous": 302, "administrator": 200}.get(who, 403)

    pages = [("closures", []), ("closure_new", []), ("closure_change", [closure.pk]), ("closure_remove", [closure.pk])]
    assert [client.get(reverse(name, args=args)).status_code for name, args in pages] == [expected] * 4
    if who != "administrator":
        assert post(client, "closure_remove", closure.pk).status_code in (302, 403)
        assert Closure.objects.exists()


def test_the_page_says_which_bank_holidays_are_known_until_when(admin):
    set_clock(to=NOW)

    page = text_of(admin.get(reverse("closures")))

    assert "No closures" in page
    assert "Known from Saturday 1 January 2011 to Tuesday 26 December 2028" in page
    assert "Friday 25 December 2026" in page
    assert "Monday 31 August 2026" not in page


def test_add_change_and_remove_a_closure(admin):
    assert post(admin, "closure_new", **DAYS).status_code == 302
    closure = Closure.objects.get()
    assert "Tuesday 29 to Thursday 31 December 2026" in text_of(admin.get(reverse("closures")))

    assert post(admin, "closure_change", closure.pk, **DAYS | {"name": "Shut", "version": "1"}).status_code == 302
    closure.refresh_from_db()
    assert (closure.name, closure.version) == ("Shut", 2)

    assert "will be working days again" in text_of(admin.get(reverse("closure_remove", args=[closure.pk])))
    assert post(admin, "closure_remove", closure.pk).status_code == 302
    assert not Closure.objects.exists()
    assert post(admin, "closure_remove", closure.pk).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"name": ""}, 200, "Enter name"),
        ({"name": "A\nB"}, 200, "Write this on one line"),
        ({"name": "A" * 101}, 200, "Name must be 100 characters or fewer"),
        ({"first_on_day": ""}, 200, "First day closed must include a day"),
        ({"last_on_day": "31", "last_on_month": "2"}, 200, "Last day closed must be a real date"),
        ({"last_on_day": "28"}, 409, "The last day is before the first"),
        ({"first_on_year": "2035", "last_on_year": "2035"}, 409, "Bank holidays are known until"),
    ],
)
def test_days_that_make_no_sense_are_told_what_to_mend(admin, change, status, sentence):
    response = post(admin, "closure_new", **DAYS | change)

    assert (response.status_code, sentence in text_of(response)) == (status, True)
    assert not Closure.objects.exists()


def test_the_same_days_again_are_told_of_the_first(admin, closure):
    response = post(admin, "closure_new", **DAYS | {"name": "Again"})

    assert (response.status_code, "These days overlap Closed after Christmas" in text_of(response)) == (409, True)


def test_two_people_change_a_closure_at_once_and_the_second_loses_nothing(admin, closure):
    other = Client()
    other.force_login(make_administrator("Bo Lind"))
    post(other, "closure_change", closure.pk, **DAYS | {"name": "First", "version": "1"})

    second = post(admin, "closure_change", closure.pk, **DAYS | {"name": "Second", "version": "1"})

    page = text_of(second)
    assert second.status_code == 409
    for words in ("Bo Lind changed the name of the closure First", 'value="Second"', 'name="version" value="2"'):
        assert words in page


def test_a_list_costs_the_same_at_one_and_at_three(admin, alex, closure, django_assert_num_queries):
    def add(year):
        add_closure(name="Closed", first_on=date(year, 5, 4), last_on=date(year, 5, 5), by=alex, now=NOW)

    with django_assert_num_queries(8):
        admin.get(reverse("closures"))
    add(2026)
    add(2027)
    with django_assert_num_queries(8):
        admin.get(reverse("closures"))


# The API


def call(client, method, page, /, *args, **body):
    content = json.dumps(body) if body else ""
    return client.generic(method, reverse(page, args=args), content, "application/json")


API_DAYS = {"name": "Closed", "first_on": "2026-12-29", "last_on": "2026-12-31"}


def test_the_api_keeps_closures(admin):
    added = call(admin, "POST", "api_closures", **API_DAYS)

    closure = added.json()["id"]
    assert added.status_code == 201
    assert added.json() == {"id": closure, "version": 1, **API_DAYS}
    assert call(admin, "GET", "api_closure", closure).json() == added.json()
    assert call(admin, "GET", "api_closures").json()["results"] == [added.json()]
    overlap = call(admin, "POST", "api_closures", **API_DAYS)
    assert (overlap.status_code, overlap.json()["field"]) == (409, "first_on")
    changed = call(admin, "PATCH", "api_closure", closure, version=1, last_on="2027-01-02")
    assert (changed.json()["last_on"], changed.json()["version"]) == ("2027-01-02", 2)
    assert call(admin, "PATCH", "api_closure", closure, version=1, name="Late").status_code == 409
    assert call(admin, "DELETE", "api_closure", closure).status_code == 204
    assert call(admin, "DELETE", "api_closure", closure).status_code == 404
    assert call(admin, "GET", "api_closure", uuid4()).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "A\nB"}, {"first_on": "x"}, {"first_on": "2026-02-30"}, {"last_on": None}],
)
def test_the_api_answers_400_to_days_that_make_no_sense(admin, change):
    assert call(admin, "POST", "api_closures", **API_DAYS | change).status_code == 400
    assert not Closure.objects.exists()


def test_staff_read_closures_and_change_none(closure):
    client = Client()
    assert call(client, "GET", "api_closures").status_code == 401
    client.force_login(make_person())

    assert call(client, "GET", "api_closures").json()["count"] == 1
    assert call(client, "POST", "api_closures", **API_DAYS).status_code == 403
    assert call(client, "PATCH", "api_closure", closure.pk, version=1, name="Mine").status_code == 403
    assert call(client, "DELETE", "api_closure", closure.pk).status_code == 403
    assert Closure.objects.get().name == "Closed after Christmas"
