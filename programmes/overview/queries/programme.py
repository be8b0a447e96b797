"""One programme with everything that its rooms know of it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from partners.audit.queries import Statement
from partners.calendar.rules import ONE_DAY, as_at
from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.queries import held_at
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.decisions.queries import DecisionRow, UndecidedRow, decisions_taken, undecided
from programmes.engagements.models import Acknowledgement, Bid
from programmes.engagements.queries import engagements_open_on
from programmes.engagements.rules import days_over
from programmes.overview.queries.changes import Change, newest_changes
from programmes.overview.queries.due import Due, due_in
from programmes.overview.queries.rows import ProgrammeRow, programme_rows
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS, DueKind, PlannedStep, open_steps
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.queries import top_risks
from programmes.register.models import Lesson, Position, Programme, ProgrammeConstraint
from programmes.register.queries import constraints_of, positions_of
from programmes.reviews.queries import ReviewRow, reviews_of
from programmes.savings.queries import totals_at
from programmes.savings.rules import Saved
from programmes.scheduling.queries import critical_slipped, gate_readiness, gates_of, stages_of
from programmes.scheduling.rules import Gate, MilestoneDates, StageDates, current_stage
from programmes.scheduling.rules.gates import Readiness
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import can_report
from programmes.workstreams.queries import (
    OpenAsk,
    WorkstreamRow,
    asks_open,
    reporting_rule,
    with_standing,
    workstream_rows,
    worst_first,
)
from programmes.workstreams.rules import ReportingDays

WORKSTREAMS_SHOWN = 12
ASKS_SHOWN = CHANGES_SHOWN = 8
DECISIONS_SHOWN = 2
POSITIONS_SHOWN = RISKS_SHOWN = 3
SERIOUS = 10  # the score from which on a risk is high


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
class NextGate:
    """The gate before the stage that comes next: how ready it is, and what was decided last."""

    stage: StageDates
    readiness: Readiness
    outcome: Gate | None


@dataclass(frozen=True, slots=True)
class Register:
    """How many entries are open in the register. ``serious``: risks that are high after treatment."""

    risks: int
    serious: int
    issues: int
    actions: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Records:
    """How much is on record of a programme, for the links to it. ``overdue``: past the planned end, and working on."""

    working: int
    overdue: int
    bidders: int
    decisions: int
    acknowledgements: int
    lessons: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of a programme shows. ``workstreams`` are the first few, those that need most attention first."""

    row: ProgrammeRow
    stages: list[StageDates]
    next_gate: NextGate | None
    slipped: list[MilestoneDates]
    workstreams: list[Reporting]
    risks: list[RaidEntry]
    register: Register
    undecided: list[UndecidedRow]
    decided: list[DecisionRow]
    asks: list[OpenAsk]
    reviews: list[ReviewRow]
    due: list[Due]
    saved: Saved
    constraints: list[ProgrammeConstraint]
    positions: list[Position]
    changes: list[Change]
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
    reporting, when, ids = reporting_rule(programme.scope.parent_id), as_at(None, now=now), [programme.pk]
    days = reporting.around(now)
    stages = stages_of(ids).get(programme.pk, [])
    (row,) = programme_rows(Programme.objects.filter(pk=programme.pk), days=days, now=now)
    due = due_in(ids, _steps(programme, stages), reporting=[reporting], now=now, days=max(DUE_DAYS))
    since = now - max(CHANGE_DAYS) * ONE_DAY
    return Overview(
        row=row,
        stages=stages,
        next_gate=_next_gate(programme, stages),
        slipped=critical_slipped(programme.pk, None, when.on),
        workstreams=_workstreams(programme, user=user, days=days, now=now),
        risks=top_risks(ids, RISKS_SHOWN).get(programme.pk, []),
        register=_register(programme, when.on),
        undecided=undecided(ids, known_at=when.known_at),
        decided=decisions_taken(ids, until=when.on, known_at=when.known_at, limit=DECISIONS_SHOWN),
        asks=asks_open(ids, limit=ASKS_SHOWN),
        reviews=reviews_of(ids, now),
        due=[item for item in due if row.rollup.total or item.kind is not DueKind.REPORTING],
        saved=totals_at(ids, on=when.on, known_at=when.known_at)[programme.pk],
        constraints=_CONSTRAINTS.objects(programme=programme.pk),
        positions=_POSITIONS.objects(programme=programme.pk),
        changes=newest_changes([programme.scope_id], since=since, limit=CHANGES_SHOWN),
        records=_records(programme, when.on),
        holdings=_HOLDINGS.objects(scope_ids=[programme.scope_id, programme.scope.parent_id]),
    )


