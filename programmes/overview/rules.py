"""Which page shows a thing that an audit event is about, and how far lists look. Plain values in, plain values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from partners.clock.rules import local_date
from programmes.scheduling.rules import days_late

# The page is called with the id of the thing itself ...
PAGE_OF = {
    "portfolio": "portfolio_board",
    "programme": "programme",
    "workstream": "workstream",
    "review": "review",
    "consultation": "consultation",
    "engagement": "engagement",
    "saving": "saving",
    "requirementestimate": "estimate",
    "scenario": "scenario",
    "relationship": "relationship",
    "office": "office",
    "decision": "decision",
    "gatereview": "gate_review",
    "raidentry": "raid_entry",
    "deliverymilestone": "milestone",
    "lifecycle": "life_cycle",
}
# ... or with the id of its programme.
PAGE_OF_PROGRAMME_OF = {
    "assurancerating": "ratings_of_programme",
    "ratingoverride": "ratings_of_programme",
    "stage": "stages_of_programme",
    "programmeconstraint": "constraints_of_programme",
    "lesson": "lessons_of_programme",
    "position": "positions_of_programme",
    "bid": "bids_of_programme",
    "acknowledgement": "acknowledgements_of_programme",
    "programmeimport": "imports_of_programme",
}
DUE_DAYS = (14, 30)
CHANGE_DAYS = (7, 30)
ROUTINE_WORDS = "Show reports that keep their rating and ask for nothing"


@dataclass(frozen=True, slots=True)
class AskedChanges:
    """How many days to look back (30 unless given), and whether reports that say nothing new are wanted."""

    given_days: int | None = None
    with_routine: bool = False

    @property
    def days(self) -> int:
        return self.given_days or max(CHANGE_DAYS)

    @property
    def is_narrowed(self) -> bool:
        return self.days != max(CHANGE_DAYS) or self.with_routine

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)


class EventKind(StrEnum):
    """What an event of a programme's story is about; of those of one act the earlier kind is told first."""

    DECISION = "decision"
    PROGRAMME = "programme"
    STAGE = "stage"
    REVIEW = "review"
    CONSULTATION = "consultation"
    WORKSTREAM = "workstream"
    SAVING = "saving"
    BIDDER = "bidder"
    ENGAGEMENT = "engagement"
    ACKNOWLEDGEMENT = "acknowledgement"
    VIEW = "view"
    CONSTRAINT = "constraint"
    LESSON = "lesson"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a programme on a day, recorded then or later.

    ``words`` say what happened and ``detail`` what was said of it, both as people wrote them. ``page`` is the address
    that shows it, empty where there is none.
    """

    on: date
    kind: EventKind
    words: str
    recorded_at: datetime
    page: str = ""
    detail: str = ""
    source: str = ""

    @property
    def recorded_on(self) -> date | None:
        """The UK day on which it was recorded, where that is another."""
        day = local_date(self.recorded_at)
        return day if day != self.on else None

    @property
    def month(self) -> date:
        """The first day of its month."""
        return self.on.replace(day=1)


def in_order(events: Iterable[Event], *, newest_first: bool) -> list[Event]:
    """By day, then by when they were recorded, then by kind."""
    kinds = list(EventKind)
    found = sorted(events, key=lambda event: (event.on, event.recorded_at, kinds.index(event.kind), event.words))
    return found[::-1] if newest_first else found


class DueKind(StrEnum):
    """What is due."""

    STAGE = "stage"
    REVIEW = "review"
    REPORTING = "reporting"
    MILESTONE = "milestone"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A planned start or finish that is not recorded, of the stage that a programme is in."""

    programme_id: UUID
    programme_name: str
    stage: str
    word: str
    on: date


def words_for_stage(
    planned_start_on: date | None, planned_finish_on: date | None, started_on: date | None, *, today: date
) -> tuple[str, str]:
    """The state of an unfinished stage and how late it is: ("Under way", "12 days late to finish").

    The second is empty when no planned day has passed; without a plan it says so.
    """
    state = "Under way" if started_on else "Not started"
    if planned_finish_on is None:
        return state, "no planned dates"
    to_finish = days_late(planned_finish_on, None, today)
    to_start = None if started_on else days_late(planned_start_on, None, today)
    late, word = (to_finish, "finish") if to_finish else (to_start, "start")
    return state, f"{late} day{'' if late == 1 else 's'} late to {word}" if late else ""


def open_steps(
    planned_start_on: date | None, planned_finish_on: date | None, started_on: date | None
) -> list[tuple[str, date]]:
    """The planned days of an unfinished stage whose step is not recorded."""
    steps = [("start", None if started_on else planned_start_on), ("finish", planned_finish_on)]
    return [(word, on) for word, on in steps if on is not None]
