"""Views that somebody keeps under a name: their own, checked against the filter, and nobody else's."""

from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from portfolio.board.models import SavedView
from portfolio.board.rules import MOST_VIEWS
from tests.builders import NOW, make_cio, make_manager, make_portfolio, make_programme

pytestmark = pytest.mark.django_db


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


def save(client, portfolio, name="Red ones", query="rating=red", key=None):
    data = {"name": name, "query": query, "request_key": key or uuid4()}
    return client.post(f"/portfolios/{portfolio.pk}/save-view/", data)


def test_a_view_is_saved_opened_renamed_and_deleted(client, portfolio, cio):
    form = client.get(f"/portfolios/{portfolio.pk}/save-view/?rating=red&page=3&x=1").content.decode()
    saved = save(client, portfolio)
    view = SavedView.objects.get()

    assert 'value="rating=red"' in form
    assert saved.headers["Location"] == f"/portfolios/{portfolio.pk}/?rating=red"
    assert f"/portfolios/{portfolio.pk}/?rating=red" in client.get("/views/").content.decode()
    client.post(f"/views/{view.pk}/rename/", {"name": "Off track"})
    assert SavedView.objects.get().name == "Off track"
    client.post(f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    acts = AuditEvent.objects.filter(action__startswith="board.").order_by("pk")
    assert [(event.action, event.scope_id) for event in acts] == [
        ("board.save_view", None),
        ("board.rename_view", None),
        ("board.delete_view", None),
    ]


def test_a_repeat_saves_once(client, portfolio, cio):
    key = uuid4()

    answers = [save(client, portfolio, key=key).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("", "rating=red", 200),
        ("x" * 101, "rating=red", 200),
        ("two\nlines", "rating=red", 200),
        ("Nothing", "", 409),
        ("Nonsense", "rating=purple&sort=password", 409),
        ("Elsewhere", "page=2&on=2026-01-01", 409),
        ("red ONES", "rating=red", 409),
    ],
)
def test_what_cannot_be_saved_is_refused(client, portfolio, cio, name, query, status):
    save(client, portfolio)

    assert save(client, portfolio, name, query).status_code == status
    assert SavedView.objects.count() == 1


def test_there_are_only_so_many(client, portfolio, cio):
    for number in range(MOST_VIEWS):
        SavedView.objects.create(user=cio, portfolio=portfolio, name=str(number), query="rating=red", saved_at=NOW)

    assert save(client, portfolio).status_code == 409


def test_nobody_reaches_the_view_of_another(client, portfolio, cio):
    save(client, portfolio)
    view = SavedView.objects.get()
    pages = [f"/views/{view.pk}/rename/", f"/views/{view.pk}/delete/"]
    assert [client.get(page).status_code for page in pages] == [200, 200]

    client.force_login(make_cio(portfolio))

    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert [client.post(page, {"name": "Mine"}).status_code for page in pages] == [404, 404]
    assert client.patch(f"/api/views/{view.pk}/", {"name": "Mine"}, "application/json").status_code == 404
    assert client.delete(f"/api/views/{view.pk}/").status_code == 404
    assert "Red ones" not in client.get("/views/").content.decode()
    assert client.get("/api/views/").json()["results"] == []


def test_a_view_of_a_portfolio_that_somebody_no_longer_sees_is_gone(client, portfolio, cio):
    save(client, portfolio)
    assert "Red ones" in client.get("/views/").content.decode()
    cio.role_holdings.update(ended_at=NOW, ended_by=cio)

    assert "Red ones" not in client.get("/views/").content.decode()
    assert save(client, portfolio).status_code == 404
    client.force_login(make_manager(make_programme(portfolio=portfolio)))
    assert save(client, portfolio).status_code == 404


def test_the_api_keeps_views_too(client, portfolio, cio):
    key = str(uuid4())
    body = {"portfolio": str(portfolio.pk), "name": "Red ones", "query": "only=red&sort=name", "request_key": key}

    made = client.post("/api/views/", body, "application/json")
    again = client.post("/api/views/", body, "application/json")
    taken = client.post("/api/views/", body | {"request_key": str(uuid4())}, "application/json")
    elsewhere = client.post("/api/views/", body | {"portfolio": str(make_portfolio().pk)}, "application/json")
    renamed = client.patch(f"/api/views/{key}/", {"name": "Off track"}, "application/json")

    assert (made.status_code, made.json()["query"], made.json()["page"]) == (
        201,
        "only=red&sort=name",
        f"/portfolios/{portfolio.pk}/?only=red&sort=name",
    )
    assert again.json() == made.json()
    assert (taken.status_code, elsewhere.status_code) == (409, 404)
    assert renamed.json()["name"] == "Off track"
    assert client.delete(f"/api/views/{key}/").status_code == 204