def _next_gate(programme: Programme, stages: list[StageDates]) -> NextGate | None:
    """The gate that comes next; none in a programme that has ended, or whose last stage has started."""
    stage = next((stage for stage in stages if stage.is_active and not stage.started_on), None)
    if stage is None or programme.ended_on:
        return None
    outcomes = gates_of([programme.pk]).get(stage.id, [])
    return NextGate(stage, gate_readiness([stage.id]).get(stage.id, Readiness()), next(iter(outcomes), None))


def _register(programme: Programme, today: date) -> Register:
    return Register(*next(iter(_REGISTER.rows(programme=programme.pk, today=today)), (0, 0, 0, 0, 0)))


def _records(programme: Programme, today: date) -> Records:
    working = _WORKING.rows(programme=programme.pk, day=today)
    ((bidders, decisions, acknowledgements, lessons),) = _RECORDS.rows(programme=programme.pk)
    return Records(
        working=len(working),
        overdue=sum(days_over(planned_end_on, ended_on, today) > 0 for planned_end_on, ended_on in working),
        bidders=bidders,
        decisions=decisions,
        acknowledgements=acknowledgements,
        lessons=lessons,
    )


def _workstreams(programme: Programme, *, user: User, days: ReportingDays, now: datetime) -> list[Reporting]:
    workstreams = _first_workstreams(days).objects(programme=programme.pk)
    rows = workstream_rows(workstreams, now=now)
    return [Reporting(row, can_report(user, one, now=now)) for row, one in zip(rows, workstreams, strict=True)]


def _steps(programme: Programme, stages: list[StageDates]) -> list[PlannedStep]:
    """Every planned step of the current stage; the list of what is due leaves out what is far ahead."""
    stage = current_stage(stages)
    if stage is None or programme.ended_on:
        return []
    found = open_steps(stage.planned_start_on, stage.planned_finish_on, stage.started_on)
    return [PlannedStep(programme.pk, programme.name, stage.title, word, on) for word, on in found]


@lru_cache(maxsize=16)
def _first_workstreams(days: ReportingDays) -> Statement:
    """Those that need most attention by these reporting days, which change once or twice in a period."""

    def build(programme: RawSQL) -> QuerySet:
        found = Workstream.objects.filter(programme=programme, closed_at=None).select_related(
            "programme__scope", "lead"
        )
        return worst_first(with_standing(found, days))[:WORKSTREAMS_SHOWN]

    return Statement(build)


def _counts(programme: RawSQL, today: RawSQL) -> QuerySet:
    """In the order of the columns of ``Register``."""
    is_risk, is_action = Q(kind=RaidKind.RISK), Q(kind=RaidKind.ACTION)
    rows = RaidEntry.objects.filter(programme=programme, closed_at=None).order_by()
    scored: QuerySet[Any, Any] = rows.alias(score=F("residual_likelihood") * F("residual_impact")).values("programme")
    counts: QuerySet = scored.annotate(
        risks=Count("pk", filter=is_risk),
        serious=Count("pk", filter=is_risk & Q(score__gte=SERIOUS)),
        issues=Count("pk", filter=Q(kind=RaidKind.ISSUE)),
        actions=Count("pk", filter=is_action),
        overdue=Count("pk", filter=is_action & Q(due_on__lt=today)),
    )
    return counts.values_list("risks", "serious", "issues", "actions", "overdue")


def _on_record(programme: RawSQL) -> QuerySet:
    """How many bids, decisions taken, acknowledgements and lessons there are."""

    def count(rows: QuerySet) -> Coalesce:
        here = rows.filter(programme=OuterRef("pk")).order_by().values("programme")
        return Coalesce(Subquery(here.annotate(n=Count("pk")).values("n")), 0)

    return Programme.objects.filter(pk=programme).values_list(
        count(Bid.objects.all()),
        count(Decision.objects.filter(state=DecisionState.TAKEN)),
        count(Acknowledgement.objects.all()),
        count(Lesson.objects.filter(withdrawn_at=None)),
    )


def _working(programme: RawSQL, day: RawSQL) -> QuerySet:
    return engagements_open_on(programme, day).values_list("planned_end_on", "ended_on")  # type: ignore[arg-type]


def _constraints(programme: RawSQL) -> QuerySet:
    return constraints_of(programme)  # type: ignore[arg-type]


def _positions(programme: RawSQL) -> QuerySet:
    return positions_of(programme)[:POSITIONS_SHOWN]  # type: ignore[arg-type]


_REGISTER, _RECORDS, _WORKING = Statement(_counts), Statement(_on_record), Statement(_working)
_CONSTRAINTS, _POSITIONS, _HOLDINGS = Statement(_constraints), Statement(_positions), Statement(held_at)
