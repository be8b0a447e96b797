"""Why programmes are exceptions: what each row of the board raises, from what was known on the day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import words_for_date
from portfolio.board.rules import GATE_DAYS, DueGate, Raised, SlippedMilestone, counted
from programmes.overview.queries import ProgrammeRow
from programmes.overview.rules import words_for_stage
from programmes.scheduling.models import (
    DeliveryMilestone,
    DeliveryMilestoneEvent,
    GateOutcome,
    GateReview,
    Stage,
    StageDateMove,
)
from programmes.scheduling.rules import OPENING, PlanDays, slip_of
from programmes.workstreams.rules import Overall


def raised_by(
    programme_ids: RawSQL, rows: Sequence[ProgrammeRow], *, on: date, known_at: datetime, calendar: WorkingCalendar
) -> dict[UUID, list[Raised]]:
    """What each programme that runs raises, in the order of ``rules.SIGNALS``; two queries.

    ``rows`` are those of the day ``on``, as known at ``known_at``.
    """
    gates = _gates(programme_ids, on=on, known_at=known_at)
    slipped = _slipped(programme_ids, on=on, known_at=known_at, calendar=calendar)
    found = {row.id: _raised(row, slipped.get(row.id, []), gates.get(row.id), on) for row in rows if not row.ended_on}
    return {pk: raised for pk, raised in found.items() if raised}


def _raised(row: ProgrammeRow, slipped: list[SlippedMilestone], gate: DueGate | None, on: date) -> list[Raised]:
    stands, found = row.stands, []
    if row.overall == Overall.RED:
        found.append(Raised("red", f"Off track: {stands.source.label.lower()}"))
    if slipped and Overall.GREEN in (row.overall, stands.own):
        found.append(Raised("watermelon", f"On track, but {_slipped_words(slipped)}"))
    if row.rollup.silent:
        found.append(Raised("silent", f"{counted(row.rollup.silent, 'workstream')} silent"))
    if row.is_late(on):
        late = words_for_stage(row.planned_start_on, row.planned_finish_on, row.started_on, today=on)[1]
        found.append(Raised("late", f"{row.stage_title}: {late}"))
    if row.providers_red:
        waiting = counted(row.providers_red, "workstream")
        found.append(Raised("provider", f"{waiting} {'waits' if row.providers_red == 1 else 'wait'} for one off track"))
    if stands.is_diverging and stands.assurance:
        found.append(Raised("diverging", f"Own reports: {stands.own.label}. Assurance: {stands.assurance.words}"))
    if gate:
        when = words_for_date(gate.planned_on)
        review = "" if gate.has_review else ", no gate review yet"
        found.append(Raised("gate", f"Gate to {gate.stage} before {when}{review}"))
    return found


def _slipped_words(slipped: list[SlippedMilestone]) -> str:
    first = max(slipped, key=lambda one: (one.is_overdue, one.working_days, one.name))
    how = "is overdue" if first.is_overdue else "is expected later than agreed"
    return f"{first.name} {how}{f' and {len(slipped) - 1} more slipped' if len(slipped) > 1 else ''}"


def _gates(programme_ids: RawSQL, *, on: date, known_at: datetime) -> dict[UUID, DueGate]:
    until = on + timedelta(days=GATE_DAYS)
    rows = _GATES.rows(programmes=programme_ids, on=on, known_at=known_at, until=until)
    return {programme_id: DueGate(title, day, has_review) for programme_id, title, day, has_review in rows}


def _slipped(
    programme_ids: RawSQL, *, on: date, known_at: datetime, calendar: WorkingCalendar
) -> dict[UUID, list[SlippedMilestone]]:
    found: dict[UUID, list[SlippedMilestone]] = {}
    days = PlanDays(calendar)
    for programme_id, name, baseline, forecast in _SLIPPED.rows(programmes=programme_ids, on=on, known_at=known_at):
        slip = slip_of(baseline_on=baseline, forecast_on=forecast, achieved_on=None, today=on, days=days)
        if slip > 0 or forecast < on:
            found.setdefault(programme_id, []).append(SlippedMilestone(name, slip, forecast < on))
    return found


def _gates_due(programmes: RawSQL, on: RawSQL, known_at: RawSQL, until: RawSQL) -> QuerySet:
    """The gates before the next stages planned to start by a day and not let through, all as known at an instant."""
    not_started = Q(started_on=None) | Q(started_on__gt=on)
    ahead = Stage.objects.filter(not_started, programme__in=programmes, is_active=True, replaced_at=None)
    ahead = ahead.order_by("programme_id", "position").distinct("programme_id")
    moves = StageDateMove.objects.filter(stage=OuterRef("pk"), is_finish=False, recorded_at__gt=known_at).order_by("pk")
    results = GateOutcome.objects.filter(stage=OuterRef("pk"), decided_on__lte=on, recorded_at__lte=known_at)
    return (
        Stage.objects.filter(pk__in=ahead.values("pk"))
        .alias(said=Subquery(results.order_by("-decided_on", "-number").values("result")[:1]))
        .filter(Q(said=None) | ~Q(said__in=OPENING))
        .annotate(
            planned_on=Case(
                When(Exists(moves.order_by()), then=Subquery(moves.values("from_on")[:1])),
                default=F("planned_start_on"),
                output_field=DateField(),
            ),
            has_review=Exists(GateReview.objects.filter(stage=OuterRef("pk"), opened_at__lte=known_at)),
        )
        .filter(planned_on__lte=until)
        .order_by("pk")
        .values_list("programme_id", "title", "planned_on", "has_review")
    )


def _critical_slipped(programmes: RawSQL, on: RawSQL, known_at: RawSQL) -> QuerySet:
    """Critical milestones that were open and late or expected after the day first agreed, all as known at an instant."""
    events = DeliveryMilestoneEvent.objects.filter(milestone=OuterRef("pk"))
    before, after = events.filter(recorded_at__lte=known_at), events.filter(recorded_at__gt=known_at)
    known = DeliveryMilestone.objects.filter(
        Q(dropped_at=None) | Q(dropped_at__gt=known_at),
        programme__in=programmes,
        is_critical=True,
        recorded_at__lte=known_at,
    )
    return (
        known.alias(done_on=Subquery(before.order_by("-pk").values("achieved_on")[:1]))
        .filter(Q(done_on=None) | Q(done_on__gt=on))
        .annotate(
            expected_on=Case(
                When(Exists(after), then=Subquery(after.order_by("pk").values("forecast_from_on")[:1])),
                default=F("forecast_on"),
                output_field=DateField(),
            )
        )
        .filter(Q(expected_on__gt=F("baseline_on")) | Q(expected_on__lt=on))
        .order_by("pk")
        .values_list("programme_id", "name", "baseline_on", "expected_on")
    )


_GATES, _SLIPPED = Statement(_gates_due), Statement(_critical_slipped)
