"""Which page shows a thing that an audit event is about, and how far lists look. Plain values in, plain values out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from programmes.scheduling.rules import days_late

# The page is called with the id of the thing itself ...
PAGE_OF = {
    "portfolio": "portfolio_board",
    "programme": "programme",
    "workstream": "workstream",
    "review": "review",
    "consultation": "consultation",
    "saving": "saving",
    "requirementestimate": "estimate",
    "scenario": "scenario",
}
# ... or with the id of its programme.
PAGE_OF_PROGRAMME_OF = {
    "stage": "stages_of_programme",
    "programmeconstraint": "constraints_of_programme",
    "lesson": "lessons_of_programme",
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


class DueKind(StrEnum):
    """What is due."""

    STAGE = "stage"
    REVIEW = "review"
    REPORTING = "reporting"


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
