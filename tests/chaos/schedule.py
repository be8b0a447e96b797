"""What goes wrong and when: the same for the same seed."""

import random
from dataclasses import dataclass
from enum import Enum

from tests.chaos.points import POINTS

KILLS_IN_20_000 = 340  # a point that no process reaches in time kills none, so fewer take place
CRASHES_IN_20_000 = 6
FREEZES_IN_20_000 = 12


class Act(Enum):
    """What is done, with the number of the worker or the point that it is done to."""

    KILL_CHILD = "a worker's child is killed"
    KILL_WORKER = "a worker is killed with its children"
    KILL_PARENT = "a worker is killed and its children are left"
    KILL_BEAT = "beat is killed"
    KILL_AT = "a process is killed at a named point"
    FREEZE_CHILD = "a worker's child is frozen"
    FREEZE_WORKER = "a worker is frozen with its children"
    FREEZE_AT = "a process is frozen at a named point"
    CRASH_POSTGRES = "PostgreSQL is shut down at once"
    KILL_POSTGRES = "PostgreSQL is killed"
    KILL_VALKEY = "Valkey is killed"
    FLUSH_VALKEY = "Valkey is emptied"
    KILL_SINK = "the mail server is killed"
    ANSWER = "somebody answers, which ends their need"


SHARES_OF_KILLS = {Act.KILL_AT: 40, Act.KILL_CHILD: 50, Act.KILL_WORKER: 5, Act.KILL_PARENT: 3, Act.KILL_BEAT: 2}
FREEZES = (Act.FREEZE_CHILD, Act.FREEZE_AT, Act.FREEZE_WORKER, Act.FREEZE_AT)


@dataclass(frozen=True, slots=True)
class Event:
    """``at``: seconds from the start. ``number`` picks a worker; ``lasts`` is how long a freeze lasts."""

    at: float
    act: Act
    number: int = 0
    point: str = ""
    lasts: float = 0


def schedule(*, seed: int, people: int, seconds: float, leases: tuple[float, float]) -> list[Event]:
    """Events in order. A freeze outlasts the short lease or both."""
    chance = random.Random(seed)
    scale = people / 20_000
    crashes = max(round(CRASHES_IN_20_000 * scale), 1)
    acts = [
        *chance.choices(
            list(SHARES_OF_KILLS),
            list(SHARES_OF_KILLS.values()),
            k=max(round(KILLS_IN_20_000 * scale), 5),
        ),
        *(FREEZES[n % len(FREEZES)] for n in range(max(round(FREEZES_IN_20_000 * scale), 2))),
        *[Act.CRASH_POSTGRES] * crashes,
        *[Act.KILL_POSTGRES] * (crashes // 3),
        *[Act.KILL_SINK] * crashes,
        *[Act.KILL_VALKEY, Act.FLUSH_VALKEY] * max(crashes // 2, 1),
        *[Act.ANSWER] * (people // 100),
    ]
    events = []
    for act in acts:
        lease = chance.choice(leases)
        events.append(
            Event(
                at=chance.uniform(0, seconds),
                act=act,
                number=chance.randrange(1_000_000),
                point=chance.choice(POINTS) if act in (Act.KILL_AT, Act.FREEZE_AT) else "",
                lasts=lease * chance.uniform(1.1, 1.3),
            )
        )
    return sorted(events, key=lambda event: (event.at, event.number))
