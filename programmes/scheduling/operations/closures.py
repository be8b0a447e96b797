from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import Happening, record_each
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.calendar import changes as calendar_changes
from partners.calendar.changes import lock_closure
from partners.calendar.models import Closure
from partners.calendar.queries import working_calendar
from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import words_for_days
from partners.people.changes import lock_organisation
from partners.people.models import User
from partners.people.permissions import CHANGE_SETTINGS, check
from programmes.register.models import Programme
from programmes.scheduling.changes import move_planned_days
from programmes.scheduling.models import Stage
from programmes.scheduling.queries import CalendarEffect, effect_of_calendar, running_programmes
from programmes.scheduling.rules import StageDates

WORDS = {"name": "the name", "first_on": "the first day", "last_on": "the last day"}


@transaction.atomic(durable=True)
def add_closure(
    *, name: str, first_on: date, last_on: date, by: User, now: datetime, expected: str | None = None
) -> Closure:
    """Record that the organisation is shut from one day to another, both inclusive, and re-plan every programme.

    Planned days of stages move as ``rules.replan_for_calendar`` says, all or none. ``expected`` is the fingerprint of
    what the person looked at (``queries.effect_of_closure``).

    Raises: NotPermitted; Conflict when something else would move than was looked at; Refused when the days are out of
    order, unknown to the calendar or overlap another closure.
    """
    old = _locked(by)
    closure = calendar_changes.add_closure(name, first_on, last_on)
    told = f"added the closure {name}, {words_for_days(first_on, last_on)}"
    _apply("add_closure", closure, told, old, expected, after=_values(closure), by=by, now=now)
    return closure


@transaction.atomic(durable=True)
def change_closure(
    *,
    closure_id: UUID,
    name: str,
    first_on: date,
    last_on: date,
    version: int,
    by: User,
    now: datetime,
    expected: str | None = None,
) -> Closure:
    """Change the name or the days of a closure, and re-plan every programme as for ``add_closure``.

    Raises: NotPermitted; Conflict when somebody changed it since ``version``, or something else would move than was
    looked at; Refused as for ``add_closure``, and when it was removed meanwhile.
    """
    old = _locked(by)
    closure = lock_closure(closure_id)
    if closure is None:
        raise Refused("This closure is already removed. Nothing has changed.")
    if closure.version != version:
        found = changes_since(closure.pk, version)
        parts = [(event.actor_name, [WORDS[key] for key in event.after or {} if key in WORDS]) for event in found]
        raise changed_meanwhile(f"the closure {closure.name}", parts)
    before = _values(closure)
    calendar_changes.change_closure(closure, name=name, first_on=first_on, last_on=last_on)
    after = _values(closure)
    changed = [key for key, value in after.items() if value != before[key]]
    _apply(
        "change_closure",
        closure,
        f"changed the closure {name}, now {words_for_days(first_on, last_on)}",
        old,
        expected,
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
        by=by,
        now=now,
    )
    return closure


@transaction.atomic(durable=True)
def remove_closure(*, closure_id: UUID, by: User, now: datetime, expected: str | None = None) -> None:
    """Take a closure out of the calendar, and re-plan every programme as for ``add_closure``.

    Raises: NotPermitted; Conflict as for ``add_closure``; Refused when somebody removed it meanwhile.
    """
    old = _locked(by)
    closure = lock_closure(closure_id)
    if closure is None:
        raise Refused("This closure is already removed. Nothing has changed.")
    calendar_changes.remove_closure(closure)
    told = f"removed the closure {closure.name}, {words_for_days(closure.first_on, closure.last_on)}"
    _apply("remove_closure", closure, told, old, expected, before=_values(closure), by=by, now=now)


def _locked(by: User) -> WorkingCalendar:
    """The calendar as it is; the organisation and every running programme are locked, so no plan goes by another."""
    lock_organisation()
    check(by, CHANGE_SETTINGS, None)
    list(running_programmes().select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return working_calendar()


def _apply(
    act: str,
    closure: Closure,
    summary: str,
    old: WorkingCalendar,
    expected: str | None,
    *,
    by: User,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Move what the new calendar moves, and write one event for the closure and one for each programme."""
    effect = effect_of_calendar(old, working_calendar(), running_programmes())
    if expected is not None and expected != effect.fingerprint:
        raise Conflict("Something else would move now than when you looked at it. Nothing is saved yet: look again.")
    happenings = [Happening(closure, summary, None, before, after), *_moved(effect, closure, by=by, now=now)]
    record_each(by=by, now=now, action=f"scheduling.{act}", happenings=happenings)


def _moved(effect: CalendarEffect, closure: Closure, *, by: User, now: datetime) -> list[Happening]:
    moved = [move for each in effect.programmes for move in each.moved]
    stages = list(Stage.objects.filter(pk__in={move.stage.id for move in moved}).order_by("pk"))
    before = {stage.pk: stage.dates for stage in stages}
    move_planned_days(stages, moved, by=by, now=now)
    after = {stage.pk: stage.dates for stage in stages}
    programmes = Programme.objects.in_bulk([each.programme_id for each in effect.programmes])
    return [
        Happening(
            programmes[each.programme_id],
            f"moved planned days of {each.programme_name}, because of the closure {closure.name}",
            programmes[each.programme_id].scope_id,
            {move.stage.kind: _days(before[move.stage.id]) for move in each.moved},
            {move.stage.kind: _days(after[move.stage.id]) for move in each.moved},
        )
        for each in effect.programmes
    ]


def _days(stage: StageDates) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "version": stage.version,
        "planned_start_on": stage.planned_start_on.isoformat() if stage.planned_start_on else None,
        "planned_finish_on": stage.planned_finish_on.isoformat() if stage.planned_finish_on else None,
    }


def _values(closure: Closure) -> dict[str, object]:
    return {
        "name": closure.name,
        "first_on": closure.first_on.isoformat(),
        "last_on": closure.last_on.isoformat(),
        "version": closure.version,
    }
