"""The order of a programme's stages: what is planned, what has happened, and what may come next.

Stages come as a sequence in the order of the life cycle, all days inclusive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, TypeVar
from uuid import UUID

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.rules.typed import check_day

OPENING = ("proceed", "with_conditions", "waived")
NOT_STARTED, UNDER_WAY, FINISHED = "not_started", "under_way", "finished"
StepKind = Literal["start", "finish"]


@dataclass(frozen=True, slots=True)
class StageDates:
    """One stage of one programme."""

    id: UUID
    position: int
    kind: str
    title: str
    planned_start_on: date | None = None
    planned_finish_on: date | None = None
    started_on: date | None = None
    finished_on: date | None = None
    version: int = 1
    is_active: bool = True

    @property
    def state(self) -> str:
        if self.finished_on:
            return FINISHED
        return UNDER_WAY if self.started_on else NOT_STARTED


@dataclass(frozen=True, slots=True)
class Gate:
    """What was decided at the gate before one stage, by whom, and the gate review that informed it."""

    stage_id: UUID
    number: int
    result: str
    title: str
    conditions: str
    decided_on: date
    decision_id: UUID
    office_title: str
    holder_name: str
    recorded_at: datetime
    waiver_reason: str = ""
    review_id: UUID | None = None

    @property
    def opens(self) -> bool:
        return self.result in OPENING


@dataclass(frozen=True, slots=True)
class Step:
    """The start or the finish of one stage."""

    stage: StageDates
    kind: StepKind


Dates = TypeVar("Dates", bound=StageDates)


def current_stage(stages: Sequence[Dates]) -> Dates | None:
    """The stage that a programme is in: the first active one not finished, started or not; None when all are."""
    return next((stage for stage in stages if stage.is_active and not stage.finished_on), None)


def next_step(stages: Sequence[StageDates]) -> Step | None:
    """The one step that may be recorded next; None when every stage is finished."""
    stage = current_stage(stages)
    return Step(stage, "finish" if stage.started_on else "start") if stage else None


def last_step(stages: Sequence[StageDates]) -> Step | None:
    """The step recorded last in the order of the life cycle, the only one that can be undone."""
    stage = next((stage for stage in reversed(stages) if stage.started_on), None)
    return Step(stage, "finish" if stage.finished_on else "start") if stage else None


def check_plan(stage: StageDates) -> None:
    """Raises: Refused unless the plan is empty or has a start and, on that day or later, a finish."""
    start, finish = stage.planned_start_on, stage.planned_finish_on
    for day, field, word in (
        (start, f"planned_start_{stage.kind}", "start"),
        (finish, f"planned_finish_{stage.kind}", "finish"),
    ):
        if day is not None:
            check_day(day, field=field, named=f"The planned {word} of {stage.title}")
    if (start is None) != (finish is None):
        field = f"planned_{'start' if start is None else 'finish'}_{stage.kind}"
        raise Refused(f"Give both planned days of {stage.title}, or leave both empty.", field=field)
    if start is not None and finish is not None and finish < start:
        raise Refused(
            f"{stage.title} is planned to finish before it starts on {words_for_date(start)}. Choose a later finish.",
            field=f"planned_finish_{stage.kind}",
        )


def check_order_of_plans(stages: Sequence[StageDates]) -> None:
    """Raises: Refused when an active stage is planned to start, or to finish, before one that comes earlier is.

    Planned stages may overlap: that is a warning (``plan_warnings``).
    """
    planned = [stage for stage in stages if stage.is_active and stage.planned_start_on and stage.planned_finish_on]
    for earlier, later in pairwise(planned):
        for word, first, second in (
            ("start", earlier.planned_start_on, later.planned_start_on),
            ("finish", earlier.planned_finish_on, later.planned_finish_on),
        ):
            if first and second and second < first:
                raise Refused(
                    f"{later.title} is planned to {word} on {words_for_date(second)}, before {earlier.title} is planned "
                    f"to {word} on {words_for_date(first)}. Stages come in this order: plan {later.title} to {word} on "
                    f"that day or later, or {earlier.title} earlier.",
                    field=f"planned_{word}_{later.kind}",
                )


def gate_on(gates: Iterable[Gate], day: date) -> Gate | None:
    """What was decided last at the gate of one stage by this day (inclusive); None when nothing was."""
    return max((gate for gate in gates if gate.decided_on <= day), key=_order_of_gates, default=None)


def check_skip(stages: Sequence[StageDates], stage: StageDates) -> None:
    """Raises: Refused when the stage is skipped already, has started, or is the last one left."""
    if not stage.is_active:
        raise Refused(f"{stage.title} is skipped already.")
    if stage.started_on:
        raise Refused(
            f"{stage.title} started on {words_for_date(stage.started_on)}. Only a stage that has not started is skipped."
        )
    if not any(other.is_active and other.id != stage.id for other in stages):
        raise Refused(f"{stage.title} is the only stage left. A programme goes through at least one.")


def check_take_up(stages: Sequence[StageDates], stage: StageDates) -> None:
    """Raises: Refused when the stage is not skipped, or a later one has started."""
    if stage.is_active:
        raise Refused(f"{stage.title} is not skipped.")
    later = next((other for other in stages if other.position > stage.position and other.started_on), None)
    if later:
        raise Refused(f"{later.title} has started, and {stage.title} comes before it. Take back that start first.")


def check_start(
    stages: Sequence[StageDates], stage: StageDates, *, gates: Iterable[Gate], on: date, today: date
) -> None:
    """``gates`` holds everything that was decided at the gate before this stage.

    Raises: Refused when it has started, when the stage before it is not finished, for a day that cannot be, or when
    the gate before it is not passed by that day.
    """
    if stage.started_on:
        raise Refused(
            f"{stage.title} started on {words_for_date(stage.started_on)} already. To change the day, undo the start "
            "first."
        )
    if not stage.is_active:
        raise Refused(f"{stage.title} is skipped. Take it up again first.")
    before = _before(stages, stage)
    if before and not before.finished_on:
        raise Refused(f"{stage.title} can start when {before.title} is finished. Record that finish first.")
    check_day(on, field="on", named="The day", today=today)
    if before and before.finished_on and on < before.finished_on:
        raise Refused(
            f"{before.title} finished on {words_for_date(before.finished_on)}. Choose that day or a later one.",
            field="on",
        )
    _check_gate(stage, gate_on(gates, on), on)


def check_finish(stage: StageDates, *, on: date, today: date) -> None:
    """Raises: Refused when it has not started, has finished, or for a day that cannot be."""
    if stage.finished_on:
        raise Refused(
            f"{stage.title} finished on {words_for_date(stage.finished_on)} already. To change the day, undo the finish "
            "first."
        )
    if not stage.started_on:
        raise Refused(f"{stage.title} has not started. Record its start first.")
    check_day(on, field="on", named="The day", today=today)
    if on < stage.started_on:
        raise Refused(
            f"{stage.title} started on {words_for_date(stage.started_on)}. Choose that day or a later one.", field="on"
        )


def check_undo(stages: Sequence[StageDates], stage: StageDates, *, step: StepKind) -> None:
    """Raises: Refused unless this is the step recorded last."""
    last = last_step(stages)
    if last is None:
        raise Refused("Nothing has started, so there is nothing to undo.")
    if (last.stage.id, last.kind) != (stage.id, step):
        raise Refused(
            f"The {step} of {stage.title} is not the latest step. Only that can be undone: the {last.kind} of "
            f"{last.stage.title}."
        )


def plan_warnings(stages: Sequence[StageDates]) -> list[str]:
    """What is unusual in a plan and still allowed: planned stages that overlap."""
    planned = [stage for stage in stages if stage.is_active and stage.planned_start_on and stage.planned_finish_on]
    found = []
    for earlier, later in pairwise(planned):
        starts, ends = later.planned_start_on, earlier.planned_finish_on
        if starts and ends and starts < ends:
            found.append(
                f"{later.title} is planned to start on {words_for_date(starts)}, before {earlier.title} is planned to "
                f"finish on {words_for_date(ends)}."
            )
    return found


def days_late(planned_on: date | None, actual_on: date | None, today: date) -> int | None:
    """Calendar days behind the plan, negative when ahead; None where nothing can be said yet."""
    if planned_on is None:
        return None
    if actual_on is not None:
        return (actual_on - planned_on).days
    return (today - planned_on).days if today > planned_on else None


def is_late(stage: StageDates, today: date) -> bool:
    """A planned day of a stage that is not skipped has passed without the step, whatever was late and is done."""
    if not stage.is_active:
        return False
    open_on = next_planned_on(stage.planned_start_on, stage.planned_finish_on, stage.started_on, stage.finished_on)
    return open_on is not None and open_on < today


def next_planned_on(
    planned_start_on: date | None, planned_finish_on: date | None, started_on: date | None, finished_on: date | None
) -> date | None:
    """The earliest planned day of a stage whose step is not recorded; None where nothing is planned or left."""
    if planned_start_on is not None and started_on is None:
        return planned_start_on  # never after the planned finish
    return planned_finish_on if finished_on is None else None


def against_plan(stage: StageDates, today: date) -> list[str]:
    """How the stage stands against its plan, in words; empty while there is nothing to say, and when it is skipped."""
    if not stage.is_active:
        return []
    steps = (
        ("started", stage.planned_start_on, stage.started_on),
        ("finished", stage.planned_finish_on, stage.finished_on),
    )
    return [words for step in steps if (words := _timing_words(*step, today=today))]


def _order_of_gates(gate: Gate) -> tuple[date, int]:
    return gate.decided_on, gate.number


def _check_gate(stage: StageDates, gate: Gate | None, on: date) -> None:
    if gate is None:
        raise Refused(
            f"The gate before {stage.title} has not been passed on or before {words_for_date(on)}. The office that "
            "decides on this programme has to decide at the gate: record that decision first.",
            field="on",
        )
    if not gate.opens:
        done = {"pause": "paused", "stop": "stopped"}[gate.result]
        raise Refused(
            f"{gate.office_title} ({gate.holder_name}) {done} the programme at the gate before {stage.title} on "
            f"{words_for_date(gate.decided_on)}. It starts when a later decision passes the gate: record that "
            "decision first.",
            field="on",
        )


def _before(stages: Sequence[StageDates], stage: StageDates) -> StageDates | None:
    earlier = [other for other in stages if other.is_active and other.position < stage.position]
    return earlier[-1] if earlier else None


def _timing_words(done: str, planned_on: date | None, actual_on: date | None, *, today: date) -> str:
    late = days_late(planned_on, actual_on, today)
    if late is None:
        return ""
    if actual_on is None:
        return f"Late: it should have {done} {_days(late)} ago"
    if late == 0:
        return f"{done.capitalize()} on the planned day"
    return f"{done.capitalize()} {_days(abs(late))} {'late' if late > 0 else 'early'}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
