"""Reads the few settings that differ between installations, from the environment.

A running demo leaves its values in ``.state/runtime.json`` so that ``manage.py`` run by hand beside it
reaches the same servers; a value in the environment always wins.
"""

import hashlib
import json
import os
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parent.parent
STATE_FOLDER = Path(os.environ.get("PORTFOLIO_STATE", ROOT / ".state"))
RUNTIME_FILE = STATE_FOLDER / "runtime.json"
MODES = ("production", "demo", "test")
MINIMUM_SECRET_LENGTH = 32


def _runtime() -> dict[str, str]:
    try:
        return dict(json.loads(RUNTIME_FILE.read_text())["environment"])
    except (FileNotFoundError, NotADirectoryError):
        return {}


_LEFT_BY_A_RUNNING_DEMO = _runtime()


def value(name: str, default: str | None = None) -> str:
    """The setting ``name``, from the environment, a ``NAME_FILE`` or a running demo.

    Raises: ImproperlyConfigured when it is nowhere and there is no default.
    """
    found = os.environ.get(name)
    if found is None and (path := os.environ.get(f"{name}_FILE")):
        found = Path(path).read_text().strip()
    if found is None:
        found = _LEFT_BY_A_RUNNING_DEMO.get(name, default)
    if found is None:
        raise ImproperlyConfigured(f"Set {name} in the environment (docs/operations.md lists every setting).")
    return found


def mode() -> str:
    """``production`` unless told otherwise; ``demo`` and ``test`` allow a moved clock and demo sign-in."""
    found = value("PORTFOLIO_MODE", "production")
    if found not in MODES:
        raise ImproperlyConfigured(f"PORTFOLIO_MODE is {found!r}; use one of {', '.join(MODES)}.")
    return found


def secret_key(for_mode: str) -> str:
    """The signing key. Demo and test have a fixed one; production refuses a missing or short one."""
    if for_mode != "production":
        return value("SECRET_KEY", "not-a-secret-" * 4)
    found = value("SECRET_KEY")
    if len(found) < MINIMUM_SECRET_LENGTH:
        raise ImproperlyConfigured(f"SECRET_KEY is shorter than {MINIMUM_SECRET_LENGTH} characters; make a longer one.")
    return found


def database(url: str, *, pool: bool) -> dict[str, Any]:
    """Django's database settings for a ``postgresql://`` URL; a socket folder goes in ``?host=``."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname") or "portfolio",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": parts.get("port") or "",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}} if pool else {},
    }


def celery_broker(redis_url: str) -> str:
    """Celery's spelling of a Redis URL: a Unix socket is ``redis+socket://`` there."""
    return redis_url.replace("unix://", "redis+socket://", 1) if redis_url.startswith("unix://") else redis_url


def smtp(url: str) -> dict[str, Any]:
    """Host, port, user, password and STARTTLS of an ``smtp://`` or ``smtps://`` URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ImproperlyConfigured(f"SMTP_URL starts with {parts.scheme!r}; use smtp:// or smtps://.")
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or (465 if parts.scheme == "smtps" else 25),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": parse_qs(parts.query).get("starttls", ["0"])[0] == "1",
        "ssl": parts.scheme == "smtps",
    }


def post(database_url: str) -> dict[str, Any]:
    """The post room's times in seconds, how many messages a worker claims at once, and what is asked of those in doubt.

    ``epoch`` is changed by whoever restores a backup; ``marks`` is the file of what the database cannot know of itself.

    A claim is short: what a dead worker had claimed was certainly not sent. The lease of a message in flight outlasts
    the mail server's idle time-out and our own wait for its reply, so that nobody sends after it has ended.
    """
    found: dict[str, Any] = {
        "batch": float(value("POST_BATCH", "25")),
        "claim": float(value("POST_CLAIM_SECONDS", "60")),
        "in_flight": float(value("POST_IN_FLIGHT_SECONDS", "900")),
        "command": float(value("POST_COMMAND_SECONDS", "30")),
        "reply": float(value("POST_REPLY_SECONDS", "300")),
        "run": float(value("POST_RUN_SECONDS", "45")),
        "retry": float(value("POST_RETRY_SECONDS", "60")),
        "longest_retry": float(value("POST_LONGEST_RETRY_SECONDS", "3600")),
        "resolver": _resolver(value("POST_RESOLVER", "")),
        "epoch": value("POST_EPOCH", ""),
        "marks": str(STATE_FOLDER / f"post-{_database_of(database_url)}.json"),
    }
    if found["in_flight"] <= found["reply"]:
        raise ImproperlyConfigured("POST_IN_FLIGHT_SECONDS must be longer than POST_REPLY_SECONDS.")
    return found


def _database_of(url: str) -> str:
    """A short name of the database that is the same at every start, on a socket wherever that is."""
    parts = conninfo_to_dict(url)
    host = str(parts.get("host") or "")
    named = (host if not host.startswith("/") else "", parts.get("port"), parts.get("dbname"))
    return hashlib.sha256(repr(named).encode()).hexdigest()[:12]


def _resolver(url: str) -> str:
    """Empty, ``file:///path/of/mail.log*`` or ``https://...``; plain http on this machine alone."""
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if url and not is_here and parts.scheme not in ("file", "https"):
        raise ImproperlyConfigured("POST_RESOLVER is neither file:///path of a mail log nor https://.")
    return url


def sender(text: str) -> str:
    """A sender address such as ``Portfolio <portfolio@example.org>``, refused when it has no mailbox."""
    if "@" not in parseaddr(text)[1]:
        raise ImproperlyConfigured("SENDER is not an e-mail address.")
    return text
