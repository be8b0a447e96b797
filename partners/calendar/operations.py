from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Refused, changed_meanwhile
from partners.calendar.models import Closure
from partners.calendar.queries import working_calendar
from partners.calendar.rules import ClosedDays, check_closure
from partners.clock.rules import words_for_days
from partners.people.changes import lock_organisation
from partners.people.models import User
from partners.people.permissions import CHANGE_SETTINGS, check

WORDS = {"name": "the name", "first_on": "the first day", "last_on": "the last day"}


@transaction.atomic(durable=True)
def add_closure(*, name: str, first_on: date, last_on: date, by: User, now: datetime) -> Closure:
    """Record that the organisation is shut from one day to another, both inclusive.

    Raises: NotPermitted; Refused when the days are out of order, unknown to the calendar or overlap another closure.
    """
    lock_organisation()
    check(by, CHANGE_SETTINGS, None)
    check_closure(ClosedDays(name, first_on, last_on), working_calendar())
    closure = Closure.objects.create(name=name, first_on=first_on, last_on=last_on)
    record(
        by=by,
        now=now,
        action="calendar.add_closure",
        subject=closure,
        summary=f"added the closure {name}, {words_for_days(first_on, last_on)}",
        after=_values(closure),
    )
    return closure


@transaction.atomic(durable=True)
def change_closure(
    *, closure_id: UUID, name: str, first_on: date, last_on: date, version: int, by: User, now: datetime
) -> Closure:
    """Change the name or the days of a closure. What was planned by the old days stays as planned.

    Raises: NotPermitted; Conflict when somebody changed it since ``version``; Refused as for ``add_closure``.
    """
    lock_organisation()
    closure = Closure.objects.select_for_update().get(pk=closure_id)
    check(by, CHANGE_SETTINGS, None)
    if closure.version != version:
        found = changes_since(closure.pk, version)
        told = [(event.actor_name, [WORDS[key] for key in event.after or {} if key in WORDS]) for event in found]
        raise changed_meanwhile(f"the closure {closure.name}", told)
    before = _values(closure)
    check_closure(ClosedDays(name, first_on, last_on), working_calendar(without=closure.pk))
    closure.name, closure.first_on, closure.last_on, closure.version = name, first_on, last_on, version + 1
    closure.save()
    after = _values(closure)
    record(
        by=by,
        now=now,
        action="calendar.change_closure",
        subject=closure,
        summary=f"changed the closure {name}, now {words_for_days(first_on, last_on)}",
        before={key: value for key, value in before.items() if value != after[key]},
        after={key: value for key, value in after.items() if value != before[key]},
    )
    return closure


@transaction.atomic(durable=True)
def remove_closure(*, closure_id: UUID, by: User, now: datetime) -> None:
    """Take a closure out of the calendar. What was planned around it stays as planned.

    Raises: NotPermitted; Refused when somebody removed it meanwhile.
    """
    lock_organisation()
    check(by, CHANGE_SETTINGS, None)
    closure = Closure.objects.filter(pk=closure_id).select_for_update().first()
    if closure is None:
        raise Refused("This closure is already removed. Nothing has changed.")
    record(
        by=by,
        now=now,
        action="calendar.remove_closure",
        subject=closure,
        summary=f"removed the closure {closure.name}, {words_for_days(closure.first_on, closure.last_on)}",
        before=_values(closure),
    )
    closure.delete()


def _values(closure: Closure) -> dict[str, object]:
    return {
        "name": closure.name,
        "first_on": closure.first_on.isoformat(),
        "last_on": closure.last_on.isoformat(),
        "version": closure.version,
    }
