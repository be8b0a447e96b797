"""For which reporting days a workstream may be excepted."""

from datetime import date, datetime

from partners.audit.rules import Refused
from partners.clock.rules import words_for_days
from programmes.workstreams.rules.periods import YEAR_AHEAD, ReportingRule


def check_excepted_days(
    from_on: date,
    to_on: date,
    *,
    name: str,
    rule: ReportingRule,
    reported_for_on: date | None,
    excepted_from_on: date | None,
    excepted_to_on: date | None,
    now: datetime,
) -> None:
    """Raises: Refused for days that are no reporting days, out of order, too long ago or too far ahead, for a day already
    reported for, and while another exception is not over."""
    days = rule.around(now)
    if to_on < from_on:
        raise Refused("The last reporting day is before the first. Enter the first one first.", field="to_on")
    if from_on < days.last_on:
        raise Refused("That day is too long over. Choose the last reporting day or a later one.", field="from_on")
    if to_on > days.next_on + YEAR_AHEAD:
        raise Refused("Choose a day within a year: an exception is looked at again by then.", field="to_on")
    for field, day in (("from_on", from_on), ("to_on", to_on)):
        if not rule.between(day, day):
            raise Refused("No reports are due on that day. Choose a reporting day.", field=field)
    if reported_for_on and reported_for_on >= from_on:
        raise Refused(f"{name} has reported for that day already. Choose a later reporting day.", field="from_on")
    if excepted_to_on and excepted_to_on >= days.last_on:
        until = words_for_days(excepted_from_on or days.last_on, excepted_to_on)
        raise Refused(
            f"There is one already, {until}. End that one first; while it counts for the last reporting day, wait for "
            "the next one to be over."
        )
