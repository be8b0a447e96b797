from datetime import datetime

from django.conf import settings
from django.db import connection

from partners.clock.models import ClockOffset


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


def clock_is_set() -> bool:
    """Whether the business clock has been moved, which the demo does when its story is loaded."""
    return ClockOffset.objects.exists()
