"""Fixtures that every test may use: a real database, and real servers and processes where a test asks for them.

``db`` (the default) rolls back after each test. ``own_database`` is a fresh clone with real commits, for real workers,
live servers and threads. ``web_server``, ``workers`` and ``smtp_sink`` are real processes on such a clone.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
import pytest
from django.core.cache import cache
from django.db import connections

from config.embedded.processes import Child
from tests.processes import (
    SmtpSink,
    Workers,
    celery_workers,
    gunicorn,
    listening_socket,
    process_environment,
)
from tests.servers import TestDatabase, TestServers

SERVERS = TestServers()
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()  # after the servers are named, before any test module imports a model

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None
)
NO_CHROMIUM = "Chromium is not installed"
REAL_COMMITS = "A flush by TRUNCATE is refused on append-only tables; use the fixture own_database for real commits."


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "journey: drives a real browser (needs Chromium)")
    config.addinivalue_line("markers", "prove: a large harness, left out of `make test`")
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        SERVERS.share_with_workers()


def pytest_unconfigure() -> None:
    SERVERS.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("journey") and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    left_out = sum(NO_CHROMIUM in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if left_out:
        terminalreporter.write_line(
            f"BROWSER JOURNEYS LEFT OUT: {left_out}. CHROMIUM IS NOT INSTALLED."
            " INSTALL IT: apt-get install --no-install-recommends chromium fonts-liberation",
            red=True,
            bold=True,
        )


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("django_db")
    if marker and (marker.kwargs.get("transaction") or marker.kwargs.get("reset_sequences") or any(marker.args)):
        pytest.fail(REAL_COMMITS, pytrace=False)


@pytest.fixture(autouse=True)
def marks_of_its_own(settings: Any) -> None:
    """What the post room keeps outside the database stays, where the rows of a test are rolled back."""
    settings.POST = {**settings.POST, "marks": str(SERVERS.folder / "marks" / f"post-{uuid4().hex}.json")}


@pytest.fixture
def transactional_db() -> None:
    pytest.fail(REAL_COMMITS, pytrace=False)


@pytest.fixture(scope="session")
def live_server() -> None:
    pytest.fail("Use the fixture web_server: a real gunicorn on a database of its own.", pytrace=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser."""
    return CHROMIUM or pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="session")
def servers() -> TestServers:
    """The PostgreSQL and Valkey of this run, started."""
    SERVERS.start()
    return SERVERS


@pytest.fixture(scope="session")
def django_db_setup(servers: TestServers, django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """One clone of the migrated template for this process, in place of Django's own test database."""
    with servers.fresh_database() as database, _connected_to(database, django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def _empty_valkey() -> Iterator[None]:
    """No test meets the cache or the queue of another."""
    yield
    if SERVERS.is_started and SERVERS.valkey and SERVERS.valkey.is_running():
        cache.clear()


@pytest.fixture
def own_database(
    servers: TestServers, request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[TestDatabase]:
    """A fresh database with real commits; this process (every thread of it) works on it too."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("A test uses db or own_database, not both.", pytrace=False)
    with servers.fresh_database() as database, _connected_to(database, django_db_blocker), django_db_blocker.unblock():
        yield database


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """A real mail server that records what it gets; this process sends to it too."""
    sink = SmtpSink()
    sink.start()
    settings.SMTP_URL = sink.url
    settings.SMTP = {**settings.SMTP, "host": "127.0.0.1", "port": sink.port}
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    yield sink
    sink.stop()


@dataclass(frozen=True)
class WebServer:
    """A live gunicorn. ``url`` has no slash at its end."""

    url: str
    process: Child


@pytest.fixture
def web_server(own_database: TestDatabase, smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[WebServer]:
    with listening_socket() as listener:
        url = f"http://localhost:{listener.getsockname()[1]}"
        environment = process_environment(own_database.environment, {"SMTP_URL": smtp_sink.url, "PUBLIC_URL": url})
        process = gunicorn(listener, environment, tmp_path / "web.log")
        process.start()
        try:
            yield WebServer(url, process)
        finally:
            process.stop()


@pytest.fixture
def workers(own_database: TestDatabase, smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[Workers]:
    """A real Celery worker and a beat that ticks each second, sending to ``smtp_sink``."""
    environment = process_environment(own_database.environment, {"SMTP_URL": smtp_sink.url, "TICK_SECONDS": "1"})
    started = celery_workers(environment, tmp_path)
    try:
        started.worker.start()
        started.beat.start()
        yield started
    finally:
        started.beat.stop()
        started.worker.stop()


@contextlib.contextmanager
def _connected_to(database: TestDatabase, blocker: Any) -> Iterator[None]:
    """Points Django's connections, in this thread and in new ones, at ``database``."""
    settings = connections.settings["default"]
    before = settings["NAME"]
    with blocker.unblock():
        connections.close_all()
    settings["NAME"] = database.name
    try:
        yield
    finally:
        with blocker.unblock():
            connections.close_all()
        settings["NAME"] = before
