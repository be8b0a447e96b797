"""One run: rows are planned, everything that sends is broken by the schedule, then all is let come to its end."""

import contextlib
import heapq
import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psycopg
from django.db import connections

from tests.chaos import points
from tests.chaos.checker import Found, check
from tests.chaos.house import House, OwnServers
from tests.chaos.schedule import Act, Event, schedule

FAULTS = {
    "busy": 0.02,
    "closing": 0.005,
    "drop_after_data": 0.005,
    "drop_after_dot": 0.004,
    "drop_after_acceptance": 0.004,
    "full": 0.01,
    "content_refused": 0.002,
    "slow": 0.0005,
    "slow_answer": 0.0005,
}
FIRST_SECONDS = 12
PEOPLE_A_SECOND = 150
WAVES = 10
SHARE_IN_WHICH_IT_FALLS_DUE = 0.8
FINDINGS_SHOWN = 10
UNFINISHED = """
    SELECT (SELECT count(*) FROM partners_message WHERE state IN ('pending', 'claimed', 'in_flight', 'in_doubt'))
        + (SELECT count(*) FROM programmes_plannedreminder WHERE state = 'planned')
"""


def run(*, people: int, seed: int, has_broker: bool = True, keeps_logs: bool = False) -> int:
    """The exit status. Prints what happens, and the result as JSON on the last line."""
    seconds = FIRST_SECONDS + people / PEOPLE_A_SECOND
    began = time.monotonic()
    with (
        opened(limit=4 * seconds + 240, keeps_logs=keeps_logs) as (servers, folder),
        living(servers, folder, seed=seed, faults=FAULTS, workers=3, has_broker=has_broker) as house,
    ):
        found, more = _broken(house, people=people, seconds=seconds)
    show(found)
    print(json.dumps(result(found, more | {"total_seconds": round(time.monotonic() - began, 1)})))
    return 0 if found.is_clean else 1


@contextlib.contextmanager
def opened(
    *, limit: float, keeps_logs: bool = False, servers_of_the_run: type[OwnServers] = OwnServers
) -> Iterator[tuple[OwnServers, Path]]:
    """Servers and a folder, gone at the end. Raises: TimeoutError in the block once so many seconds have passed."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    servers = servers_of_the_run()
    try:
        with _bounded(limit):
            servers.start()
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
            django.setup()
            yield servers, folder
    finally:
        servers.stop()
        if keeps_logs:
            print(f"The logs are in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def living(servers: OwnServers, folder: Path, **options: Any) -> Iterator[House]:
    """A house on a database of its own, at which this process's Django looks too; not started. Stopped at the end."""
    with servers.fresh_database() as database:
        connections.settings["default"]["NAME"] = database.name
        house = House(servers, database, folder, **options)
        try:
            yield house
        finally:
            connections.close_all()
            house.stop()


def result(found: Found, more: dict[str, object]) -> dict[str, object]:
    first = {
        "recipients": found.recipients,
        "accepted": found.accepted,
        "lost": len(found.lost),
        "duplicates": len(found.duplicates),
        "in_doubt": found.in_doubt,
        "unresolved": len(found.unresolved),
    }
    rest = {"wrong": len(found.wrong), "duplicates_recorded_as_doubt": len(found.recorded_duplicates)}
    return first | more | rest | {"states": found.states}


def show(found: Found) -> None:
    """The first few of each kind of fault."""
    for kind in ("lost", "duplicates", "unresolved", "wrong"):
        findings = getattr(found, kind)
        for finding in findings[:FINDINGS_SHOWN]:
            print(f"{kind}: {finding}")
        if len(findings) > FINDINGS_SHOWN:
            print(f"{kind}: and {len(findings) - FINDINGS_SHOWN} more")


