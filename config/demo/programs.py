"""The programs of the product as the demo runs them, and the ports they listen on."""

import contextlib
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from config.embedded.processes import Child, StartFailed

LOOPBACK = "127.0.0.1"
PORTS_TO_TRY = 50
CELERY = (sys.executable, "-m", "celery", "--app", "config.celery:app")


def mailbox(
    environment: Mapping[str, str], folder: Path, logs: Path, smtp: socket.socket, page: socket.socket
) -> Child:
    """The mail server of the demo and the page to read what it got."""
    descriptors = [smtp.fileno(), page.fileno()]
    command = [sys.executable, "-m", "config.demo.mailbox", str(folder), *map(str, descriptors)]
    return Child(
        "Mailbox",
        [*command, environment["PUBLIC_URL"]],
        logs / "mailbox.log",
        environment,
        kept_open=descriptors,
        is_ready=lambda: _answers(port(page)),
    )


def web(environment: Mapping[str, str], logs: Path, listener: socket.socket) -> Child:
    """Two gunicorn processes on ``listener``; threads, because browsers open connections that they do not use."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{listener.fileno()}"]
    command += ["--workers", "2", "--worker-class", "gthread", "--threads", "4"]
    command += ["--no-control-socket", "--access-logfile", "-"]
    return Child(
        "Web server",
        command,
        logs / "web.log",
        environment,
        kept_open=[listener.fileno()],
        is_ready=lambda: _answers(port(listener)),
    )


def worker(environment: Mapping[str, str], logs: Path) -> Child:
    command = [*CELERY, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Child("Celery worker", command, logs / "worker.log", environment)


def beat(environment: Mapping[str, str], logs: Path) -> Child:
    return Child(
        "Celery beat", [*CELERY, "beat", "--pidfile", "", "--loglevel", "INFO"], logs / "beat.log", environment
    )


def listen(wanted: str | None, first: int, setting: str, patience: float = 0) -> socket.socket:
    """A listening socket on the port ``wanted``, else on the first free one from ``first``.

    Waits ``patience`` seconds for the preferred port. Raises: StartFailed.
    """
    if wanted is not None and not wanted.isdecimal():
        raise StartFailed(f"{setting} is {wanted!r}; use a number such as {first}.")
    until = time.monotonic() + patience
    for number in [int(wanted)] if wanted else range(first, first + PORTS_TO_TRY):
        while True:
            with contextlib.suppress(OSError, OverflowError):
                return socket.create_server((LOOPBACK, number), backlog=512)
            if time.monotonic() >= until:
                break
            time.sleep(0.1)
    tried = f"Port {wanted}" if wanted else f"Every port from {first} to {first + PORTS_TO_TRY - 1}"
    raise StartFailed(f"{tried} is in use or not allowed. Choose another: make demo {setting}={first + PORTS_TO_TRY}")


def port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _answers(number: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{number}/", timeout=10):
            return True
    except urllib.error.HTTPError as answer:
        answer.close()
        return True
    except (OSError, ValueError):
        return False
