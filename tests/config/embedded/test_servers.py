import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import servers
from config.embedded.processes import Child, StartFailed
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder whose path is longer than a socket's may be."""
    folder = tmp_path / ("deep-" * 20) / ("state-" * 5)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sockets() -> Iterator[Path]:
    folder = servers.socket_folder()
    yield folder
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()


@pytest.fixture
def postgres(state: Path, sockets: Path) -> Iterator[Child]:
    child = servers.postgres(state, sockets, durable=False)
    yield child
    child.stop()


def test_postgres_keeps_its_data_over_a_kill_and_a_new_start(postgres: Child, sockets: Path) -> None:
    postgres.start()
    servers.make_database(sockets)
    with psycopg.connect(servers.database_url(sockets, role="owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")

    assert postgres.process
    postgres.process.kill()
    postgres.process.wait()
    postgres.start()
    servers.make_database(sockets)

    with psycopg.connect(servers.database_url(sockets, role="owner")) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_a_dropped_database_is_made_anew_and_empty(postgres: Child, sockets: Path) -> None:
    postgres.start()
    servers.make_database(sockets)
    with psycopg.connect(servers.database_url(sockets, role="owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE gone AS SELECT 42 AS value")

        servers.drop_database(sockets)  # although somebody is connected

    servers.make_database(sockets)
    with psycopg.connect(servers.database_url(sockets, role="owner")) as connection:
        assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)


def test_make_database_gives_the_application_role_no_tables_of_its_own(postgres: Child, sockets: Path) -> None:
    postgres.start()
    servers.make_database(sockets)

    with psycopg.connect(servers.database_url(sockets, role="app")) as connection:
        assert connection.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = 'app'").fetchone() == (
            "app",
            False,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_postgres_when_a_stale_pid_file_names_a_living_process_starts(postgres: Child, state: Path) -> None:
    postgres.start()
    postgres.stop()
    (state / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{state}/postgres\n")

    postgres.start()

    assert postgres.is_running()


def test_postgres_when_making_its_data_was_interrupted_begins_anew(postgres: Child, state: Path) -> None:
    (state / "postgres.new").mkdir()
    (state / "postgres.new" / "half").write_text("x")

    postgres.start()

    assert not (state / "postgres.new").exists()
    assert not (state / "postgres" / "half").exists()


def test_postgres_when_another_server_has_the_data_waits_and_then_says_so(
    postgres: Child, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.start()
    (state / "postgres" / "postmaster.pid").unlink()  # so that it is not asked to end
    monkeypatch.setattr(servers, "ORPHAN_PATIENCE", 0.2)
    with pytest.raises(StartFailed, match="still uses"):
        servers.postgres(state, state, durable=False).start()


def test_servers_end_when_their_launcher_is_killed_and_a_new_start_follows_at_once(state: Path, sockets: Path) -> None:
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(state), str(sockets)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert launcher.stdout
    pids = [int(pid) for pid in launcher.stdout.readline().split()]

    launcher.kill()
    launcher.wait()
    started = [servers.postgres(state, sockets, durable=False), servers.valkey(state, sockets, durable=False)]
    for child in started:
        child.start()

    wait_until(lambda: not any(map(_is_alive, pids)), what="the first servers had ended")
    assert all(child.is_running() for child in started)
    for child in started:
        child.stop()


LAUNCHER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from config.embedded import servers
    state, sockets = map(Path, sys.argv[1:])
    children = [servers.postgres(state, sockets, durable=False), servers.valkey(state, sockets, durable=False)]
    for child in children:
        child.start()
    print(*(child.process.pid for child in children), flush=True)
    time.sleep(600)
""")


def test_valkey_durable_keeps_what_it_was_told_over_a_kill(state: Path, sockets: Path) -> None:
    child = servers.valkey(state, sockets)
    child.start()
    assert _valkey(sockets, b"SET key kept") == b"+OK\r\n"

    assert child.process
    child.process.kill()
    child.process.wait()
    child.start()

    assert _valkey(sockets, b"GET key") == b"$4\r\nkept\r\n"
    child.stop()


def test_socket_folder_removes_the_one_left_by_a_killed_launcher(state: Path) -> None:
    remembered = state / "socket-folder"
    first = servers.socket_folder(remembered)

    second = servers.socket_folder(remembered)

    assert not first.exists()
    assert second.stat().st_mode & 0o777 == 0o700
    second.rmdir()


def test_socket_folder_when_the_temporary_folder_is_deep_is_short(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(state))

    folder = servers.socket_folder()

    assert len(str(folder / ".s.PGSQL.5432.lock")) < 100
    folder.rmdir()


def test_postgres_when_the_named_programs_are_not_there_says_so(
    state: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(state))
    with pytest.raises(StartFailed, match="set POSTGRES_BIN"):
        servers.postgres(state, sockets)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_postgres_as_root_where_user_namespaces_are_refused_runs_as_nobody(
    state: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTFOLIO_NO_USER_NAMESPACE", "1")
    if not everybody_may_enter(servers.postgres_binaries()):
        with pytest.raises(StartFailed, match="Move the project to a folder that everybody may enter"):
            servers.postgres(state, sockets, durable=False).start()
        return
    for parent in [state, *state.parents]:
        if parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o711)
    first = servers.postgres(state, sockets, durable=False)
    first.start()
    assert first.process
    assert Path(f"/proc/{first.process.pid}").stat().st_uid == 65534
    first.stop()
    monkeypatch.delenv("PORTFOLIO_NO_USER_NAMESPACE")

    again = servers.postgres(state, sockets, durable=False)
    again.start()

    assert (state / "postgres").stat().st_uid in (0, 65534)
    again.stop()


def everybody_may_enter(folder: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


def _valkey(sockets: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(sockets / "valkey.sock"))
        client.sendall(command + b"\r\n")
        return client.recv(100)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True
