"""Mails per second handed to a local mail server by the post room, beside the server's ceiling and what else there is.

``python -m bench.mail`` (``MAILS=3000`` each way, ``SENDERS=2`` processes of the post room). PostgreSQL waits for the disk at every
commit, as the embedded one does. A mail of the post room or of django-post-office counts once its outcome is committed.
"""

import os
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import psycopg
from django.db import connections

from config.embedded import servers
from tests.chaos.house import OwnServers
from tests.chaos.run import opened
from tests.processes import LOOPBACK, listening_socket

MAILS = int(os.environ.get("MAILS", "3000"))
SENDERS = int(os.environ.get("SENDERS", "2"))
PLANNED = 20_000
REQUIREMENTS = Path(__file__).with_name("requirements-mail.txt")
LEAST_OF_CEILING, LEAST_TIMES, LONGEST_PLANNING = 0.5, 5.0, 1.0
TEXT = "We ask for your views on custody tablets. You have until 5pm on Friday 2 October 2026.\n" * 4
LONGEST = 1800


class Durable(OwnServers):
    """PostgreSQL as it is embedded for use, and not for tests."""

    def __init__(self) -> None:
        super().__init__()
        self.postgres = servers.postgres(self.folder, self.folder)


def main() -> bool:
    """Prints the figures; returns whether every goal is met."""
    with _sink() as port, opened(limit=LONGEST, servers_of_the_run=Durable) as (found, folder):
        with found.fresh_database() as database:
            connections.settings["default"]["NAME"] = database.name
            rates = {"one process, nothing but SMTP, connection reused": _rate(MAILS, lambda: _blast(port, MAILS))}
            rates["Django's send_mass_mail, nothing committed"] = _rate(MAILS, lambda: _mass(port, MAILS))
            with _post_office(folder) as packages:
                for batch, count in ((1, MAILS // 5), (100, MAILS)):
                    name = f"django-post-office, batches of {batch}"
                    rates[name] = count / _seconds_of_post_office(packages, found, port, count, batch)
            planned_in, sent, seconds = _post_room(database.owner_url)
            connections.close_all()
        rates[f"the post room, {SENDERS} processes"] = sent / seconds
        rates["one process again"] = _rate(MAILS, lambda: _blast(port, MAILS))
    return _told(rates, planned_in)


def _told(rates: dict[str, float], planned_in: float) -> bool:
    ours = rates[f"the post room, {SENDERS} processes"]
    ceiling = max(rates["one process, nothing but SMTP, connection reused"], rates["one process again"])
    safe = rates["django-post-office, batches of 1"]
    print("| way | mails/s | the post room does |\n| --- | ---: | ---: |")
    for name, rate in rates.items():
        print(f"| {name} | {rate:,.0f} | {ours / rate:.2f} times as many |")
    print(f"\n{PLANNED:,} reminders planned in {planned_in:.2f} s.")
    goals = {
        f"{ours / ceiling:.2f} of the ceiling (goal {LEAST_OF_CEILING})": ours >= LEAST_OF_CEILING * ceiling,
        f"{ours / safe:.1f} times django-post-office (goal {LEAST_TIMES:.0f})": ours >= LEAST_TIMES * safe,
        f"planned in {planned_in:.2f} s (goal {LONGEST_PLANNING:.0f})": planned_in < LONGEST_PLANNING,
    }
    for words, is_met in goals.items():
        print(f"{'met' if is_met else 'MISSED'}: {words}")
    return all(goals.values())


def _post_room(owner_url: str) -> tuple[float, int, float]:
    """How long planning took; how many mails were sent, and in what time."""
    planning = import_module("tests.chaos.planning")
    operations = import_module("programmes.reminders.operations")
    clock = import_module("partners.clock.queries").business_now
    models = import_module("partners.post.models")
    persons, programme = planning.people(PLANNED), planning.prepared()
    planned_in = planning.plan(programme, persons)
    queued = 0
    while queued < MAILS:
        queued += operations.queue_due(now=clock(), limit=500).queued
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    connections.close_all()
    began = time.monotonic()
    children = [_forked() for _ in range(SENDERS)]
    for child in children:
        os.waitpid(child, 0)
    seconds = time.monotonic() - began
    return planned_in, models.Message.objects.filter(channel="email", state="sent").count(), seconds


def _forked() -> int:
    """A child that hands over whatever is due, as a worker does; its id."""
    child = os.fork()
    if child:
        return child
    try:
        delivery = import_module("partners.post.delivery")
        delivery.deliver_due(clock=import_module("partners.clock.queries").business_now, seconds=LONGEST)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _rate(count: int, work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return count / (time.monotonic() - began)


def _blast(port: int, count: int) -> None:
    content = f"Subject: Your views\r\nMessage-ID: <1@example.org>\r\n\r\n{TEXT * 2}".encode()
    with smtplib.SMTP(LOOPBACK, port) as smtp:
        assert smtp.sock
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(count):
            smtp.sendmail("portfolio@example.org", [f"person{n}@example.org"], content)


def _mass(port: int, count: int) -> None:
    mail = import_module("django.core.mail")
    connection = mail.get_connection("django.core.mail.backends.smtp.EmailBackend", host=LOOPBACK, port=port)
    mails = [("Your views", TEXT * 2, "portfolio@example.org", [f"person{n}@example.org"]) for n in range(count)]
    mail.send_mass_mail(mails, connection=connection)


def _seconds_of_post_office(packages: Path, found: OwnServers, port: int, count: int, batch: int) -> float:
    with _empty_database(found) as url:
        command = [sys.executable, "-m", "bench.post_office", url, str(port), str(count), str(batch)]
        environment = {**os.environ, "PYTHONPATH": f"{packages}{os.pathsep}{os.getcwd()}"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"django-post-office did not run.\n{done.stderr}")
    return float(done.stdout.split()[-1])


@contextmanager
def _empty_database(found: OwnServers) -> Iterator[str]:
    url = servers.database_url(found.folder, role="owner", name="post_office")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS post_office WITH (FORCE)")
        connection.execute("CREATE DATABASE post_office")
    yield url


@contextmanager
def _post_office(folder: Path) -> Iterator[Path]:
    """A folder with the packages of the comparison, gone at the end."""
    target = Path(tempfile.mkdtemp(dir=folder))
    installer = [uv, "pip"] if (uv := shutil.which("uv")) else [sys.executable, "-m", "pip"]
    command = [
        *installer,
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        "--requirement",
        str(REQUIREMENTS),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"django-post-office could not be installed.\n{done.stderr}")
    yield target
    shutil.rmtree(target, ignore_errors=True)


@contextmanager
def _sink() -> Iterator[int]:
    """The port of the mail server, named in the environment for Django."""
    with tempfile.TemporaryDirectory() as folder, listening_socket() as listener:
        descriptor = listener.fileno()
        command = [
            sys.executable,
            "-m",
            "tests.chaos.sink",
            str(descriptor),
            f"{folder}/mail.log",
            "300",
            "1",
            "{}",
        ]
        sink = subprocess.Popen(command, pass_fds=[descriptor])
        port = int(listener.getsockname()[1])
        os.environ["SMTP_URL"] = f"smtp://{LOOPBACK}:{port}"
        try:
            yield port
        finally:
            sink.terminate()
            sink.wait()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
