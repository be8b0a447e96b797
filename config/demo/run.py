"""`make demo`: servers, migrations, demo data, web, worker, beat and a mailbox, started, watched and stopped together.

With ONCE=1 it starts everything, checks it (check.py), stops everything and exits 0 or 1.
"""

import json
import os
import shutil
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path

import psycopg

from config.demo import check, programs
from config.demo.launching import Launcher, Stopped, answer_signals, ignore_signals, refuse, say, step
from config.demo.mailbox import ACCEPTED
from config.embedded import servers
from config.embedded.processes import StartFailed
from config.embedded.state import InUse, held, state_folder

FIRST_PORT, FIRST_MAILBOX_PORT = 8000, 8025
TICK_SECONDS = 10  # so that somebody trying it out need not wait for the minute of an installation
SECONDS_FOR_A_KILLED_DEMO_TO_END = 8.0
DEATHS_ALLOWED, WITHIN_SECONDS = 3, 60


class Demo(Launcher):
    """The product with its demo data, the mailbox and the page to read it."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, tick_seconds=TICK_SECONDS)

    def start(self, note: Callable[[str], None]) -> None:
        """Raises: StartFailed with a sentence."""
        self._forget_old_logs()
        patience = SECONDS_FOR_A_KILLED_DEMO_TO_END if (self.state / "runtime.json").exists() else 0
        web = programs.listen(os.environ.get("PORT"), FIRST_PORT, "PORT", patience)
        page = programs.listen(os.environ.get("MAILBOX_PORT"), FIRST_MAILBOX_PORT, "MAILBOX_PORT", patience)
        smtp = programs.listen("0", 0, "SMTP_PORT")
        self.listeners = [web, page, smtp]  # kept open, so that a program that is started again finds its own
        if not os.environ.get("PORT") and programs.port(web) != FIRST_PORT:
            say(f"  Port {FIRST_PORT} is in use; taking {programs.port(web)}.")
        self.environment |= {
            "PUBLIC_URL": f"http://localhost:{programs.port(web)}",
            "MAILBOX_URL": f"http://localhost:{programs.port(page)}/",
            "SMTP_URL": f"smtp://{programs.LOOPBACK}:{programs.port(smtp)}",
            "POST_RESOLVER": f"file://{self.state.resolve() / 'mailbox' / ACCEPTED}",
        }
        note(f"Open {self.environment['PUBLIC_URL']}, or stop it there with Ctrl-C (process {os.getpid()}).")
        self._start_servers()
        (self.state / "runtime.json").write_text(json.dumps({"environment": self.environment}, indent=1))
        self.make_tables()
        with step("mailbox"):
            mailbox = programs.mailbox(self.environment, self.state / "mailbox", self.logs, smtp, page)
            self.launch(mailbox).wait_until_ready()
        with step("demo data"):
            pages = self.launch(programs.web(self.environment, self.logs, web))  # gets ready meanwhile
            self.manage("load_demo")
        with step("web, worker and beat"):
            self.launch(programs.worker(self.environment, self.logs))
            self.launch(programs.beat(self.environment, self.logs))
            pages.wait_until_ready()

    def watch(self) -> None:
        """Restarts what dies. Raises: StartFailed when one dies again and again."""
        deaths: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS_ALLOWED))
        while True:
            time.sleep(0.5)
            for child in self.children:
                if child.is_running():
                    continue
                say(f"\n{child.name} ended by itself. The end of {child.log}:\n{child.last_lines()}")
                earlier, now = deaths[child.name], time.monotonic()
                if len(earlier) == DEATHS_ALLOWED and now - earlier[0] < WITHIN_SECONDS:
                    raise StartFailed(f"{child.name} ended {DEATHS_ALLOWED + 1} times within a minute.")
                earlier.append(now)
                with step(f"{child.name} again"):
                    child.start()

    def stop(self) -> None:
        if self.children:
            say("\nStopping ...")
        super().stop()
        (self.state / "runtime.json").unlink(missing_ok=True)
        if self.sockets:
            say("Everything is stopped.")

    def _start_servers(self) -> None:
        """Those that the environment names are used and not started."""
        sockets = self.sockets = servers.socket_folder(self.state / "socket-folder")
        if url := os.environ.get("DATABASE_URL"):
            self.environment |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", url)}
        else:
            self.start_postgres(sockets)
            if is_half_loaded(servers.database_url(sockets, role="owner")):
                self._begin_anew(sockets)
        if url := os.environ.get("REDIS_URL"):
            self.environment["REDIS_URL"] = url
        else:
            self.start_valkey(sockets)

    def _begin_anew(self, sockets: Path) -> None:
        """Only ever with the demo's own server, and before anything else is started."""
        say("  The demo data were loaded only in part last time. Starting anew with an empty database and mailbox.")
        servers.drop_database(sockets)
        servers.make_database(sockets)
        shutil.rmtree(self.state / "mailbox", ignore_errors=True)

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
        return refuse(
            "The demo runs in demo mode only. Unset PORTFOLIO_MODE, or use the commands of docs/operations.md."
        )
    answer_signals()
    state = state_folder()
    demo = Demo(state)
    try:
        with held(state) as note:
            try:
                return _run(demo, note)
            finally:
                ignore_signals()
                demo.stop()
    except Stopped:
        return 1 if _is_once() else 0
    except InUse as in_use:
        return refuse(str(in_use))
    except StartFailed as failed:
        return refuse(str(failed))
    except PermissionError as refused:
        return refuse(f"{refused.filename or state} may not be written by this user. Start as its owner, or delete it.")


def _run(demo: Demo, note: Callable[[str], None]) -> int:
    began = time.monotonic()
    say("Starting the DEMO")
    demo.start(note)
    public_url, mailbox_url = demo.environment["PUBLIC_URL"], demo.environment["MAILBOX_URL"]
    if _is_once():
        say(f"Started in {time.monotonic() - began:.1f} s. Checking it.")
        if check.everything(public_url, mailbox_url, demo.manage, say):
            return 0
        for child in demo.children:
            if not child.is_running():
                say(f"{child.name} ended by itself. The end of {child.log}:\n{child.last_lines()}")
        say(f"Logs: {demo.logs}")
        return 1
    say(f"\nReady after {time.monotonic() - began:.1f} s\n\n  {public_url}\n")
    say(demo.manage("demo_sign_ins").rstrip())
    say(f"\n  Mail of the demo: {mailbox_url}\n  Logs: {demo.logs}\n\nCtrl-C stops everything.")
    demo.watch()
    return 0


def _is_once() -> bool:
    return os.environ.get("ONCE") == "1"


if __name__ == "__main__":
    sys.exit(main())
