from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from partners.audit.rules import Refused
from partners.clock.models import ClockOffset


@transaction.atomic(durable=True)
def set_clock(*, to: datetime) -> None:
    """Make the business clock read ``to`` now and run on from there.

    Raises: Refused in production, where the clock is the database's.
    """
    if settings.MODE == "production":
        raise Refused("The clock can be moved in demo and test only.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        real = cursor.fetchone()[0]
    ClockOffset.objects.update_or_create(id=1, defaults={"offset": to - real})