def wait_until_all_is_final(house: House, *, seconds: float) -> bool:
    """Keeps what sends alive meanwhile; False when time ran out first."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        house.keep_alive()
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(house.database.url) as connection:
            if connection.execute(UNFINISHED).fetchall() == [(0,)]:
                return True
        time.sleep(0.3)
    return False


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError(f"The run did not end within {seconds:.0f} seconds.")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(int(seconds))
    try:
        yield
    finally:
        signal.alarm(0)


def _broken(house: House, *, people: int, seconds: float) -> tuple[Found, dict[str, object]]:
    planning = import_module("tests.chaos.planning")
    persons, programme = planning.people(people), planning.prepared()
    house.start()
    planned_in = planning.plan(programme, persons, seconds=seconds * SHARE_IN_WHICH_IT_FALLS_DUE, waves=WAVES)
    with psycopg.connect(house.database.owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    print(f"{people:,} reminders planned in {planned_in:.2f} s; {seconds:.0f} seconds of faults follow.", flush=True)
    began = time.monotonic()
    storm = Storm(house, answer=lambda number: planning.answer(persons[number % people]))
    leases = (house.times.claim, house.times.in_flight)
    storm.blow(schedule(seed=house.seed, people=people, seconds=seconds, leases=leases))
    print(f"The faults have ended: {dict(storm.done)}.", flush=True)
    is_over = wait_until_all_is_final(house, seconds=60 + people / 100)
    took = time.monotonic() - began
    if not is_over:
        print("Time ran out before every message had come to its end.")
    found = check(house.log, house.database.url)
    return found, {
        "kills": storm.kills,
        "seconds": round(took, 1),
        "mails_per_second": round(found.accepted / took, 1),
        "postgres_crashes": storm.done["PostgreSQL is shut down at once"] + storm.done["PostgreSQL is killed"],
        "sink_kills": storm.done["the mail server is killed"],
        "valkey_kills": storm.done["Valkey is killed"],
        "valkey_flushes": storm.done["Valkey is emptied"],
        "freezes": storm.freezes,
        "planned_in_seconds": round(planned_in, 2),
    }


class Storm:
    """Does what the schedule says, and counts what was done."""

    def __init__(self, house: House, *, answer: Callable[[int], bool]) -> None:
        self.house = house
        self.answer = answer
        self.done: Counter[str] = Counter()
        self.frozen: list[tuple[float, int]] = []
        self.lasts: dict[str, float] = {}
        self._seen = 0

    @property
    def kills(self) -> int:
        """SIGKILLs of workers, their children and beat."""
        acts = (Act.KILL_CHILD, Act.KILL_WORKER, Act.KILL_PARENT, Act.KILL_BEAT)
        return sum(self.done[act.value] for act in acts) + self._struck("kill")

    @property
    def freezes(self) -> int:
        return self.done[Act.FREEZE_CHILD.value] + self.done[Act.FREEZE_WORKER.value] + self._struck("freeze")

    def blow(self, events: list[Event]) -> None:
        began = time.monotonic()
        for event in events:
            while (wait := began + event.at - time.monotonic()) > 0:
                self._tend()
                time.sleep(min(wait, 0.1))
            if self._do(event):
                self.done[event.act.value] += 1
        points.disarm(self.house.folder)
        while self.frozen or self._tend():
            self._tend()
            time.sleep(0.1)
        self.house.calm()

    def _tend(self) -> bool:
        """Wakes what has been frozen for long enough, notes what froze at a point, starts again what died."""
        found = points.struck(self.house.folder)
        for action, point, pid in found[self._seen :]:
            if action == "freeze":
                heapq.heappush(self.frozen, (time.monotonic() + self.lasts.get(point, 1), pid))
        self._seen = len(found)
        while self.frozen and self.frozen[0][0] <= time.monotonic():
            self.house.send(heapq.heappop(self.frozen)[1], signal.SIGCONT)
        self.house.keep_alive()
        return bool(self.frozen)

    def _struck(self, action: str) -> int:
        return sum(struck[0] == action for struck in points.struck(self.house.folder))

    def _do(self, event: Event) -> bool:
        house, number = self.house, event.number
        sender = house.senders[number % len(house.senders)]
        match event.act:
            case Act.KILL_CHILD:
                pool = house.pool_of(number)
                return bool(pool) and house.send(pool[number % len(pool)], signal.SIGKILL)
            case Act.KILL_WORKER:
                return house.send_to_group(sender, signal.SIGKILL)
            case Act.KILL_PARENT:
                return sender.process is not None and house.send(sender.process.pid, signal.SIGKILL)
            case Act.KILL_BEAT:
                return house.send_to_group(house.beat, signal.SIGKILL)
            case Act.KILL_AT:
                points.arm(house.folder, event.point, "kill")
            case Act.FREEZE_AT:
                self.lasts[event.point] = event.lasts
                points.arm(house.folder, event.point, "freeze")
            case Act.FREEZE_CHILD:
                pool = house.pool_of(number)
                return bool(pool) and self._freeze(pool[number % len(pool)], event.lasts)
            case Act.FREEZE_WORKER:
                pids = [*house.pool_of(number), *([sender.process.pid] if sender.process else [])]
                return any([self._freeze(pid, event.lasts) for pid in pids])  # noqa: C419 - each of them is frozen
            case Act.CRASH_POSTGRES:
                house.crash_postgres(signal.SIGQUIT)
            case Act.KILL_POSTGRES:
                house.crash_postgres(signal.SIGKILL)
            case Act.KILL_VALKEY:
                house.kill_valkey()
            case Act.FLUSH_VALKEY:
                return house.flush_valkey()
            case Act.KILL_SINK:
                house.kill_sink()
            case Act.ANSWER:
                return self.answer(number)
        return True

    def _freeze(self, pid: int, lasts: float) -> bool:
        if not self.house.send(pid, signal.SIGSTOP):
            return False
        heapq.heappush(self.frozen, (time.monotonic() + lasts, pid))
        return True
