from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from partners.calendar.models import ClockOffset, Closure
from partners.calendar.rules import ClosedDays, WorkingCalendar


def business_now() -> datetime:
    """The time that business rules go by: the database's clock, moved by the offset row in demo and test.

    Read once at each door (view, API, task, command) and passed down as ``now``. One query.
    """
    with connection.cursor() as cursor:
        if settings.MODE == "production":
            cursor.execute("SELECT clock_timestamp()")
        else:
            cursor.execute(
                "SELECT clock_timestamp() + coalesce((SELECT sum(\"offset\") FROM partners_clockoffset), '0')"
            )
        now: datetime = cursor.fetchone()[0]
    return now


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


def clock_is_set() -> bool:
    """Whether the business clock has been moved, which the demo does when its story is loaded."""
    return ClockOffset.objects.exists()
