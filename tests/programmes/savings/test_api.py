from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from programmes.register.models import Programme
from programmes.savings.models import Saving, SavingStatement
from tests.builders import MILLION, make_manager, make_person, make_programme, make_reader, state
from tests.builders.money import make_saving

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


@pytest.fixture
def programme() -> Programme:
    return make_programme("Estates")


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def send(client: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    return getattr(client, method)(f"/api/{path}", body, content_type="application/json", headers=headers)


def post(client: Client, path: str, body: Any, key: str = "") -> Any:
    return send(client, "post", path, body, **{"Idempotency-Key": key or str(uuid4())})


STATEMENT = {"year": "2026-27", "based_on": 0, "expected_pence": 100, "stated_on": "2026-09-16", "source": "Paper"}


def test_a_saving_is_added_changed_and_listed(programme):
    client, key = as_(make_manager(programme)), str(uuid4())
    path = f"programmes/{programme.pk}/savings/"

    added = [post(client, path, {"title": "Fewer buildings"}, key) for _ in range(2)]
    saving_id = added[0].json()["id"]
    changed = send(client, "patch", f"savings/{saving_id}/", {"version": 1, "title": "Fewer leases"})
    late = send(client, "patch", f"savings/{saving_id}/", {"version": 1, "title": "No leases"})

    assert [each.status_code for each in added] == [HTTPStatus.CREATED] * 2
    assert (changed.json()["title"], changed.json()["version"]) == ("Fewer leases", 2)
    assert late.status_code == HTTPStatus.CONFLICT
    assert [each["title"] for each in client.get(f"/api/{path}").json()["results"]] == ["Fewer leases"]
    assert Saving.objects.count() == 1


def test_a_statement_is_kept_once_however_often_it_is_sent(programme):
    saving, client, key = make_saving(programme), as_(make_manager(programme)), str(uuid4())
    path = f"savings/{saving.pk}/statements/"

    answers = [post(client, path, STATEMENT, key) for _ in range(2)]
    conflict = post(client, path, STATEMENT)

    assert [each.status_code for each in answers] == [HTTPStatus.CREATED] * 2
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["year"] == "2026-27"
    assert conflict.status_code == HTTPStatus.CONFLICT
    assert "while you were working on it" in conflict.json()["detail"]
    assert [each["number"] for each in client.get(f"/api/{path}").json()["results"]] == [1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"expected_pence": -1}, "expected_pence"),
        ({"expected_pence": 1.5}, "expected_pence"),
        ({"expected_pence": "78m"}, "expected_pence"),
        ({"expected_pence": 10**12 + 1}, "expected_pence"),
        ({"expected_pence": 10**30}, "expected_pence"),
        ({"year": "2026"}, "year"),
        ({"year": 2026}, "year"),
        ({"year": None}, "year"),
        ({"year": "1999-00"}, "year"),
        ({"based_on": None}, "based_on"),
        ({"confidence": "certain"}, "confidence"),
        ({"stated_on": "16 September"}, "stated_on"),
        ({"source": ""}, "source"),
        ({"source": "Two\nlines"}, "source"),
    ],
)
def test_a_statement_that_cannot_be_read_is_invalid(programme, changed, field):
    saving = make_saving(programme)

    answer = post(as_(make_manager(programme)), f"savings/{saving.pk}/statements/", STATEMENT | changed)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert field in answer.json()
    assert not SavingStatement.objects.exists()


def test_a_statement_without_a_key_is_invalid(programme):
    saving = make_saving(programme)

    answer = send(as_(make_manager(programme)), "post", f"savings/{saving.pk}/statements/", STATEMENT)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Idempotency-Key" in answer.json()


def test_what_a_rule_refuses_is_a_conflict(programme):
    saving, client = make_saving(programme), as_(make_manager(programme))

    answer = post(client, f"savings/{saving.pk}/statements/", STATEMENT | {"year": "2027-28", "delivered_pence": 1})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "nothing can be delivered before" in answer.json()["detail"]


def test_money_as_at_a_day(programme):
    state(make_saving(programme), planned=5)
    client = as_(make_reader(programme))
    path = f"/api/programmes/{programme.pk}/savings/money/"

    then, before = client.get(f"{path}?on=2026-09-16").json(), client.get(f"{path}?on=2026-09-15").json()

    assert (then["saved"]["planned"]["low_pence"], before["saved"]["planned"]["low_pence"]) == (5 * MILLION, 0)
    assert [each["year"] for each in then["years"]] == ["2026-27"]
    assert client.get(f"{path}?on=2999-01-01").status_code == HTTPStatus.BAD_REQUEST
    assert client.get(f"{path}?of=all").status_code == HTTPStatus.BAD_REQUEST


def test_the_api_is_closed_to_those_who_may_not(programme):
    saving = make_saving(programme)
    reader, stranger = as_(make_reader(programme)), as_(make_person())
    read = [
        f"/api/programmes/{programme.pk}/savings/",
        f"/api/programmes/{programme.pk}/savings/money/",
        f"/api/programmes/{programme.pk}/savings/lines/",
        f"/api/savings/{saving.pk}/",
        f"/api/savings/{saving.pk}/statements/",
    ]

    assert [reader.get(address).status_code for address in read] == [HTTPStatus.OK] * 5
    assert [stranger.get(address).status_code for address in read] == [HTTPStatus.NOT_FOUND] * 5
    for client, status in ((reader, HTTPStatus.FORBIDDEN), (stranger, HTTPStatus.NOT_FOUND)):
        assert post(client, f"programmes/{programme.pk}/savings/", {"title": "New"}).status_code == status
        assert post(client, f"savings/{saving.pk}/statements/", STATEMENT).status_code == status
        changed = send(client, "patch", f"savings/{saving.pk}/", {"version": 1, "title": "New"})
        assert changed.status_code == status
    assert Client().get(read[0]).status_code == HTTPStatus.UNAUTHORIZED
