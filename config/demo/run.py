"""`make demo`: servers, migrations, demo data, web, worker, beat and a mailbox, started, watched and stopped together.

With ONCE=1 it starts everything, checks it (check.py), stops everything and exits 0 or 1.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import psycopg

from config.demo import check, programs
from config.embedded import servers
from config.embedded.processes import Child, StartFailed
from config.embedded.state import ROOT, InUse, held, state_folder

FIRST_PORT, FIRST_MAILBOX_PORT = 8000, 8025
TICK_SECONDS = 10  # so that somebody trying it out need not wait for the minute of an installation
SECONDS_FOR_A_KILLED_DEMO_TO_END = 8.0
DEATHS_ALLOWED, WITHIN_SECONDS = 3, 60


class Stopped(BaseException):
    """Ctrl-C, or the system asks the demo to end."""


class Demo:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.logs = state / "logs"
        self.environment = {
            "PORTFOLIO_MODE": "demo",
            "PORTFOLIO_STATE": str(state),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TICK_SECONDS": str(TICK_SECONDS),
        }
        self.sockets: Path | None = None
        self.listeners: list[socket.socket] = []
        self.children: list[Child] = []

    def start(self, note: Callable[[str], None]) -> None:
        """Raises: StartFailed with a sentence."""
        self._forget_old_logs()
        patience = SECONDS_FOR_A_KILLED_DEMO_TO_END if (self.state / "runtime.json").exists() else 0
        web = programs.listen(os.environ.get("PORT"), FIRST_PORT, "PORT", patience)
        page = programs.listen(os.environ.get("MAILBOX_PORT"), FIRST_MAILBOX_PORT, "MAILBOX_PORT", patience)
        smtp = programs.listen("0", 0, "SMTP_PORT")
        self.listeners = [web, page, smtp]  # kept open, so that a program that is started again finds its own
        if not os.environ.get("PORT") and programs.port(web) != FIRST_PORT:
            _say(f"  Port {FIRST_PORT} is in use; taking {programs.port(web)}.")
        self.environment |= {
            "PUBLIC_URL": f"http://localhost:{programs.port(web)}",
            "MAILBOX_URL": f"http://localhost:{programs.port(page)}/",
            "SMTP_URL": f"smtp://{programs.LOOPBACK}:{programs.port(smtp)}",
        }
        note(f"Open {self.environment['PUBLIC_URL']}, or stop it there with Ctrl-C (process {os.getpid()}).")
        self._start_servers()
        (self.state / "runtime.json").write_text(json.dumps({"environment": self.environment}, indent=1))
        with _step("tables"):
            self.manage("migrate_database", DATABASE_ROLE="owner")
        with _step("mailbox"):
            mailbox = programs.mailbox(self.environment, self.state / "mailbox", self.logs, smtp, page)
            self._launch(mailbox).wait_until_ready()
        with _step("demo data"):
            pages = self._launch(programs.web(self.environment, self.logs, web))  # gets ready meanwhile
            self.manage("load_demo")
        with _step("web, worker and beat"):
            self._launch(programs.worker(self.environment, self.logs))
            self._launch(programs.beat(self.environment, self.logs))
            pages.wait_until_ready()

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

    def watch(self) -> None:
        """Restarts what dies. Raises: StartFailed when one dies again and again."""
        deaths: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS_ALLOWED))
        while True:
            time.sleep(0.5)
            for child in self.children:
                if child.is_running():
                    continue
                _say(f"\n{child.name} ended by itself. The end of {child.log}:\n{child.last_lines()}")
                earlier, now = deaths[child.name], time.monotonic()
                if len(earlier) == DEATHS_ALLOWED and now - earlier[0] < WITHIN_SECONDS:
                    raise StartFailed(f"{child.name} ended {DEATHS_ALLOWED + 1} times within a minute.")
                earlier.append(now)
                with _step(f"{child.name} again"):
                    child.start()

    def stop(self) -> None:
        """The programs first, all at once; then the servers that they use."""
        if self.children:
            _say("\nStopping ...")
        servers_last = [child for child in self.children if child.name in ("PostgreSQL", "Valkey")]
        for group in ([child for child in self.children if child not in servers_last], servers_last):
            for child in group:
                child.ask_to_end()
            for child in group:
                child.wait_until_ended()
        (self.state / "runtime.json").unlink(missing_ok=True)
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
            _say("Everything is stopped.")

    def _start_servers(self) -> None:
        sockets = self.sockets = servers.socket_folder(self.state / "socket-folder")
        if url := os.environ.get("DATABASE_URL"):
            self.environment |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", url)}
        else:
            with _step("PostgreSQL"):
                self._launch(servers.postgres(self.state, sockets)).wait_until_ready()
                servers.make_database(sockets)
            if is_half_loaded(servers.database_url(sockets, role="owner")):
                self._begin_anew(sockets)
            self.environment["DATABASE_URL"] = servers.database_url(sockets, role="app")
            self.environment["DATABASE_OWNER_URL"] = servers.database_url(sockets, role="owner")
        if url := os.environ.get("REDIS_URL"):
            self.environment["REDIS_URL"] = url
        else:
            with _step("Valkey"):
                self._launch(servers.valkey(self.state, sockets)).wait_until_ready()
            self.environment["REDIS_URL"] = servers.redis_url(sockets)

    def _begin_anew(self, sockets: Path) -> None:
        """Only ever with the demo's own server, and before anything else is started."""
        _say("  The demo data were loaded only in part last time. Starting anew with an empty database and mailbox.")
        servers.drop_database(sockets)
        servers.make_database(sockets)
        shutil.rmtree(self.state / "mailbox", ignore_errors=True)

    def _launch(self, child: Child) -> Child:
        self.children.append(child)
        child.launch()
        return child

    def _forget_old_logs(self) -> None:
        """Keeps the logs of this start and of the one before."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.before"))


def is_half_loaded(database_url: str) -> bool:
    """Whether loading the demo data was interrupted: something happened, and the clock, set last of all, is not set."""
    tables = ("partners_auditevent", "partners_clockoffset")
    with psycopg.connect(database_url) as connection:
        if any(connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,) for table in tables):
            return False
        happened, is_set = (connection.execute(f"SELECT FROM {table} LIMIT 1").rowcount for table in tables)
        return bool(happened and not is_set)


def main() -> int:
    if os.environ.get("PORTFOLIO_MODE", "demo") != "demo":
        return _refuse(
            "The demo runs in demo mode only. Unset PORTFOLIO_MODE, or use the commands of docs/operations.md."
        )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup keeps it running
            signal.signal(number, _stop)
    state = state_folder()
    demo = Demo(state)
    try:
        with held(state) as note:
            try:
                return _run(demo, note)
            finally:
                _ignore_signals()
                demo.stop()
    except Stopped:
        return 1 if _is_once() else 0
    except InUse as in_use:
        return _refuse(str(in_use))
    except StartFailed as failed:
        return _refuse(str(failed))
    except PermissionError as refused:
        return _refuse(
            f"{refused.filename or state} may not be written by this user. Start as its owner, or delete it."
        )


def _run(demo: Demo, note: Callable[[str], None]) -> int:
    began = time.monotonic()
    _say("Starting the DEMO")
    demo.start(note)
    public_url, mailbox_url = demo.environment["PUBLIC_URL"], demo.environment["MAILBOX_URL"]
    if _is_once():
        _say(f"Started in {time.monotonic() - began:.1f} s. Checking it.")
        if check.everything(public_url, mailbox_url, demo.manage, _say):
            return 0
        for child in demo.children:
            if not child.is_running():
                _say(f"{child.name} ended by itself. The end of {child.log}:\n{child.last_lines()}")
        _say(f"Logs: {demo.logs}")
        return 1
    _say(f"\nReady after {time.monotonic() - began:.1f} s\n\n  {public_url}\n")
    _say(demo.manage("demo_sign_ins").rstrip())
    _say(f"\n  Mail of the demo: {mailbox_url}\n  Logs: {demo.logs}\n\nCtrl-C stops everything.")
    demo.watch()
    return 0


def _is_once() -> bool:
    return os.environ.get("ONCE") == "1"


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def _step(title: str) -> Iterator[None]:
    _say(f"  {title} ...", end="")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        _say("")
        raise
    _say(f" {time.monotonic() - began:.1f} s")


def _say(text: str, end: str = "\n") -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, end=end, flush=True)


def _refuse(sentence: str) -> int:
    with contextlib.suppress(OSError):
        print(f"\n{sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
