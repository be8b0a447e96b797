from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.models import AuditEvent
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.rules import REASON_LENGTH
from programmes.scheduling.changes import move_planned_days, settle_gate_reminders
from programmes.scheduling.models import Stage
from programmes.scheduling.operations.locking import locked_programme
from programmes.scheduling.permissions import check_can_run_stages
from programmes.scheduling.queries import gates_of
from programmes.scheduling.rules import (
    PlanDays,
    StageDates,
    StepKind,
    check_finish,
    check_skip,
    check_start,
    check_take_up,
    check_undo,
    fingerprint_of,
    replan,
)

DATES = ("planned_start_on", "planned_finish_on", "started_on", "finished_on")
PARTS = {
    "planned_start_on": "the planned start",
    "planned_finish_on": "the planned finish",
    "started_on": "the start",
    "finished_on": "the finish",
    "is_active": "whether it is skipped",
}


@dataclass(frozen=True, slots=True)
class StagePlan:
    """The planned days of one stage, and the version of it that the planner read."""

    stage_id: UUID
    version: int
    planned_start_on: date | None
    planned_finish_on: date | None


@transaction.atomic(durable=True)
def plan_stages(
    *,
    programme_id: UUID,
    plans: Sequence[StagePlan],
    by: User,
    now: datetime,
    move_following: bool = False,
    expected: str | None = None,
) -> list[StageDates]:
    """Plan some or all stages of one programme; returns all of them. Nothing is written when nothing changes.

    A day that is not worked becomes the next one that is. With ``move_following`` the stages that follow move along, as
    ``rules.replan`` says; ``expected`` is the ``rules.fingerprint_of`` the moves that the planner looked at. Stages may be
    planned to overlap: that is a warning (``rules.plan_warnings``).

    Raises: NotPermitted; Conflict, naming who changed what, when a stage that changes has another version, or when
    something else would move than was looked at; Refused when the programme ended, for a finish before its start, one
    day without the other, stages out of their order, days of a skipped stage, a stage of another programme or one
    planned twice.
    """
    programme, stages = _locked(programme_id)
    check_can_run_stages(by, programme)
    check_runs(programme)
    if len({plan.stage_id for plan in plans}) < len(plans):
        raise Refused("A stage is planned twice. Plan each stage once.")
    for plan in plans:
        stage = _one_of(stages, plan.stage_id)
        wanted = (plan.planned_start_on, plan.planned_finish_on)
        if wanted != (stage.planned_start_on, stage.planned_finish_on) and plan.version != stage.version:
            raise _changed_meanwhile(programme, stage, plan.version)
    moved = replan(
        [stage.dates for stage in stages],
        {plan.stage_id: (plan.planned_start_on, plan.planned_finish_on) for plan in plans},
        PlanDays(working_calendar()),
        move_following=move_following,
    )
    if expected is not None and expected != fingerprint_of(moved):
        raise Conflict("Something else would move now than when you looked at it. Nothing is saved yet: look again.")
    if moved:
        before = {stage.pk: _days(stage) for stage in stages}
        changed = move_planned_days(stages, moved, by=by, now=now)
        entered = [stage.title for stage in changed if any(m.is_entered and m.stage.id == stage.pk for m in moved)]
        along = [stage.title for stage in changed if stage.title not in entered]
        record(
            by=by,
            now=now,
            action="scheduling.plan_stages",
            subject=programme,
            scope_id=programme.scope_id,
            summary=f"planned {listed(entered)} of {programme.name}"
            + (f", which moved {listed(along)}" if along else ""),
            before={stage.kind: before[stage.pk] for stage in changed},
            after={stage.kind: _days(stage) for stage in changed},
        )
    return [stage.dates for stage in stages]


@transaction.atomic(durable=True)
def start_stage(*, programme_id: UUID, stage_id: UUID, on: date, by: User, now: datetime) -> StageDates:
    """Record the day on which a stage started.

    Raises: NotPermitted; Refused when the programme ended, the stage has started, the one before it is not finished or
    finished later, the day lies in the future, or the gate before it is not passed by then.
    """
    programme, stages = _locked(programme_id)
    check_can_run_stages(by, programme)
    stage = _one_of(stages, stage_id)
    check_runs(programme)
    gates = gates_of([programme.pk]).get(stage.pk, [])
    check_start([each.dates for each in stages], stage.dates, gates=gates, on=on, today=local_date(now))
    before = _days(stage)
    stage.started_on = on
    _save(stage)
    settle_gate_reminders([programme.pk], now=now)
    record(
        by=by,
        now=now,
        action="scheduling.start_stage",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"started {stage} of {programme.name} on {words_for_date(on)}",
        before={stage.kind: before},
        after={stage.kind: _days(stage)},
    )
    return stage.dates


