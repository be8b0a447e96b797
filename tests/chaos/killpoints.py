"""``make killpoints``: a worker is killed at each named point while one message goes out; shows what became of it.

The last line is one JSON object; the exit status is 1 when a message was lost or doubled, or a point was never reached.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from uuid import UUID

import psycopg

from tests.chaos import points
from tests.chaos.checker import check
from tests.chaos.house import House
from tests.chaos.run import living, opened, show, wait_until_all_is_final

# The sweep has something to do once a worker was killed with a message in flight.
AFTER = {"in the sweep": "after the intent", "while a doubt is settled": "after the intent"}
SECONDS = 60
STORY = """
    SELECT m.state, array_agg(a.outcome ORDER BY a.id) FILTER (WHERE a.id IS NOT NULL)
    FROM partners_message m LEFT JOIN partners_deliveryattempt a ON a.message_id = m.id
    WHERE m.recipient_id = %s AND m.channel = 'email' AND m.digest_id IS NULL GROUP BY m.id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the message of one kill, with the outcome of each pass at it."""

    point: str
    was_reached: bool
    state: str
    passes: list[str]


def main() -> int:
    with (
        opened(limit=len(points.POINTS) * SECONDS + 240) as (servers, folder),
        living(servers, folder, workers=1) as house,
    ):
        planning = import_module("tests.chaos.planning")
        persons, programme = planning.people(len(points.POINTS) + 2)[2:], planning.prepared()
        house.start()
        told = []
        for point, person in zip(points.POINTS, persons, strict=True):
            if point == "in the digest":
                planning.choose_one_mail_a_day(person)
            told.append(_kill(house, point, person.pk, partial(planning.plan, programme, [person])))
            print(_line(told[-1]), flush=True)
        found = check(house.log, house.database.url)
    show(found)
    is_good = found.is_clean and found.accepted == len(told) and all(one.was_reached for one in told)
    print(json.dumps({"points": len(told), "accepted": found.accepted, "in_doubt": found.in_doubt, "good": is_good}))
    return 0 if is_good else 1


def _kill(house: House, point: str, person: UUID, plan: Callable[[], object]) -> Told:
    way = [AFTER[point], point] if point in AFTER else [point]
    before = len(points.struck(house.folder))
    for step in way:
        points.arm(house.folder, step, "kill")
    plan()
    wait_until_all_is_final(house, seconds=SECONDS)
    points.disarm(house.folder)
    with psycopg.connect(house.database.url) as connection:
        row = connection.execute(STORY, [person]).fetchone()
    state, passes = row or ("never queued", [])
    return Told(point, len(points.struck(house.folder)) - before == len(way), state, passes or [])


def _line(told: Told) -> str:
    killed = "killed" if told.was_reached else "NEVER REACHED"
    return f"{told.point:26}{killed:15}{told.state:14}{', '.join(told.passes)}"


if __name__ == "__main__":
    sys.exit(main())
