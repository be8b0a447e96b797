"""Which page shows a thing that an audit event is about, and how far lists look. Plain values in, plain values out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from programmes.scheduling.rules import StageDates, days_late

# The page is called with the id of the thing itself ...
PAGE_OF = {
    "portfolio": "portfolio_board",
    "programme": "programme",
    "workstream": "workstream",
    "review": "review",
    "consultation": "consultation",
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


def words_for_stage(stage: StageDates | None, today: date) -> tuple[str, str]:
    """The state of a programme's current stage and how late it is: ("Under way", "12 days late to finish").

    The second is empty when no planned day has passed; without a plan it says so. None is a programme whose stages
    are all finished.
    """
    if stage is None:
        return "Finished", ""
    state = "Under way" if stage.started_on else "Not started"
    if stage.planned_finish_on is None:
        return state, "no planned dates"
    to_finish = days_late(stage.planned_finish_on, None, today)
    to_start = None if stage.started_on else days_late(stage.planned_start_on, None, today)
    late, word = (to_finish, "finish") if to_finish else (to_start, "start")
    return state, f"{late} day{'' if late == 1 else 's'} late to {word}" if late else ""