@transaction.atomic(durable=True)
def finish_stage(*, programme_id: UUID, stage_id: UUID, on: date, by: User, now: datetime) -> StageDates:
    """Record the day on which a stage finished.

    Raises: NotPermitted; Refused when it has not started, has finished, or the day lies before the start or in the
    future.
    """
    programme, stages = _locked(programme_id)
    check_can_run_stages(by, programme)
    stage = _one_of(stages, stage_id)
    check_finish(stage.dates, on=on, today=local_date(now))
    before = _days(stage)
    stage.finished_on = on
    _save(stage)
    record(
        by=by,
        now=now,
        action="scheduling.finish_stage",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"finished {stage} of {programme.name} on {words_for_date(on)}",
        before={stage.kind: before},
        after={stage.kind: _days(stage)},
    )
    return stage.dates


@transaction.atomic(durable=True)
def undo_stage_step(
    *, programme_id: UUID, stage_id: UUID, step: StepKind, reason: str, by: User, now: datetime
) -> StageDates:
    """Take back the latest step, recorded by mistake or for the wrong day. ``step`` makes a repeat harmless.

    Raises: NotPermitted; Refused without a reason, or when this is not the step recorded last.
    """
    programme, stages = _locked(programme_id)
    check_can_run_stages(by, programme)
    stage = _one_of(stages, stage_id)
    why = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    check_undo([each.dates for each in stages], stage.dates, step=step)
    before = _days(stage)
    if step == "finish":
        stage.finished_on = None
    else:
        stage.started_on = None
    _save(stage)
    settle_gate_reminders([programme.pk], now=now)
    record(
        by=by,
        now=now,
        action="scheduling.undo_stage_step",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"took back the {step} of {stage} of {programme.name}, because: {why}",
        before={stage.kind: before},
        after={stage.kind: _days(stage)},
    )
    return stage.dates


@transaction.atomic(durable=True)
def skip_stage(*, programme_id: UUID, stage_id: UUID, reason: str, by: User, now: datetime) -> StageDates:
    """Go on without a stage that has not started. It keeps its planned days; the order goes on without it.

    Raises: NotPermitted; Refused without a reason, when the programme ended, or when the stage is skipped already, has
    started or is the only one left.
    """
    return _make_active(False, programme_id, stage_id, reason, by=by, now=now)


@transaction.atomic(durable=True)
def take_up_stage(*, programme_id: UUID, stage_id: UUID, reason: str, by: User, now: datetime) -> StageDates:
    """Take up a skipped stage again, with the planned days that it had.

    Raises: NotPermitted; Refused without a reason, when the programme ended, when the stage is not skipped, or a later
    one has started.
    """
    return _make_active(True, programme_id, stage_id, reason, by=by, now=now)


def _make_active(
    is_active: bool, programme_id: UUID, stage_id: UUID, reason: str, *, by: User, now: datetime
) -> StageDates:
    programme, stages = _locked(programme_id)
    check_can_run_stages(by, programme)
    check_runs(programme)
    stage = _one_of(stages, stage_id)
    check = check_take_up if is_active else check_skip
    check([each.dates for each in stages], stage.dates)
    why = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    before = {"version": stage.version, "is_active": stage.is_active}
    stage.is_active = is_active
    stage.version += 1
    stage.save(update_fields=["is_active", "version"])
    settle_gate_reminders([programme.pk], now=now)
    record(
        by=by,
        now=now,
        action="scheduling.take_up_stage" if is_active else "scheduling.skip_stage",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"{'took up' if is_active else 'skipped'} {stage} of {programme.name}, because: {why}",
        before={stage.kind: before},
        after={stage.kind: {"version": stage.version, "is_active": is_active}},
    )
    return stage.dates


def _locked(programme_id: UUID) -> tuple[Programme, list[Stage]]:
    """The programme, locked, and its stages in order."""
    programme = locked_programme(programme_id)
    return programme, list(Stage.objects.filter(programme=programme, replaced_at=None).order_by("position", "pk"))


def _one_of(stages: Sequence[Stage], stage_id: UUID) -> Stage:
    for stage in stages:
        if stage.pk == stage_id:
            return stage
    raise Refused("This programme has no such stage. Open its stages again.")


def _days(stage: Stage) -> dict[str, str | int | None]:
    """Values as audit events keep them."""
    days = {name: getattr(stage, name) for name in DATES}
    return {"version": stage.version, **{name: day.isoformat() if day else None for name, day in days.items()}}


def _save(stage: Stage) -> None:
    stage.version += 1
    stage.save(update_fields=[*DATES, "version"])


def _changed_meanwhile(programme: Programme, stage: Stage, version: int) -> Conflict:
    events = changes_since(programme.pk, version, within=stage.kind)
    return changed_meanwhile(stage.title, [(e.actor_name, _parts_changed(e, stage.kind)) for e in events])


def _parts_changed(event: AuditEvent, kind: str) -> list[str]:
    before, after = (event.before or {}).get(kind, {}), (event.after or {}).get(kind, {})
    return [words for part, words in PARTS.items() if before.get(part) != after.get(part)]
