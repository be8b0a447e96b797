"""The fixtures that every other test trusts."""

import threading
import urllib.request

import pytest
from django.core.cache import cache
from django.db import connection

from tests.conftest import WebServer
from tests.processes import SmtpSink
from tests.servers import TestDatabase

SELECT_USER = "SELECT current_user, current_database()"


def test_db_works_as_the_application_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_USER)

        assert cursor.fetchone() == ("app", connection.settings_dict["NAME"])


def test_own_database_is_another_one_with_real_commits_that_a_thread_sees(own_database: TestDatabase) -> None:
    seen: list[tuple[str, str]] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SELECT_USER)
            seen.append(cursor.fetchone())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [("app", own_database.name)]
    assert connection.get_autocommit() is True


@pytest.mark.parametrize("turn", [1, 2])
def test_cache_is_empty_in_every_test(servers: object, turn: int) -> None:
    assert cache.get("left-behind") is None
    cache.set("left-behind", turn)


@pytest.mark.parametrize(("fixture", "instead"), [("transactional_db", "own_database"), ("live_server", "web_server")])
def test_fixtures_that_would_truncate_say_what_to_use(
    request: pytest.FixtureRequest, fixture: str, instead: str
) -> None:
    with pytest.raises(pytest.fail.Exception, match=instead):
        request.getfixturevalue(fixture)


def test_web_server_works_on_the_database_of_the_test(web_server: WebServer, smtp_sink: SmtpSink) -> None:
    with urllib.request.urlopen(f"{web_server.url}/accounts/login/") as answer:
        assert answer.status == 200
