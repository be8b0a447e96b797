"""Search: what is found, by whom, and that patterns are only text."""

import re
from datetime import date

import pytest

from partners.people.queries import organisation
from programmes.register.operations import record_lesson
from programmes.reviews.models import Review
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_review,
    make_task,
    make_unit,
    make_workstream,
)

pytestmark = pytest.mark.django_db


def found(client, q, **more):
    """Titles by kind."""
    answer = client.get("/api/search/", {"q": q} | more).json()
    return {group["kind"]: [row["title"] for row in group["results"]] for group in answer["groups"] if group["count"]}


@pytest.fixture
def custody():
    """A programme with one of everything called custody, and its manager."""
    programme = make_programme("Digital custody")
    manager = make_manager(programme)
    make_workstream(programme, "Custody tablets")
    record_lesson(
        programme_id=programme.pk,
        title="Ask custody first",
        text="They know.",
        learned_on=date(2026, 3, 2),
        by=manager,
        now=NOW,
    )
    review = make_review(programme)
    Review.objects.filter(pk=review.pk).update(title="Custody in autumn")
    return programme, manager


EVERYTHING = {
    "programmes": ["Digital custody"],
    "workstreams": ["Custody tablets"],
    "reviews": ["Custody in autumn"],
    "lessons": ["Ask custody first"],
}


def test_search_finds_every_kind_whatever_the_case_and_order(client, custody):
    client.force_login(custody[1])

    assert found(client, "CUSTODY") == EVERYTHING
    assert found(client, "tablets custody") == {"workstreams": ["Custody tablets"]}
    assert found(client, "custody aeroplane") == {}


def test_search_finds_only_what_one_may_see(client, custody):
    portfolio_cio = make_cio(custody[0].scope.parent.portfolio)
    for user, expected in [
        (portfolio_cio, EVERYTHING),
        (make_administrator(), EVERYTHING),
        (make_person(), {}),
        (make_manager(make_programme()), {}),
        (make_cio(make_portfolio()), {}),
    ]:
        client.force_login(user)
        assert found(client, "custody") == expected


def test_search_finds_ones_own_tasks_and_nobody_elses(client):
    person = make_person("Sam Carter", unit=make_unit())
    task = make_task(person)
    title = task.consultation.title

    client.force_login(person)
    assert found(client, title) == {"tasks": [title]}
    client.force_login(make_person())
    assert found(client, title) == {}
    client.force_login(make_manager(task.consultation.review.programme))
    assert found(client, title) == {"consultations": [title]}


def test_search_finds_people_for_administrators_alone(client):
    person = make_person("Zebedee Quill")
    programme = make_programme()

    client.force_login(make_administrator())
    assert found(client, "quill") == {"people": ["Zebedee Quill"]}
    assert f"/people/{person.pk}/" in client.get("/search/?q=quill").content.decode()
    client.force_login(make_manager(programme))
    assert found(client, "quill") == {}
    assert "people" not in [group["kind"] for group in client.get("/api/search/?q=quill").json()["groups"]]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("100%", ["100% digital"]),
        ("0%", ["100% digital"]),
        ("a_b", ["a_b record"]),
        ("\\x", ["back\\x slash"]),
        ("%%", []),
        ("__", []),
        ("' or", []),
    ],
)
def test_patterns_are_only_text(client, q, names):
    portfolio = make_portfolio()
    for name in ("100% digital", "1000 digital", "a_b record", "axb record", "back\\x slash"):
        make_programme(name, portfolio=portfolio)
    client.force_login(make_cio(portfolio))

    assert found(client, q).get("programmes", []) == names


def test_what_begins_with_the_words_comes_first(client):
    portfolio = make_portfolio()
    for name in ("A new custody", "Custody", "Better custody"):
        make_programme(name, portfolio=portfolio)
    client.force_login(make_cio(portfolio))

    assert found(client, "custody")["programmes"] == ["Custody", "A new custody", "Better custody"]


def test_a_group_shows_a_few_and_then_pages(client):
    portfolio = make_portfolio()
    for n in range(23):
        make_programme(f"Custody {n:02}", portfolio=portfolio)
    client.force_login(make_cio(portfolio))

    assert len(found(client, "custody")["programmes"]) == 5
    assert "All 23 programmes" in client.get("/search/?q=custody").content.decode()
    assert len(found(client, "custody", only="programmes")["programmes"]) == 20
    assert found(client, "custody", only="programmes", page=2)["programmes"] == [f"Custody {n}" for n in (20, 21, 22)]
    assert client.get("/api/search/?q=custody&only=programmes&page=3").status_code == 404
    page = client.get("/search/?q=custody&only=programmes&page=2").content.decode()
    assert re.findall(r">(Custody \d\d)</a>", page) == [f"Custody {n}" for n in (20, 21, 22)]


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("a", "Enter at least 2 characters"),
        (" a ", "Enter at least 2 characters"),
        ("", "Enter at least 2 characters"),
        ("x" * 101, "must be 100 characters or fewer"),
        ("nothing like it", "Nothing found for “nothing like it”"),
        ("<script>", "Nothing found for “&lt;script&gt;”"),
    ],
)
def test_the_page_says_what_to_do(client, q, said):
    client.force_login(make_person())

    response = client.get("/search/", {"q": q})

    assert response.status_code == 200
    assert said in response.content.decode()


@pytest.mark.parametrize(
    "query", ["", "?q=a", "?q=abc&only=secrets", "?q=abc&page=0", "?q=abc&page=x", f"?q={'x' * 101}"]
)
def test_the_api_refuses_what_it_cannot_search(client, query):
    client.force_login(make_person())

    assert client.get(f"/api/search/{query}").status_code == 400


def test_search_knows_the_organisation_but_not_its_scope(client):
    client.force_login(make_administrator())

    assert found(client, organisation().name[:8]) == {}
