"""When an engagement runs, and which days it may have. Plain values in, plain values out; days inclusive."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import end_of_day, instant, words_for_date
from partners.people.rules.typed import check_day

WHO_LENGTH = 200
TASK_LENGTH = 500
REASON_LENGTH = 300
HOLDER_LENGTH = 200
WORDS_LENGTH = 2000
TOLD_AT = time(10)
DAYS_AHEAD, DAYS_LEFT, DAYS_USEFUL = 20, 5, 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of an engagement, besides when it ends. Days inclusive."""

    kind: str
    who: str
    task: str
    starts_on: date
    planned_end_on: date | None = None
    organisation_id: UUID | None = None
    workstream_id: UUID | None = None
    source: str = ""


def check_period(*, who: str, starts_on: date, planned_end_on: date | None, ended_on: date | None) -> None:
    """``ended_on`` is the last day that is decided already.

    Raises: Refused when the planned end, or the last day, lies before the start, or a year must be a slip.
    """
    check_day(starts_on, field="starts_on", named="The first day")
    if planned_end_on is not None:
        check_day(planned_end_on, field="planned_end_on", named="The planned last day")
        if planned_end_on < starts_on:
            raise Refused(
                f"The planned last day lies before the first day, {words_for_date(starts_on)}. Choose that day or a "
                "later one.",
                field="planned_end_on",
            )
    if ended_on is not None and ended_on < starts_on:
        raise Refused(
            f"{who} rolled off on {words_for_date(ended_on)}. Choose that day or an earlier one.", field="starts_on"
        )


def check_last_day(on: date, *, who: str, starts_on: date, today: date) -> None:
    """A last day before the start calls off what has not begun.

    Raises: Refused when the year must be a slip, or it lies before the start of one that has begun.
    """
    check_day(on, field="ended_on", named="The last day")
    if on < starts_on <= today:
        raise Refused(
            f"{who} started on {words_for_date(starts_on)}. Choose that day or a later one.", field="ended_on"
        )


def days_over(planned_end_on: date | None, ended_on: date | None, on: date) -> int:
    """How many days an engagement that runs on a day is past its planned end; 0 when it is not, or its end is decided."""
    return max((on - planned_end_on).days, 0) if planned_end_on and ended_on is None else 0


def in_several(bids: Iterable[Iterable[str]]) -> list[str]:
    """Who stands in more than one bid, by name; each bid is the names of those who stand behind it."""
    counted = Counter(name for members in bids for name in set(members))
    return sorted(name for name, count in counted.items() if count > 1)


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """One reminder of something that ends. ``ends`` says when, such as "ends on Friday 2 October 2026"."""

    key: str
    ends: str
    due_at: datetime
    due_reason: str
    valid_until: datetime


def notices_of_expiry(last_on: date, *, calendar: WorkingCalendar) -> list[ExpiryNotice]:
    """Twenty and five working days before the last day, and on the working day after it.

    Raises: BeyondCalendar where one of the days lies outside the years of known bank holidays.
    """
    ahead, left, over = (
        calendar.add(last_on, -DAYS_AHEAD),
        calendar.add(last_on, -DAYS_LEFT),
        calendar.add(last_on, 1),
    )
    day = words_for_date(last_on)
    return [
        ExpiryNotice(
            "ahead",
            f"ends on {day}",
            instant(ahead, TOLD_AT),
            f"Twenty working days before {day}",
            instant(left, TOLD_AT),
        ),
        ExpiryNotice(
            "left", f"ends on {day}", instant(left, TOLD_AT), f"Five working days before {day}", instant(over, TOLD_AT)
        ),
        ExpiryNotice(
            "over",
            f"ended on {day}",
            instant(over, TOLD_AT),
            f"The working day after {day}",
            end_of_day(calendar.add(over, DAYS_USEFUL)),
        ),
    ]
