"""One programme with everything that its rooms know of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.queries import holdings_at
from programmes.overview.queries.changes import Change, changes_in, changes_of
from programmes.overview.queries.due import Due, due_in
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS, PlannedStep, open_steps
from programmes.register.models import Lesson, Programme, ProgrammeConstraint
from programmes.register.queries import constraints_of, lessons_of
from programmes.reviews.queries import ReviewRow, reviews_of
from programmes.scheduling.queries import stages_of
from programmes.scheduling.rules import StageDates, current_stage
from programmes.workstreams.permissions import can_report
from programmes.workstreams.queries import (
    OpenAsk,
    WorkstreamRow,
    asks_open,
    reporting_rule,
    with_standing,
    workstream_rows,
    workstreams_visible_to,
    worst_first,
)
from programmes.workstreams.rules import ReportingDays, Rollup, rollup_of

CHANGES_SHOWN = 10
LESSONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Reporting:
    """An open workstream, and whether the reader may report on it."""

    row: WorkstreamRow
    may_report: bool


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds a role, by name; ``role`` reads "Programme manager" or "Read-only, of the portfolio"."""

    role: str
    names: list[str]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of a programme shows. ``last_reported_at`` is the newest report of an open workstream."""

    stages: list[StageDates]
    rollup: Rollup
    last_reported_at: datetime | None
    workstreams: list[Reporting]
    asks: list[OpenAsk]
    reviews: list[ReviewRow]
    due: list[Due]
    constraints: list[ProgrammeConstraint]
    lessons: list[Lesson]
    holdings: list[RoleHolding]
    changes: list[Change]

    @property
    def people(self) -> list[Holders]:
        """The roles that count here, the programme's own first, each with its holders."""
        found: dict[tuple[bool, str], list[str]] = {}
        for held in self.holdings:
            is_above = held.scope.kind == ScopeKind.PORTFOLIO
            found.setdefault((is_above, held.get_role_display()), []).append(held.user.name)
        return [
            Holders(f"{role}, of the portfolio" if is_above else role, names)
            for (is_above, role), names in sorted(found.items())
        ]

    @property
    def managers(self) -> list[str]:
        return [held.user.name for held in self.holdings if held.role == Role.PROGRAMME_MANAGER]


def overview_of(programme: Programme, *, user: User, now: datetime) -> Overview:
    """Everything about a programme that the caller has scoped; thirteen queries for any number of workstreams."""
    reporting = reporting_rule()
    stages = stages_of([programme.pk]).get(programme.pk, [])
    workstreams = _workstreams(programme, user=user, days=reporting.around(now), now=now)
    since = now - timedelta(days=max(CHANGE_DAYS))
    events = changes_in([programme.scope_id], since=since)[:CHANGES_SHOWN]
    return Overview(
        stages=stages,
        rollup=rollup_of([one.row.shown for one in workstreams]),
        last_reported_at=max((at for one in workstreams if (at := one.row.reported_at)), default=None),
        workstreams=workstreams,
        asks=asks_open([programme.pk]),
        reviews=reviews_of([programme.pk], now),
        due=due_in([programme.pk], _steps(programme, stages), reporting=reporting, now=now, days=max(DUE_DAYS)),
        constraints=list(constraints_of(programme)),
        lessons=list(lessons_of(programme)[:LESSONS_SHOWN]),
        holdings=list(holdings_at(programme.scope)),
        changes=changes_of(list(events)),
    )


def _workstreams(programme: Programme, *, user: User, days: ReportingDays, now: datetime) -> list[Reporting]:
    found = workstreams_visible_to(user).filter(programme=programme, closed_at=None)
    workstreams = list(worst_first(with_standing(found, days)))
    rows = workstream_rows(workstreams, now=now)
    return [Reporting(row, can_report(user, one)) for row, one in zip(rows, workstreams, strict=True)]


def _steps(programme: Programme, stages: list[StageDates]) -> list[PlannedStep]:
    """Every planned step of the current stage; the list of what is due leaves out what is far ahead."""
    stage = current_stage(stages)
    if stage is None:
        return []
    found = open_steps(stage.planned_start_on, stage.planned_finish_on, stage.started_on)
    return [PlannedStep(programme.pk, programme.name, stage.title, word, on) for word, on in found]
