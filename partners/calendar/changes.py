from datetime import date
from uuid import UUID

from partners.calendar.models import Closure
from partners.calendar.queries import working_calendar
from partners.calendar.rules import ClosedDays, check_closure


def add_closure(name: str, first_on: date, last_on: date) -> Closure:
    """The organisation is shut from one day to another, both inclusive; the caller has locked it. No audit event.

    Raises: Refused when the days are out of order, unknown to the calendar or overlap another closure.
    """
    check_closure(ClosedDays(name, first_on, last_on), working_calendar())
    return Closure.objects.create(name=name, first_on=first_on, last_on=last_on)


def lock_closure(closure_id: UUID) -> Closure | None:
    """The closure, locked, after the organisation."""
    return Closure.objects.filter(pk=closure_id).select_for_update().first()


def change_closure(closure: Closure, *, name: str, first_on: date, last_on: date) -> None:
    """Change the name or the days of a closure that the caller has locked. No audit event.

    Raises: Refused as for ``add_closure``.
    """
    check_closure(ClosedDays(name, first_on, last_on), working_calendar(without=closure.pk))
    closure.name, closure.first_on, closure.last_on, closure.version = name, first_on, last_on, closure.version + 1
    closure.save()


def remove_closure(closure: Closure) -> None:
    """Take a closure that the caller has locked out of the calendar. No audit event."""
    Closure.objects.filter(pk=closure.pk).delete()
