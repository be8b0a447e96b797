from typing import Any

import pytest
from django.test import Client, RequestFactory

from config import shell
from config.shell import (
    Entry,
    Shell,
    changes_settings,
    everybody,
    has_a_week,
    has_programmes,
    holds_a_role,
    manages_people,
    signed_in,
)
from partners.people.models import User
from tests.builders import make_administrator, make_cio, make_manager, make_person, make_portfolio, make_programme

pytestmark = pytest.mark.django_db


def frame(path: str, person: User | None) -> Shell:
    request = RequestFactory().get(path)
    if person:
        request.user = person
    return Shell(request)


@pytest.fixture
def _some_places(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [
        Entry("Help", "help", everybody),
        Entry("Later", "no_such_page_yet", everybody),
        Entry("Authenticator", "mfa_index", signed_in),
        Entry("Gallery", "gallery", manages_people),
    ]
    monkeypatch.setattr(shell, "NAVIGATION", places)


@pytest.mark.usefixtures("_some_places")
def test_navigation_offers_pages_that_exist_and_that_one_may_use() -> None:
    def labels(person: User | None) -> list[str]:
        return [item.label for item in frame("/", person).navigation]

    assert labels(None) == ["Help"]
    assert labels(make_person()) == ["Help", "Authenticator"]
    assert labels(make_administrator()) == ["Help", "Authenticator", "Gallery"]


@pytest.mark.usefixtures("_some_places")
def test_navigation_marks_where_one_is() -> None:
    def marked(path: str) -> list[tuple[str, bool]]:
        items = frame(path, make_administrator()).navigation
        return [(item.label, item.is_here) for item in items if item.is_current]

    assert marked("/gallery/") == [("Gallery", True)]
    assert marked("/gallery/form/") == [("Gallery", False)]
    assert marked("/privacy/") == []


def test_for_whom_follows_the_roles() -> None:
    portfolio = make_portfolio()
    people = [
        None,
        make_person(),
        make_manager(make_programme(portfolio=portfolio)),
        make_cio(portfolio),
        make_administrator(),
    ]

    def answers(predicate: Any) -> list[bool]:
        return [predicate(person) for person in people]

    assert answers(everybody) == [True] * 5
    assert answers(signed_in) == [False, True, True, True, True]
    assert answers(holds_a_role) == [False, False, True, True, True]
    assert answers(has_programmes) == [False, False, True, False, False]
    assert answers(has_a_week) == [False, False, True, True, True]
    assert answers(manages_people) == [False, False, False, False, True]
    assert answers(changes_settings) == [False, False, False, False, True]


def test_an_owner_has_programmes_without_any_role() -> None:
    owner = make_person()
    assert not has_programmes(owner)

    make_programme(owner=owner)

    assert has_programmes(owner)


def test_lessons_stand_under_programmes_only_where_they_are_those_of_all() -> None:
    person = make_cio(make_portfolio())

    assert [item.label for item in frame("/lessons/", person).navigation if item.is_current] == ["Lessons"]


def test_demo_mode_is_written_on_every_page(client: Client, settings: Any) -> None:
    assert "DEMO" not in client.get("/help/").content.decode()

    settings.IS_DEMO = True

    html = client.get("/help/").content.decode()
    assert html.count("DEMO") == 2
    assert "Northshire is fictional" in html


def test_signing_out_is_a_button_that_posts(client: Client) -> None:
    client.force_login(make_person("Ama <b>Mensah</b>"))

    html = client.get("/help/").content.decode()

    assert 'action="/accounts/logout/" method="post"' in html
    assert "Ama &lt;b&gt;Mensah&lt;/b&gt;" in html


@pytest.mark.usefixtures("_some_places")
def test_a_page_costs_the_same_few_queries_for_everybody(client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(make_administrator())

    with django_assert_num_queries(4):  # session, person, roles, clock
        client.get("/help/")
