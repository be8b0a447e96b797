from datetime import timedelta

import pytest
from django.db import connection

from partners.clock.operations import set_clock
from tests.builders import NOW, make_administrator, make_person, queue_mail

pytestmark = pytest.mark.django_db
WELL = {"ready": True, "database": True, "broker": True, "post": "on time"}


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


def test_a_stranger_learns_that_it_is_alive(client):
    assert client.get("/healthz").json() == {"alive": True}


def test_a_stranger_learns_that_it_is_ready_and_nothing_more(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, WELL)
    assert "no-store" in response.headers["Cache-Control"]


def test_late_mail_is_said_and_does_not_take_the_web_server_away(client):
    queue_mail(make_person(), due_at=NOW - timedelta(minutes=30), now=NOW - timedelta(minutes=30), is_urgent=True)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, WELL | {"post": "late"})


def test_an_administrator_sees_for_how_long_mail_waits(client):
    queue_mail(make_person(), due_at=NOW - timedelta(minutes=30), now=NOW - timedelta(minutes=30), is_urgent=True)
    client.force_login(make_administrator())

    assert client.get("/readyz").json()["oldest_overdue_seconds"] in range(1800, 1830)


def test_without_a_broker_it_is_not_ready(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    response = client.get("/readyz")

    assert (response.status_code, response.json()["broker"], response.json()["database"]) == (503, False, True)


def test_without_the_database_it_is_not_ready(client, monkeypatch):
    def fails(*args, **options):
        from django.db import OperationalError

        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fails)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (
        503,
        {"ready": False, "database": False, "broker": True, "post": "unknown"},
    )
