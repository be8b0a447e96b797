"""The generator keeps step with the tables, and the same seed gives the same rows."""

import psycopg
from django.test import Client

from bench.generate import NOW, fill
from partners.clock.operations import set_clock
from partners.people.models import User

COUNTS = {
    "partners_user": 60,
    "programmes_programme": 3,
    "programmes_workstream": 240,
    "programmes_statusupdate": 930,
    "programmes_stage": 9,
    "programmes_review": 3,
    "partners_auditevent": 750,
}


def rows_of(url):
    with psycopg.connect(url) as connection:
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in COUNTS}
        said = connection.execute(
            "SELECT id, current_rating, current_reported_at FROM programmes_workstream ORDER BY id"
        ).fetchall()
    return counts, said


def test_fill_makes_a_portfolio_that_the_pages_show(own_database, capsys):
    fill(own_database.owner_url, programmes=3)

    assert rows_of(own_database.url)[0] == COUNTS
    set_clock(to=NOW)
    client = Client()
    client.force_login(User.objects.get(email="person1@example.org"))
    board = client.get("/", follow=True).content.decode()
    assert "of 240" in board
    assert "workstreams reported" in board


def test_fill_is_the_same_for_the_same_seed(servers, capsys):
    with servers.fresh_database() as one, servers.fresh_database() as other:
        fill(one.owner_url, programmes=3)
        fill(other.owner_url, programmes=3)

        assert rows_of(one.url) == rows_of(other.url)
