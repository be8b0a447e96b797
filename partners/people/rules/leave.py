"""Who is away, and who stands in for them. Plain values in, plain values out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date, words_for_days
from partners.people.rules.typed import check_day


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which somebody is away, both inclusive. ``delegate_id`` is empty where nobody who is here stands in."""

    user_id: UUID
    from_on: date
    to_on: date
    delegate_id: UUID | None


def check_days_of_leave(from_on: date, to_on: date, *, today: date) -> None:
    """Raises: Refused at the day to mend when the days are out of order, long past or a slip."""
    check_day(from_on, field="from_on", named="The first day away")
    check_day(to_on, field="to_on", named="The last day away")
    if to_on < from_on:
        raise Refused("The last day away is before the first. Enter the first day first.", field="to_on")
    if to_on < today:
        raise Refused(
            f"These days are over: today is {words_for_date(today)}. Record days that are still to come.", field="to_on"
        )


def check_nothing_overlaps(from_on: date, to_on: date, others: Collection[tuple[date, date]]) -> None:
    """Raises: Refused when one of the other leaves has a day in common."""
    for first, last in others:
        if first <= to_on and from_on <= last:
            raise Refused(
                f"These days overlap leave that is recorded already, {words_for_days(first, last)}. "
                "Cancel that leave first, or choose other days.",
                field="from_on",
            )


def stand_ins(leaves: Collection[Away], day: date) -> dict[UUID, UUID | None]:
    """Who is away on a day, each with who stands in for them.

    Where the delegate is away too, their own delegate does. No chain is followed further, so none goes in a circle:
    then nobody stands in.
    """
    delegates = {leave.user_id: leave.delegate_id for leave in leaves if leave.from_on <= day <= leave.to_on}
    return {user_id: _stand_in(delegate_id, delegates) for user_id, delegate_id in delegates.items()}


def _stand_in(delegate_id: UUID | None, delegates: Mapping[UUID, UUID | None]) -> UUID | None:
    if delegate_id is None or delegate_id not in delegates:
        return delegate_id
    following = delegates[delegate_id]
    return None if following in delegates else following
