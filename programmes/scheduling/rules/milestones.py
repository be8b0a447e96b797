"""Milestones of delivery: how late one is, in working days, and in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.rules.typed import check_day
from programmes.scheduling.rules.working_days import PlanDays, working_days_words

MILESTONE_NAME_LENGTH = 200
MilestoneState = Literal["achieved", "late", "slipping", "on_track", "dropped"]


@dataclass(frozen=True, slots=True)
class MilestoneDates:
    """One milestone as it stands on ``today``. ``slip``: working days behind the baseline, negative when ahead."""

    id: UUID
    programme_id: UUID
    programme_name: str
    workstream_id: UUID | None
    workstream_name: str
    name: str
    is_critical: bool
    baseline_on: date
    forecast_on: date
    achieved_on: date | None
    is_dropped: bool
    drop_reason: str
    version: int
    today: date
    slip: int

    @property
    def is_open(self) -> bool:
        return not self.is_dropped and self.achieved_on is None

    @property
    def is_overdue(self) -> bool:
        """The day on which it was expected has passed, and nobody says that it is achieved."""
        return self.is_open and self.forecast_on < self.today

    @property
    def state(self) -> MilestoneState:
        if self.is_dropped:
            return "dropped"
        if self.achieved_on:
            return "achieved"
        if self.is_overdue:
            return "late"
        return "slipping" if self.slip > 0 else "on_track"

    @property
    def has_slipped(self) -> bool:
        """Open, and either overdue or expected after the day first agreed."""
        return self.is_open and (self.slip > 0 or self.is_overdue)

    @property
    def words(self) -> str:
        """How it stands, such as "3 working days behind the baseline"."""
        if self.is_dropped:
            return f"Dropped: {self.drop_reason}"
        behind = f"{working_days_words(abs(self.slip))} {'behind' if self.slip > 0 else 'ahead of'} the baseline"
        if self.achieved_on:
            return f"Achieved {behind}" if self.slip else "Achieved as first agreed"
        if self.is_overdue:
            since = f"Overdue since {words_for_date(self.forecast_on)}"
            return f"{since}, {behind}" if self.slip > 0 else since
        return f"Expected {behind}" if self.slip else "Expected as first agreed"


@dataclass(frozen=True, slots=True)
class MilestoneFact:
    """What became of a milestone, in one sentence, and the day that it is about."""

    kind: Literal["milestone_achieved", "milestone_missed", "milestone_moved", "milestone_added", "milestone_dropped"]
    words: str
    on: date


def slip_of(*, baseline_on: date, forecast_on: date, achieved_on: date | None, today: date, days: PlanDays) -> int:
    """Working days behind the baseline: of the day it was achieved, else of the forecast or, once past, of today."""
    return days.between(baseline_on, achieved_on or max(forecast_on, today))


def late_first(milestones: Iterable[MilestoneDates]) -> list[MilestoneDates]:
    """Overdue ones first, critical before others, then those expected soonest; what is achieved or dropped comes last."""
    return sorted(
        milestones, key=lambda m: (not m.is_open, not m.is_overdue, not m.is_critical, m.forecast_on, m.name, str(m.id))
    )


def check_forecast(forecast_on: date) -> None:
    """Raises: Refused for a day that must be a slip of the pen."""
    check_day(forecast_on, field="forecast_on", named="The day expected")


def check_open(*, name: str, achieved_on: date | None, is_dropped: bool) -> None:
    """Raises: Refused unless the milestone is still to come."""
    if is_dropped:
        raise Refused(f"{name} is dropped. Add it again if it is wanted after all.")
    if achieved_on:
        raise Refused(f"{name} was achieved on {words_for_date(achieved_on)}. Take that back first if it is not so.")
