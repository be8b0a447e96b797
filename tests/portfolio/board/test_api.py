"""The board, its changes and what is due through the API: as on the pages."""

from datetime import timedelta

import pytest

from partners.clock.operations import set_clock
from programmes.workstreams.enums import Ask, Rating
from tests.builders import (
    NOW,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_review,
    make_workstream,
    report,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=60)


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("The whole force")


@pytest.fixture
def cio(client, portfolio):
    cio = make_cio(portfolio, "Helen Osei")
    client.force_login(cio)
    return cio


def test_the_board_gives_totals_and_rows(client, portfolio, cio):
    programme = make_programme("Custody", portfolio=portfolio)
    report(make_workstream(programme, now=LONG_AGO), Rating.GREEN, ask_kind=Ask.ADVICE, ask="Which?")
    make_workstream(programme, now=LONG_AGO)
    make_programme("Records", portfolio=portfolio)

    found = client.get(f"/api/portfolios/{portfolio.pk}/board/").json()

    rows = found.pop("results")
    assert found.pop("as_of").startswith("2026-09-16T10:00:")
    counted = {
        "due": 2,
        "reported": 1,
        "late": 0,
        "silent": 1,
        "withheld": 0,
        "exempt": 0,
        "not_due": 0,
        "red": 0,
        "amber": 0,
        "green": 1,
    }
    assert found == {
        "programmes": 2,
        "ended": 0,
        "coverage": "1 of 2 reported, 1 silent",
        "workstreams": counted,
        "programmes_by_rating": {
            "red": 0,
            "not_known": 0,
            "amber_or_worse": 1,
            "amber": 0,
            "green": 0,
            "not_due": 0,
            "none": 1,
        },
        "programmes_by_exception": {"silent": 1},
        "asks": 1,
        "count": 2,
        "next": None,
        "previous": None,
    }
    assert rows[0] == {
        "id": str(programme.pk),
        "name": "Custody",
        "delivery_model": "taskforce",
        "stage": "technology",
        "stage_title": "ICT-enabled technology transformation",
        "rating": "amber_or_worse",
        "rating_source": "own",
        "own_rating": "amber_or_worse",
        "assurance": "",
        "exceptions": [{"kind": "silent", "words": "1 workstream silent"}],
        "coverage": "1 of 2 reported, 1 silent",
        "workstreams": counted,
        "last_reported_at": "2026-09-16T10:00:00+01:00",
        "asks": 1,
        "review_closes_at": None,
        "ended_on": None,
    }
    assert [row["name"] for row in rows] == ["Custody", "Records"]


def test_the_board_is_narrowed_sorted_and_paged(client, portfolio, cio):
    for name in ("Alpha", "Beta", "Gamma"):
        make_programme(name, portfolio=portfolio)
    board = f"/api/portfolios/{portfolio.pk}/board/"

    def names(query):
        return [row["name"] for row in client.get(board + query).json()["results"]]

    assert names("?q=et") == ["Beta"]
    assert names("?rating=red") == []
    assert names("?sort=name&page_size=2&page=2") == ["Gamma"]
    assert client.get(f"{board}?page=9").status_code == 404
    for query in ("?sort=password", "?rating=purple", "?stage=x", "?only=x", "?delivery_model=x"):
        assert client.get(board + query).status_code == 400


def test_changes_and_due_say_what_the_pages_say(client, portfolio, cio):
    programme = make_programme("Custody", portfolio=portfolio)
    workstream = make_workstream(programme, "Tablets", now=LONG_AGO)
    report(workstream, Rating.RED)
    review = make_review(programme)

    changes = client.get(f"/api/portfolios/{portfolio.pk}/changes/").json()["results"]
    due = client.get(f"/api/portfolios/{portfolio.pk}/due/?days=30").json()["results"]

    assert [(row["summary"], row["place"], row["page"]) for row in changes] == [
        (
            f"set up the review {review.title}, until 5pm on Tuesday 10 November 2026, UK time",
            "Custody",
            f"/reviews/{review.pk}/",
        ),
        ("reported Off track for Tablets", "Custody", f"/workstreams/{workstream.pk}/"),
    ]
    assert due[0] == {
        "on": "2026-09-18",
        "at": None,
        "kind": "reporting",
        "title": "Status reports are due",
        "about": "",
        "place": "",
        "is_late": False,
        "page": "",
    }
    assert {row["page"] for row in due if row["kind"] == "review"} == {f"/reviews/{review.pk}/"}


@pytest.mark.parametrize("page", ["board", "changes", "due"])
def test_a_stranger_finds_nothing(client, portfolio, page):
    programme = make_programme(portfolio=portfolio)
    address = f"/api/portfolios/{portfolio.pk}/{page}/"

    for user in (make_person(), make_manager(programme), make_cio(make_portfolio())):
        client.force_login(user)
        assert client.get(address).status_code == 404
    client.force_login(make_cio(portfolio))
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("query", ["changes/?days=8", "changes/?days=x", "due/?days=7", "due/?days=-1"])
def test_other_days_are_refused(client, portfolio, cio, query):
    assert client.get(f"/api/portfolios/{portfolio.pk}/{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("portfolios/{pk}/board/", 12),
        ("portfolios/{pk}/since/?since=2026-09-10", 43),
        ("portfolios/{pk}/records/", 8),
        ("views/", 4),
        ("portfolios/{pk}/changes/", 9),
        ("portfolios/{pk}/due/", 11),
        ("search/?q=pro", 13),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, cio, page, queries, count):
    for n in range(count):
        programme = make_programme(f"Programme {n}", portfolio=portfolio)
        for _ in range(count):
            report(make_workstream(programme), ask_kind=Ask.ADVICE, ask="Which?")
        make_review(programme)

    with django_assert_num_queries(queries):
        response = client.get("/api/" + page.format(pk=portfolio.pk))

    assert response.status_code == 200
