"""``make sabotage``: senders broken on purpose (``sabotaged.py``) must be caught by the checker, and the real one not.

The last line is one JSON object; the exit status is 1 when a broken sender was not caught. ``ONLY="no fence"`` runs one.
"""

import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from importlib import import_module

from tests.chaos import points
from tests.chaos.checker import Found, check
from tests.chaos.house import House, Times
from tests.chaos.run import living, opened, show, wait_until_all_is_final

PEOPLE = 20
SECONDS = 30
LONGEST_FREEZE = 10.0  # longer than both leases of the real sender
PATIENT = Times(idle=25)  # a mail server that still has a frozen worker's connection when it wakes
REAL = "the real sender"


@dataclass(frozen=True, slots=True)
class Attack:
    """What a sender with this mistake does not survive, so many times."""

    point: str
    action: str
    times: int = 1


ATTACKS = {
    "mark before sending": Attack("after the intent", "kill", times=2),
    "send without intent": Attack("after the dot", "kill", times=2),
    "no fence": Attack("before the intent", "freeze"),
    "one lease": Attack("after the intent", "freeze"),
}


def main() -> int:
    """All attacks on the real sender, then each on the sender with the mistake."""
    only = os.environ.get("ONLY")
    chosen = {name: [attack] for name, attack in ATTACKS.items() if only in (None, "", name)}
    ends: dict[str, bool] = {}
    with opened(limit=240 + 120 * len(chosen)) as (servers, folder):
        for name, attacks in (chosen if only else {REAL: list(ATTACKS.values())} | chosen).items():
            is_real = name == REAL
            with living(
                servers,
                folder / name,
                sabotage="" if is_real else name,
                workers=1,
                children=3,
                times=Times() if is_real else PATIENT,
            ) as house:
                found = _attacked(house, attacks)
            ends[name] = found.is_clean if is_real else bool(found.lost or found.duplicates)
            print(f"{name}: {len(found.lost)} lost, {len(found.duplicates)} doubled", flush=True)
            show(found)
    print(json.dumps({"caught": sum(ends.values()) - ends.get(REAL, 0), "of": len(chosen), "as_expected": ends}))
    return 0 if all(ends.values()) else 1


def _attacked(house: House, attacks: list[Attack]) -> Found:
    planning = import_module("tests.chaos.planning")
    strikes = [attack for attack in attacks for _ in range(attack.times)]
    persons, programme = planning.people(PEOPLE * len(strikes)), planning.prepared()
    house.start()
    for number, attack in enumerate(strikes):
        points.arm(house.folder, attack.point, attack.action)
        planning.plan(programme, persons[number * PEOPLE : (number + 1) * PEOPLE])
        pid = _wait_until_struck(house, number)
        if attack.action == "freeze":
            _wait_until_others_sent_all(house, (number + 1) * PEOPLE)
            house.send(pid, signal.SIGCONT)
    wait_until_all_is_final(house, seconds=SECONDS)
    time.sleep(1)  # a process that woke up may still be sending
    return check(house.log, house.database.url)


def _wait_until_struck(house: House, number: int) -> int:
    """The id of the process."""
    until = time.monotonic() + SECONDS
    while len(found := points.struck(house.folder)) <= number and time.monotonic() < until:
        time.sleep(0.05)
    return found[number][2]


def _wait_until_others_sent_all(house: House, count: int) -> None:
    """Or have had enough time for it."""
    until = time.monotonic() + LONGEST_FREEZE
    while time.monotonic() < until and len(house.log.read_text().split("message-id=")) <= count:
        house.keep_alive()
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
