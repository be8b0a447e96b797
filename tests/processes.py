"""Real processes for tests: a mail server that records, a web server, a Celery worker and beat."""

import asyncio
import email
import email.policy
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded.processes import Child

LOOPBACK = "127.0.0.1"


def wait_until(claim: Callable[[], object], *, seconds: float = 20, what: str = "it happened") -> None:
    """Asks every 50 ms. Raises: AssertionError when ``claim`` stays false."""
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, f"Waited {seconds} seconds until {what}."
        time.sleep(0.05)


def listening_socket() -> socket.socket:
    """A socket that listens on a free loopback port, to be handed to a server: nobody can take the port between."""
    return socket.create_server((LOOPBACK, 0), backlog=128)


@dataclass(frozen=True)
class Received:
    """One message as the mail server got it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)


@dataclass
class SmtpSink:
    """A real SMTP server in a thread. ``answer`` may be set to refuse: it gets the envelope and returns a reply line."""

    received: list[Received] = field(default_factory=list)
    answer: Callable[[Envelope], str] = lambda envelope: "250 OK"
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def wait_for(self, count: int, *, seconds: float = 20) -> list[Received]:
        wait_until(lambda: len(self.received) >= count, seconds=seconds, what=f"{count} messages had arrived")
        return self.received

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.answer(envelope)
        if reply.startswith("2"):
            content = envelope.original_content or b""
            self.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return reply

    def start(self) -> None:
        listener = listening_socket()
        self.port = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: SMTP(self, hostname="smtp-sink", loop=self._loop), sock=listener)
        )
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def gunicorn(listener: socket.socket, environment: dict[str, str], log: Path) -> Child:
    """The product's web server on ``listener``."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--no-control-socket", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "4", "--bind", f"fd://{listener.fileno()}"]
    return Child(
        "web server",
        command,
        log,
        environment,
        kept_open=[listener.fileno()],
        is_ready=lambda: "Booting" in text_of(log),
    )


@dataclass
class Workers:
    """A Celery worker and beat. Kill one with ``worker.process.kill()``, start it again with ``worker.start()``."""

    worker: Child
    beat: Child


def celery_workers(environment: dict[str, str], folder: Path) -> Workers:
    """A worker of two processes, and a beat whose tick is TICK_SECONDS of ``environment``."""
    celery = [sys.executable, "-m", "celery", "--app", "config.celery:app"]
    worker_log, beat_log = folder / "worker.log", folder / "beat.log"
    worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--schedule", str(folder / "beat-schedule"), "--pidfile", "", "--loglevel", "INFO"]
    return Workers(
        Child("Celery worker", worker, worker_log, environment, is_ready=lambda: " ready." in text_of(worker_log)),
        Child("Celery beat", beat, beat_log, environment),
    )


def text_of(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""


def process_environment(*parts: dict[str, str]) -> dict[str, str]:
    """The environment of a test process: the run's own, then ``parts``."""
    merged = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": os.getcwd()}
    for part in parts:
        merged.update(part)
    return merged
