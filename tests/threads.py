"""Two connections at once: work in threads of its own, and somebody who waits for a lock."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import psycopg
from django.db import connection

from tests.processes import wait_until
from tests.servers import TestDatabase

T = TypeVar("T")
PATIENCE = 20
WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


class InThread(Generic[T]):
    """Runs ``work`` at once on a database connection of its own."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._found: list[T] = []
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def result(self) -> T:
        """What the work returned. Raises: what it raised."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"Still at work after {PATIENCE} seconds."
        if self._failure:
            raise self._failure
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as failure:
            self._failure = failure
        finally:
            connection.close()


def all_at_once(works: list[Callable[[], object]]) -> None:
    """Starts every work before it waits for the first."""
    for running in [InThread(work) for work in works]:
        running.result()


def outcomes_of(works: list[Callable[[], object]]) -> list[object]:
    """What each returned or raised, all at work together."""

    def outcome(thread: InThread[object]) -> object:
        try:
            return thread.result()
        except Exception as raised:
            return raised

    return [outcome(thread) for thread in [InThread(work) for work in works]]


def wait_until_somebody_waits_for_a_lock(database: TestDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as watcher:
        wait_until(lambda: watcher.execute(WAITING).fetchone(), what="somebody waited for a lock")
