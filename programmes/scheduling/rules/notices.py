"""Who is reminded of a planned gate, and when. Plain values in, plain values out."""

from dataclasses import dataclass
from datetime import date, datetime, time

from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import end_of_day, instant, words_for_date

TOLD_AT = time(10)
DAYS_TO_PREPARE, DAYS_TO_BE_READY, DAYS_OVERDUE, DAYS_USEFUL = 10, 2, 2, 5


@dataclass(frozen=True, slots=True)
class GateNotice:
    """One reminder of a gate. ``title`` and ``asked`` complete what the mail says."""

    key: str
    title: str
    asked: str
    due_at: datetime
    due_reason: str
    valid_until: datetime


def notices_of_gate(planned_on: date, *, has_review: bool, calendar: WorkingCalendar) -> list[GateNotice]:
    """Ten and two working days before the day on which the stage is to start, and two after it where nothing is decided.

    Raises: BeyondCalendar where one of the days lies outside the years of known bank holidays.
    """
    prepare, ready, overdue = (
        calendar.add(planned_on, -DAYS_TO_PREPARE),
        calendar.add(planned_on, -DAYS_TO_BE_READY),
        calendar.add(planned_on, DAYS_OVERDUE),
    )
    day = words_for_date(planned_on)
    review = (
        "The gate review is under way or done: see that its checklist and evidence are complete."
        if has_review
        else "There is no gate review yet: open one, so that whoever decides can go by it."
    )
    return [
        GateNotice(
            "prepare",
            "Gate in ten working days",
            review,
            instant(prepare, TOLD_AT),
            f"Ten working days before {day}",
            instant(ready, TOLD_AT),
        ),
        GateNotice(
            "ready",
            "Gate in two working days",
            "Nothing is decided yet. The stage cannot start until an office has decided.",
            instant(ready, TOLD_AT),
            f"Two working days before {day}",
            instant(overdue, TOLD_AT),
        ),
        GateNotice(
            "overdue",
            "Gate not decided",
            "Its day is over and nothing lets the stage start. Have it decided, or plan the stage for another day.",
            instant(overdue, TOLD_AT),
            f"Two working days after {day}",
            end_of_day(calendar.add(overdue, DAYS_USEFUL)),
        ),
    ]
