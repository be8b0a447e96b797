"""When an engagement runs, and which last day it may have. Plain values in, plain values out; days inclusive."""

from datetime import date

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from programmes.register.rules import check_day

WHO_LENGTH = 200
TASK_LENGTH = 500
REASON_LENGTH = 300
HOLDER_LENGTH = 200
WORDS_LENGTH = 2000


def check_last_day(on: date, *, who: str, starts_on: date, today: date, field: str = "ended_on") -> None:
    """A last day before the start calls off what has not begun.

    Raises: Refused at ``field`` when the year must be a slip, or it lies before the start of one that has begun.
    """
    check_day(on, field=field, named="The last day")
    if on < starts_on <= today:
        raise Refused(f"{who} started on {words_for_date(starts_on)}. Choose that day or a later one.", field=field)
