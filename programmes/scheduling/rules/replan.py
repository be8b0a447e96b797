"""Where planned days of stages go when one of them moves, or when other days are worked. Pure.

Source: the rules of phases in OpenProject. The next active stage starts on the next working day after the one before
finishes; what a stage takes in working days stays; skipped stages keep their days; a finish before its start is an
error and is not repaired.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from partners.audit.rules import Refused, listed
from partners.clock.rules import words_for_date
from programmes.scheduling.rules.stages import NOT_STARTED, StageDates, check_order_of_plans, check_plan
from programmes.scheduling.rules.working_days import PlanDays, working_days_words

Span = tuple[date | None, date | None]
ENTERED = "Entered"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A planned day that moves, and why. ``stage`` is as it was; ``is_entered``: somebody asked for this very stage."""

    stage: StageDates
    is_finish: bool
    from_on: date | None
    to_on: date | None
    reason: str
    is_entered: bool = False

    @property
    def is_as_entered(self) -> bool:
        return self.is_entered and self.reason == ENTERED


@dataclass(frozen=True, slots=True)
class _Before:
    """The planned stage before, where it finishes now, and where it finished."""

    stage: StageDates
    finish_on: date
    was_on: date | None
    skipped: tuple[str, ...] = ()

    @property
    def moves_others(self) -> bool:
        return self.finish_on != self.was_on and self.stage.finished_on is None


def replan(
    stages: Sequence[StageDates], wanted: Mapping[UUID, Span], days: PlanDays, *, move_following: bool = True
) -> list[MovedDate]:
    """Every planned day that moves when stages get the days ``wanted`` of them, in the order of the stages.

    A day that is not worked becomes the next one that is. Stages that follow, are not started and are not named in
    ``wanted`` with other days than they have, move along; without ``move_following`` they stay.

    Raises: Refused for days of a skipped stage, one day without the other, a finish before its start, or stages that
    would be out of their order.
    """
    moved: list[MovedDate] = []
    before: _Before | None = None
    for stage in stages:
        span = _planned(stage)
        asked = wanted.get(stage.id, span)
        if not stage.is_active:
            _check_keeps_days(stage, asked)
            before = replace(before, skipped=(*before.skipped, stage.title)) if before else None
            continue
        if asked != span:
            found = list(_entered(stage, asked, days))
        elif move_following and before and before.moves_others and span[0] and stage.state == NOT_STARTED:
            found = list(_following(stage, before, days))
        else:
            found = []
        moved += found
        finish_on = _planned(with_moves([stage], found)[0])[1]
        before = _Before(stage, finish_on, span[1]) if finish_on else before
    check_order_of_plans(with_moves(stages, moved))
    return moved


def replan_for_calendar(stages: Sequence[StageDates], old: PlanDays, new: PlanDays) -> list[MovedDate]:
    """Every planned day that moves when other days are worked than before, in the order of the stages.

    A stage that followed the one before at once still does, a day that is no longer worked becomes the next one that
    is, and what is not finished takes as many working days as it did. All else stays where it is.
    """
    moved: list[MovedDate] = []
    before: _Before | None = None
    for stage in stages:
        start, finish = _planned(stage)
        if not stage.is_active or start is None or finish is None:
            continue
        found = [] if stage.finished_on else list(_recounted(stage, start, finish, before, old, new))
        moved += found
        finish_on = _planned(with_moves([stage], found)[0])[1]
        before = _Before(stage, finish_on, finish) if finish_on else before
    return moved


def with_moves(stages: Iterable[StageDates], moved: Iterable[MovedDate]) -> list[StageDates]:
    """The stages as they are planned once these days have moved."""
    to = {(move.stage.id, move.is_finish): move.to_on for move in moved}
    return [
        replace(
            stage,
            planned_start_on=to.get((stage.id, False), stage.planned_start_on),
            planned_finish_on=to.get((stage.id, True), stage.planned_finish_on),
        )
        for stage in stages
    ]


def fingerprint_of(moved: Iterable[MovedDate]) -> str:
    """Tells whether what would move is still what somebody looked at."""
    told = sorted(f"{move.stage.id}{move.is_finish}{move.from_on}{move.to_on}" for move in moved)
    return sha256("\n".join(told).encode()).hexdigest()


def _planned(stage: StageDates) -> Span:
    return stage.planned_start_on, stage.planned_finish_on


def _check_keeps_days(stage: StageDates, asked: Span) -> None:
    if asked != _planned(stage):
        raise Refused(
            f"{stage.title} is skipped and keeps its days. Take it up again before you plan it.",
            field=f"planned_start_{stage.kind}",
        )


def _entered(stage: StageDates, asked: Span, days: PlanDays) -> Iterator[MovedDate]:
    check_plan(replace(stage, planned_start_on=asked[0], planned_finish_on=asked[1]))
    for is_finish, was, day in zip((False, True), _planned(stage), asked, strict=True):
        if day == was:
            continue
        worked, reason = day, ENTERED
        if day and (closed := days.reason_closed(day)):
            worked = days.on_or_after(day)
            reason = f"Entered as {words_for_date(day)}, which is not a working day ({closed}): the next one is taken"
        if worked != was:
            yield MovedDate(stage, is_finish, was, worked, reason, is_entered=True)


def _following(stage: StageDates, before: _Before, days: PlanDays) -> Iterator[MovedDate]:
    start, finish = stage.planned_start_on, stage.planned_finish_on
    if start is None or finish is None:
        return
    begins = days.next_after(before.finish_on)
    yield from _moves(stage, begins, _after(before), days.count(start, finish), days)


def _recounted(
    stage: StageDates, start: date, finish: date, before: _Before | None, old: PlanDays, new: PlanDays
) -> Iterator[MovedDate]:
    begins, why = start, ""
    if stage.started_on is None:
        closed = new.reason_closed(start) if old.is_working(start) else None
        if before and _pushes(before, start, old):
            begins = new.next_after(before.finish_on)
            why = _after(before)
        elif closed:
            begins = new.on_or_after(start)
        if closed and not (before and before.moves_others):
            why = f"{words_for_date(start)} is not a working day any more ({closed}): the next one is taken"
    worked = old.count(start, finish)
    if begins != start or new.count(start, finish) != worked:
        yield from _moves(stage, begins, why, worked, new)


def _pushes(before: _Before, start: date, old: PlanDays) -> bool:
    """Whether the stage followed at once, or the one before has come to finish on its start or after."""
    was = before.was_on
    return was is not None and was < start and (start == old.next_after(was) or start <= before.finish_on)


def _moves(stage: StageDates, begins: date, why: str, worked: int, days: PlanDays) -> Iterator[MovedDate]:
    """From its start on a stage takes as many working days as it did, at least one."""
    ends = days.last_of(begins, worked)
    if begins != stage.planned_start_on:
        yield MovedDate(stage, False, stage.planned_start_on, begins, why)
    if ends != stage.planned_finish_on:
        yield MovedDate(stage, True, stage.planned_finish_on, ends, f"Keeps its {working_days_words(max(worked, 1))}")


def _after(before: _Before) -> str:
    told = f"Starts on the next working day after {before.stage.title} finishes on {words_for_date(before.finish_on)}"
    skipped = before.skipped
    return f"{told}; {listed(skipped)} {'is' if len(skipped) == 1 else 'are'} skipped" if skipped else told
