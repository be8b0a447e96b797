"""One programme with everything that its rooms know of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from partners.calendar.rules import as_at
from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.queries import holdings_at
from programmes.decisions.queries import UndecidedRow, undecided
from programmes.engagements.queries import engagements_open_on, relationships_left_by
from programmes.engagements.rules import days_over
from programmes.overview.queries.due import Due, due_in
from programmes.overview.queries.timeline import timeline_of
from programmes.overview.rules import DUE_DAYS, DueKind, Event, EventKind, PlannedStep, open_steps
from programmes.register.models import Position, Programme, ProgrammeConstraint
from programmes.register.queries import constraints_of, positions_of
from programmes.reviews.queries import ReviewRow, reviews_of
from programmes.savings.queries import totals_at
from programmes.savings.rules import Saved
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

EVENTS_SHOWN = 10
POSITIONS_SHOWN = 3
STORY = [kind for kind in EventKind if kind not in (EventKind.VIEW, EventKind.CONSTRAINT)]  # those have own sections


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
class Records:
    """How much is on record of a programme, for the links to it. ``overdue``: past the planned end, and working on."""

    working: int
    overdue: int
    bidders: int
    told: Counter[EventKind]

    def of(self, kind: str) -> int:
        """How many events of this kind its story has."""
        return self.told[EventKind(kind)]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of a programme shows. ``last_reported_at`` is the newest report of an open workstream; ``story``
    the newest events."""

    stages: list[StageDates]
    rollup: Rollup
    last_reported_at: datetime | None
    workstreams: list[Reporting]
    undecided: list[UndecidedRow]
    asks: list[OpenAsk]
    reviews: list[ReviewRow]
    due: list[Due]
    saved: Saved
    constraints: list[ProgrammeConstraint]
    positions: list[Position]
    story: list[Event]
    records: Records
    holdings: list[RoleHolding]

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
    """Everything about a programme that the caller has scoped; the same number of queries however much there is."""
    reporting, when = reporting_rule(programme.scope.parent_id), as_at(None, now=now)
    stages = stages_of([programme.pk]).get(programme.pk, [])
    workstreams = _workstreams(programme, user=user, days=reporting.around(now), now=now)
    story = timeline_of(programme, user=user, when=when, kinds=STORY)
    due = due_in([programme.pk], _steps(programme, stages), reporting=[reporting], now=now, days=max(DUE_DAYS))
    return Overview(
        stages=stages,
        rollup=rollup_of([one.row.shown for one in workstreams]),
        last_reported_at=max((at for one in workstreams if (at := one.row.reported_at)), default=None),
        workstreams=workstreams,
        undecided=undecided([programme.pk], known_at=when.known_at),
        asks=asks_open([programme.pk]),
        reviews=reviews_of([programme.pk], now),
        due=[item for item in due if workstreams or item.kind is not DueKind.REPORTING],
        saved=totals_at([programme.pk], on=when.on, known_at=when.known_at)[programme.pk],
        constraints=list(constraints_of(programme)),
        positions=list(positions_of(programme)[:POSITIONS_SHOWN]),
        story=story[:EVENTS_SHOWN],
        records=_records(programme, story, when.on),
        holdings=list(holdings_at(programme.scope)),
    )


def _records(programme: Programme, story: list[Event], today: date) -> Records:
    working = list(engagements_open_on(programme, today))
    return Records(
        working=len(working),
        overdue=sum(days_over(one.planned_end_on, one.ended_on, today) > 0 for one in working),
        bidders=relationships_left_by(programme).count(),
        told=Counter(event.kind for event in story),
    )


def _workstreams(programme: Programme, *, user: User, days: ReportingDays, now: datetime) -> list[Reporting]:
    found = workstreams_visible_to(user).filter(programme=programme, closed_at=None)
    workstreams = list(worst_first(with_standing(found, days)))
    rows = workstream_rows(workstreams, now=now)
    return [Reporting(row, can_report(user, one)) for row, one in zip(rows, workstreams, strict=True)]


def _steps(programme: Programme, stages: list[StageDates]) -> list[PlannedStep]:
    """Every planned step of the current stage; the list of what is due leaves out what is far ahead."""
    stage = current_stage(stages)
    if stage is None or programme.ended_on:
        return []
    found = open_steps(stage.planned_start_on, stage.planned_finish_on, stage.started_on)
    return [PlannedStep(programme.pk, programme.name, stage.title, word, on) for word, on in found]
