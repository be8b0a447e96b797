"""Why programmes are exceptions: what each row of the board raises, from what was known on the day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.calendar.rules import WorkingCalendar
from portfolio.board.rules import (
    GATE_DAYS,
    REFUSED,
    NextGate,
    Raised,
    SlippedMilestone,
    counted,
    words_for_conditions,
)
from programmes.overview.queries import ProgrammeRow
from programmes.overview.rules import words_for_stage
from programmes.raid.enums import Origin
from programmes.raid.models import RaidEntry
from programmes.raid.queries import due_known_at, entries_open_at
from programmes.scheduling.models import (
    DeliveryMilestone,
    DeliveryMilestoneEvent,
    GateOutcome,
    GateReview,
    Stage,
    StageDateMove,
)
from programmes.scheduling.rules import PlanDays, slip_of
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import rating_known_at, workstreams_open_at
from programmes.workstreams.rules import Overall


def raised_by(
    programme_ids: RawSQL, rows: Sequence[ProgrammeRow], *, on: date, known_at: datetime, calendar: WorkingCalendar
) -> dict[UUID, list[Raised]]:
    """What each programme that runs raises, in the order of ``rules.SIGNALS``; three queries.

    ``rows`` are those of the day ``on``, as known at ``known_at``.
    """
    gates = _gates(programme_ids, on=on, known_at=known_at)
    slipped = _slipped(programme_ids, on=on, known_at=known_at, calendar=calendar)
    conditions = _conditions(programme_ids, known_at=known_at)
    found = {
        row.id: _raised(row, slipped.get(row.id, []), gates.get(row.id), conditions.get(row.id, []), on)
        for row in rows
        if not row.ended_on
    }
    return {pk: raised for pk, raised in found.items() if raised}


def _raised(
    row: ProgrammeRow, slipped: list[SlippedMilestone], gate: NextGate | None, conditions: list[date], on: date
) -> list[Raised]:
    stands, found = row.stands, []
    if row.overall == Overall.RED:
        found.append(Raised("red", f"Off track: {stands.source.label.lower()}"))
    if slipped and Overall.GREEN in (row.overall, stands.own):
        found.append(Raised("watermelon", f"On track, but {_slipped_words(slipped)}"))
    elif green := [one for one in slipped if one.green_workstream]:
        found.append(Raised("watermelon", _workstreams_words(green)))
    if gate and gate.refused_as:
        found.append(Raised("refused", gate.words))
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
    if conditions:
        found.append(Raised("conditions", words_for_conditions(conditions, on=on)))
    if gate and not gate.refused_as:
        found.append(Raised("gate", gate.words))
    return found


def _slipped_words(slipped: list[SlippedMilestone]) -> str:
    first = _worst(slipped)
    how = "is overdue" if first.is_overdue else "is expected later than agreed"
    return f"{first.name} {how}{f' and {len(slipped) - 1} more slipped' if len(slipped) > 1 else ''}"


def _workstreams_words(green: list[SlippedMilestone]) -> str:
    """Those of the workstream with the worst of them, and how many others there are."""
    name = _worst(green).green_workstream
    others = len({one.green_workstream for one in green}) - 1
    words = _slipped_words([one for one in green if one.green_workstream == name])
    return f"{name} on track, but {words}" + (f"; {counted(others, 'more workstream')} like it" if others else "")


def _worst(slipped: list[SlippedMilestone]) -> SlippedMilestone:
    return max(slipped, key=lambda one: (one.is_overdue, one.working_days, one.name))


def _gates(programme_ids: RawSQL, *, on: date, known_at: datetime) -> dict[UUID, NextGate]:
    until = on + timedelta(days=GATE_DAYS)
    rows = _GATES.rows(programmes=programme_ids, on=on, known_at=known_at, until=until)
    return {
        programme_id: NextGate(title, planned_on, has_review, *((REFUSED[said], decided_on) if said else ()))
        for programme_id, title, planned_on, has_review, said, decided_on in rows
    }


def _slipped(
    programme_ids: RawSQL, *, on: date, known_at: datetime, calendar: WorkingCalendar
) -> dict[UUID, list[SlippedMilestone]]:
    found: dict[UUID, list[SlippedMilestone]] = {}
    days = PlanDays(calendar)
    rows = _SLIPPED.rows(programmes=programme_ids, on=on, known_at=known_at)
    for programme_id, name, baseline, forecast, workstream in rows:
        slip = slip_of(baseline_on=baseline, forecast_on=forecast, achieved_on=None, today=on, days=days)
        if slip > 0 or forecast < on:
            one = SlippedMilestone(name, slip, forecast < on, workstream or "")
            found.setdefault(programme_id, []).append(one)
    return found


def _conditions(programme_ids: RawSQL, *, known_at: datetime) -> dict[UUID, list[date]]:
    """By when each condition is to be met that was not met."""
    found: dict[UUID, list[date]] = {}
    for programme_id, due_on in _CONDITIONS.rows(programmes=programme_ids, known_at=known_at):
        found.setdefault(programme_id, []).append(due_on)
    return found


def _gates_ahead(programmes: RawSQL, on: RawSQL, known_at: RawSQL, until: RawSQL) -> QuerySet:
    """The gates before the next stages that were refused, or that nothing let through before a stage planned to start
    by a day, all as known at an instant."""
    not_started = Q(started_on=None) | Q(started_on__gt=on)
    ahead = Stage.objects.filter(not_started, programme__in=programmes, is_active=True, replaced_at=None)
    ahead = ahead.order_by("programme_id", "position").distinct("programme_id")
    moves = StageDateMove.objects.filter(stage=OuterRef("pk"), is_finish=False, recorded_at__gt=known_at).order_by("pk")
    results = GateOutcome.objects.filter(stage=OuterRef("pk"), decided_on__lte=on, recorded_at__lte=known_at)
    results = results.order_by("-decided_on", "-number")
    return (
        Stage.objects.filter(pk__in=ahead.values("pk"))
        .annotate(
            planned_on=Case(
                When(Exists(moves.order_by()), then=Subquery(moves.values("from_on")[:1])),
                default=F("planned_start_on"),
                output_field=DateField(),
            ),
            has_review=Exists(GateReview.objects.filter(stage=OuterRef("pk"), opened_at__lte=known_at)),
            said=Subquery(results.values("result")[:1]),
            decided_on=Subquery(results.values("decided_on")[:1]),
        )
        .filter(Q(said__in=list(REFUSED)) | Q(said=None, planned_on__lte=until))
        .order_by("pk")
        .values_list("programme_id", "title", "planned_on", "has_review", "said", "decided_on")
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
            ),
            green_workstream=Subquery(_on_track("workstream", known_at).values("name")[:1]),
        )
        .filter(Q(expected_on__gt=F("baseline_on")) | Q(expected_on__lt=on))
        .order_by("pk")
        .values_list("programme_id", "name", "baseline_on", "expected_on", "green_workstream")
    )


def _on_track(workstream: str, known_at: RawSQL) -> QuerySet[Workstream]:
    """The workstream of that id, if it was open and its latest report said green, as known at an instant."""
    found = Workstream.objects.filter(workstreams_open_at(known_at), pk=OuterRef(workstream))
    return found.alias(last_said=rating_known_at("pk", known_at)).filter(last_said=Rating.GREEN)


def _conditions_open(programmes: RawSQL, known_at: RawSQL) -> QuerySet:
    """The conditions of gates that were not met, with their days, all as known at an instant."""
    found = RaidEntry.objects.filter(entries_open_at(known_at), programme__in=programmes, origin=Origin.GATE_CONDITION)
    return found.annotate(was_due_on=due_known_at(known_at)).order_by("pk").values_list("programme_id", "was_due_on")


_GATES, _SLIPPED, _CONDITIONS = Statement(_gates_ahead), Statement(_critical_slipped), Statement(_conditions_open)
