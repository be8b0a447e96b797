"""The servers and processes of one run, each of them started here, and ended here by its id."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.embedded import servers
from config.embedded.processes import Child, StartFailed
from tests.processes import listening_socket, process_environment, text_of
from tests.servers import OWN_VALKEY, TEMPLATE, TestDatabase, TestServers

CELERY = (sys.executable, "-m", "celery", "--app", "config.celery:app")
SECONDS_TO_START = 180  # on a machine that does other work too
LOOP = ("send_reminders", "--forever")
NAMED_BY_OTHERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", TEMPLATE, OWN_VALKEY)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, scaled down together: claim < idle < in flight, as 60 s, 5 min and 15 min are in production."""

    claim: float = 2
    idle: float = 4
    in_flight: float = 8
    command: float = 2
    reply: float = 3
    run: float = 4

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TICK_SECONDS": "1",
            "POST_CLAIM_SECONDS": str(self.claim),
            "POST_IN_FLIGHT_SECONDS": str(self.in_flight),
            "POST_COMMAND_SECONDS": str(self.command),
            "POST_REPLY_SECONDS": str(self.reply),
            "POST_RUN_SECONDS": str(self.run),
            "POST_RETRY_SECONDS": "1",
            "POST_LONGEST_RETRY_SECONDS": "3",
        }


class OwnServers(TestServers):
    """Embedded ones for this run alone, whatever the environment names. Django may be set up after this.

    The tables are made by migrations, or quicker from the dump that CHAOS_TABLES names (``write_dump``).
    """

    __test__ = False

    def __init__(self) -> None:
        for name in NAMED_BY_OTHERS:
            os.environ.pop(name, None)
        super().__init__()

    def _make_template(self) -> None:
        dump = os.environ.get("CHAOS_TABLES")
        if not dump:
            super()._make_template()
            return
        self._as_owner(sql.SQL("CREATE DATABASE {}"), self.template)
        _program("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file", dump, "--dbname", _owner_url(self.template))


def write_dump(database: str, path: Path) -> None:
    """The tables of a migrated database, for ``CHAOS_TABLES``."""
    _program("pg_dump", "--file", str(path), "--dbname", _owner_url(database))


def _owner_url(database: str) -> str:
    return make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname=database)


