from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from partners.calendar.models import Closure
from partners.calendar.rules import ClosedDays, WorkingCalendar, check_closure


def closures() -> QuerySet[Closure]:
    """Every closure, the latest first."""
    return Closure.objects.order_by("-first_on", "pk")


def closure_with_id(closure_id: UUID) -> Closure | None:
    return Closure.objects.filter(pk=closure_id).first()


def working_calendar(*, without: UUID | None = None) -> WorkingCalendar:
    """Weekends, bank holidays of England and Wales and the organisation's closures; one query.

    ``without`` leaves out a closure that is about to change.
    """
    others = Closure.objects.exclude(pk__in=[without] if without else [])
    rows = others.order_by("first_on", "pk").values_list("name", "first_on", "last_on")
    return WorkingCalendar(closures=tuple(ClosedDays(*row) for row in rows))


def calendar_with(closure: ClosedDays | None, *, without: UUID | None = None) -> WorkingCalendar:
    """The working calendar as it would be with another closure, and without one that is there; one query.

    Raises: Refused when the closure cannot join it.
    """
    calendar = working_calendar(without=without)
    if closure is None:
        return calendar
    check_closure(closure, calendar)
    return replace(calendar, closures=tuple(sorted((*calendar.closures, closure), key=lambda each: each.first_on)))
