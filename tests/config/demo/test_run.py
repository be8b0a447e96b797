import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.demo import programs
from config.demo.run import Demo, is_half_loaded, main
from config.embedded.processes import Child, StartFailed
from config.embedded.state import held
from partners.clock.operations import set_clock
from partners.people.operations import enter_administrator
from tests.builders import NOW
from tests.servers import TestDatabase


@pytest.fixture(autouse=True)
def signals_kept() -> Iterator[None]:
    """The launcher answers signals in its own way; the test run must not."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_watch_restarts_what_ended_and_gives_up_when_it_ends_again_and_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path)
    child = Child("Celery beat", [sys.executable, "-c", "print('the reason')"], tmp_path / "beat.log")
    demo.children.append(child)

    with pytest.raises(StartFailed, match="Celery beat ended 4 times within a minute"):
        demo.watch()

    said = capsys.readouterr().out
    assert "Celery beat ended by itself" in said
    assert "the reason" in said
    assert said.count("Celery beat again") == 3


def test_manage_when_the_command_fails_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"manage.py no_such_command failed:(.|\n)*Unknown command"):
        Demo(tmp_path).manage("no_such_command")


def test_a_load_that_was_interrupted_is_known_by_events_without_a_clock(own_database: TestDatabase) -> None:
    """The clock is set when the whole story is told."""
    url = own_database.owner_url
    before = is_half_loaded(url)
    enter_administrator(email="alex@example.org", name="Alex Morgan", now=NOW)
    meanwhile = is_half_loaded(url)
    set_clock(to=NOW)

    assert (before, meanwhile, is_half_loaded(url)) == (False, True, False)


def test_a_database_without_tables_is_not_half_loaded(own_database: TestDatabase) -> None:
    with psycopg.connect(own_database.owner_url) as connection:
        connection.execute("DROP TABLE partners_clockoffset")

    assert is_half_loaded(own_database.owner_url) is False


def test_main_while_the_demo_runs_says_so_and_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTFOLIO_STATE", str(tmp_path))
    monkeypatch.setenv("PORTFOLIO_MODE", "demo")
    with held(tmp_path) as note:
        note("Open http://localhost:8000.")

        status = main()

    assert status == 1
    assert capsys.readouterr().err.strip() == "The demo is already running. Open http://localhost:8000."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.lock"]


def test_main_in_production_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORTFOLIO_MODE", "production")

    assert main() == 1

    assert "The demo runs in demo mode only" in capsys.readouterr().err


def test_listen_when_the_port_is_taken_takes_the_next() -> None:
    with programs.listen("0", 0, "PORT") as taken:
        first = programs.port(taken)

        with programs.listen(None, first, "PORT") as listener:
            assert first < programs.port(listener) <= first + programs.PORTS_TO_TRY


@pytest.mark.parametrize("wanted", ["taken", "x", "-1", "65536"])
def test_listen_when_the_port_that_was_asked_for_cannot_be_had_is_refused(wanted: str) -> None:
    with programs.listen("0", 0, "PORT") as taken, pytest.raises(StartFailed, match="PORT"):
        programs.listen(str(programs.port(taken)) if wanted == "taken" else wanted, 8000, "PORT")
