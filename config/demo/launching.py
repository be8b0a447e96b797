"""What `make demo` and `make case` have in common: servers and programs in a state folder, started and stopped together."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from config.embedded import servers
from config.embedded.processes import Child, StartFailed
from config.embedded.state import ROOT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SERVERS = ("PostgreSQL", "Valkey")


class Stopped(BaseException):
    """Ctrl-C, or the system asks the program to end."""


class Launcher:
    """One set of servers and programs. ``environment`` is what each of them is given."""

    def __init__(self, state: Path, *, tick_seconds: int) -> None:
        self.state = state
        self.logs = state / "logs"
        self.environment = {
            "PORTFOLIO_MODE": "demo",
            "PORTFOLIO_STATE": str(state),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TICK_SECONDS": str(tick_seconds),
        }
        self.sockets: Path | None = None
        self.listeners: list[socket.socket] = []
        self.children: list[Child] = []

    def manage(self, *command: str, **environment: str) -> str:
        """What ``manage.py`` printed. Raises: StartFailed with the end of what it said."""
        finished = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            said = "\n".join(f"    {line}" for line in (finished.stdout + finished.stderr).splitlines()[-20:])
            raise StartFailed(f"manage.py {' '.join(command)} failed:\n{said}")
        return finished.stdout

    def launch(self, child: Child) -> Child:
        self.children.append(child)
        child.launch()
        return child

    def start_postgres(self, sockets: Path, *, durable: bool = True) -> None:
        with step("PostgreSQL"):
            self.launch(servers.postgres(self.state, sockets, durable=durable)).wait_until_ready()
            servers.make_database(sockets)
        self.environment["DATABASE_URL"] = servers.database_url(sockets, role="app")
        self.environment["DATABASE_OWNER_URL"] = servers.database_url(sockets, role="owner")

    def start_valkey(self, sockets: Path, *, durable: bool = True) -> None:
        with step("Valkey"):
            self.launch(servers.valkey(self.state, sockets, durable=durable)).wait_until_ready()
        self.environment["REDIS_URL"] = servers.redis_url(sockets)

    def make_tables(self) -> None:
        with step("tables"):
            self.manage("migrate_database", DATABASE_ROLE="owner")

    def stop(self) -> None:
        """The programs first, all at once; then the servers that they use."""
        servers_last = [child for child in self.children if child.name in SERVERS]
        for group in ([child for child in self.children if child not in servers_last], servers_last):
            for child in group:
                child.ask_to_end()
            for child in group:
                child.wait_until_ended()
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)


def answer_signals() -> None:
    """From now on they raise ``Stopped``."""
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup keeps it running
            signal.signal(number, _stop)


def ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Says what is done, and how long it took."""
    say(f"  {title} ...", end="")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f" {time.monotonic() - began:.1f} s")


def say(text: str, end: str = "\n") -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, end=end, flush=True)


def refuse(sentence: str) -> int:
    """The exit status."""
    with contextlib.suppress(OSError):
        print(f"\n{sentence}", file=sys.stderr, flush=True)
    return 1


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
