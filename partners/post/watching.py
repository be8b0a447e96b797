"""Sees a clock that jumped and a database that was restored, before anything is sent.

What the database cannot know of itself is kept outside it, in a file of the state folder and, where it answers, in the
broker: the mark of the newest claim, and how the clocks stood. ADR 0022 says why.
"""

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings

from partners.post.operations import holding
from partners.post.queries import database_facts, is_held
from partners.post.rules import LONGEST_JUMP, Reading, words_for_jump

log = logging.getLogger(__name__)
BROKER_SECONDS = 0.5
BROKER_PAUSE_SECONDS = 30.0
BOOT = Path("/proc/sys/kernel/random/boot_id")
_broker_is_let_alone_until = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept outside the database. ``mark`` is 0 where nothing is."""

    mark: int = 0
    reading: Reading | None = None


class Watch:
    """One worker's look at the start of a run, and what it keeps outside the database from then on."""

    def __init__(self, *, now: datetime) -> None:
        """``now`` is business time; the clocks themselves are read here."""
        kept = _kept()  # before the database is read, whose mark is then the newer one
        facts = database_facts()
        self._reading = Reading(
            boot=_boot(), since_boot=_since_boot(), wall=time.time(), database=facts.clock.timestamp()
        )
        self._mark = max(kept.mark, facts.mark)
        self._began_at, self._began = now, time.monotonic()
        if jump := words_for_jump(kept.reading, self._reading, last_beat=facts.last_delivery):
            holding.hold_for_a_jump(words=jump, now=now)
        holding.hold_for_a_restore(facts=facts, mark_outside=kept.mark, now=now)
        self.may_send = not is_held()
        _keep(Kept(self._mark, self._reading))

    def has_jumped(self, now: datetime) -> bool:
        """Whether business time and this process's own time have parted since the run began."""
        passed = timedelta(seconds=time.monotonic() - self._began)
        return abs((now - self._began_at) - passed) > LONGEST_JUMP

    def keep(self, mark: int) -> None:
        """Keep the mark of a claim outside the database, before the first of its messages is handed over."""
        self._mark = max(self._mark, mark)
        _keep(Kept(self._mark, self._reading))


def _kept() -> Kept:
    path = Path(settings.POST["marks"])
    kept = Kept()
    with suppress(FileNotFoundError):
        try:
            found = json.loads(path.read_text())
            kept = Kept(int(found["mark"]), Reading(**found["reading"]) if found["reading"] else None)
        except (OSError, ValueError, KeyError, TypeError) as failure:
            log.warning("%s cannot be read: %s", path, failure)
    in_the_broker = _broker("get", _key(path))
    with suppress(ValueError):
        return replace(kept, mark=max(kept.mark, int(in_the_broker or 0)))
    return kept


def _keep(kept: Kept) -> None:
    path = Path(settings.POST["marks"])
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(kept)))
        unfinished.replace(path)
    except OSError as failure:
        log.warning("%s cannot be written: %s", path, failure)
    _broker("set", _key(path), kept.mark)


def _key(path: Path) -> str:
    return f"portfolio:{path.stem}"


def _broker(command: str, *words: object) -> bytes | None:
    """The broker's answer; none where it is away, and then it is let alone for a while."""
    global _broker_is_let_alone_until
    if time.monotonic() < _broker_is_let_alone_until:
        return None
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        ) as broker:
            answer = broker.execute_command(command, *words)
    except redis.RedisError:
        _broker_is_let_alone_until = time.monotonic() + BROKER_PAUSE_SECONDS
        return None
    return answer if isinstance(answer, bytes) else None


def _boot() -> str:
    """Names the time for which ``since_boot`` counts: that of the machine, else of this process alone."""
    try:
        return BOOT.read_text().strip()
    except OSError:
        return f"process {os.getpid()}"


def _since_boot() -> float:
    """Seconds that no change of the clock moves. Sleep of the machine counts, where the system can say so."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