def _program(name: str, *arguments: str) -> None:
    command = [str(servers.postgres_binaries() / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed.\n{done.stdout}{done.stderr}")


@dataclass
class House:
    """What sends mail on one database: the mail server, and workers with beat, or loops where there is no broker."""

    servers: OwnServers
    database: TestDatabase
    folder: Path
    seed: int = 1
    faults: Mapping[str, float] = field(default_factory=dict)
    sabotage: str = ""
    workers: int = 2
    children: int = 2
    has_broker: bool = True
    times: Times = Times()

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "mail.log"
        self.log.touch()
        self.groups: set[int] = set()
        self._listener = listening_socket()
        self.environment = process_environment(
            self.database.environment,
            self.times.environment,
            {
                "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
                "CHAOS_FOLDER": str(self.folder),
                "CHAOS_SABOTAGE": self.sabotage,
                "SMTP_URL": f"smtp://127.0.0.1:{self._listener.getsockname()[1]}",
                "PORTFOLIO_STATE": str(self.folder),
                "LOG_LEVEL": "WARNING",
            },
        )
        if not self.has_broker:
            self.environment["REDIS_URL"] = f"unix://{self.folder}/no-broker.sock"
        self.sink = self._sink(self.faults)
        self.senders = [self._worker(number) for number in range(self.workers)]
        self.beat = Child("beat", self._beat_command(), self.folder / "beat.log", self.environment)
        if not self.has_broker:
            self.senders = [self._loop(number) for number in range(self.workers)]

    @property
    def postgres(self) -> Child:
        assert self.servers.postgres
        return self.servers.postgres

    @property
    def valkey(self) -> Child:
        assert self.servers.valkey
        return self.servers.valkey

    def start(self) -> None:
        """Everything that sends; returns when the workers are ready."""
        self._launch(self.sink)
        for child in self._kept_alive():
            self._launch(child)
        until = time.monotonic() + SECONDS_TO_START
        while not all(sender.is_ready() for sender in self.senders):
            if time.monotonic() > until:
                raise StartFailed(f"The workers did not start. The end of a log:\n{self.senders[0].last_lines()}")
            self.keep_alive()
            time.sleep(0.1)

    def keep_alive(self) -> None:
        """Starts again what has died, as a supervisor does."""
        for child in (self.sink, *self._kept_alive()):
            if not child.is_running():
                self._launch(child)

    def pool_of(self, number: int) -> list[int]:
        """The ids of the children of a sender; its own where it has none."""
        sender = self.senders[number % len(self.senders)]
        if not sender.is_running() or not sender.process:
            return []
        pid = sender.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        if not self.has_broker:
            return [pid]
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return [int(child) for child in children.read_text().split()]
        return []

    def send(self, pid: int, number: signal.Signals) -> bool:
        """To one process that this house started; False when it has gone."""
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) in self.groups:
                os.kill(pid, number)
                return True
        return False

    def send_to_group(self, child: Child, number: signal.Signals) -> bool:
        if not child.process or not child.is_running():
            return False
        os.killpg(child.process.pid, number)
        return True

    def crash_postgres(self, number: signal.Signals) -> None:
        """Ended without a check-point, and started again: it recovers from its log."""
        if self.postgres.process:
            self.postgres.process.send_signal(number)
            self.postgres.process.wait()
        self.postgres.start()

    def kill_valkey(self) -> None:
        self.valkey.kill()
        self.valkey.start()

    def flush_valkey(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(os.environ["REDIS_URL"].removeprefix("unix://"))
            client.sendall(b"FLUSHALL\r\n")
            return client.recv(5) == b"+OK\r\n"

    def kill_sink(self) -> None:
        self.sink.kill()
        self._launch(self.sink)

    def calm(self) -> None:
        """The mail server behaves from now on, after a restart too."""
        if self.sink.process:
            self.sink.process.send_signal(signal.SIGUSR1)
        calm = self._sink({})
        calm.process, self.sink = self.sink.process, calm

    def stop(self) -> None:
        """Ends every process group that was started here, and waits until all of them have gone."""
        for child in (*self._kept_alive(), self.sink):
            child.ask_to_end()
        until = time.monotonic() + 3
        while time.monotonic() < until and any(child.is_running() for child in (*self._kept_alive(), self.sink)):
            time.sleep(0.05)
        for group in self.groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for child in (*self._kept_alive(), self.sink):
            if child.process:
                child.process.wait()
        self._listener.close()

    def _kept_alive(self) -> list[Child]:
        return [*self.senders, *([self.beat] if self.has_broker else [])]

    def _launch(self, child: Child) -> None:
        child.launch()
        if child.process:
            self.groups.add(child.process.pid)

    def _sink(self, faults: Mapping[str, float]) -> Child:
        command = [sys.executable, "-m", "tests.chaos.sink", str(self._listener.fileno()), str(self.log)]
        return Child(
            "mail server",
            [*command, str(self.times.idle), str(self.seed), json.dumps(dict(faults))],
            self.folder / "sink.log",
            self.environment,
            kept_open=[self._listener.fileno()],
        )

    def _worker(self, number: int) -> Child:
        log = self.folder / f"worker{number}.log"
        command = [*CELERY, "worker", "--concurrency", str(self.children), "--hostname", f"chaos{number}@%h"]
        return Child(
            "Celery worker",
            [*command, "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            log,
            self.environment,
            is_ready=lambda: " ready." in text_of(log),
        )

    def _beat_command(self) -> list[str]:
        return [*CELERY, "beat", "--schedule", str(self.folder / "beat-schedule"), "--pidfile", ""]

    def _loop(self, number: int) -> Child:
        command = [sys.executable, "manage.py", *LOOP]
        return Child("sender", command, self.folder / f"sender{number}.log", self.environment)
