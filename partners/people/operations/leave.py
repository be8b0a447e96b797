"""Leave: when somebody is away, and who stands in for them."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date, words_for_days
from partners.people import changes
from partners.people.models import Leave, User
from partners.people.permissions import check_can_keep_leave_of
from partners.people.queries import active_people
from partners.people.rules.leave import check_days_of_leave, check_nothing_overlaps


@transaction.atomic(durable=True)
def record_leave(
    *,
    person_id: UUID,
    from_on: date,
    to_on: date,
    delegate_id: UUID | None = None,
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> Leave:
    """Record that somebody is away from one day to another, both inclusive; the same ``request_key`` returns the first.

    Raises: NotPermitted; Refused when the days are out of order, over or overlap other leave, or when the person or the
    delegate is not one of the staff who can sign in.
    """
    person = changes.lock_person(person_id)
    check_can_keep_leave_of(by, person)
    known = Leave.objects.filter(pk=request_key or uuid4(), user=person).first()
    if known:
        return known
    if not person.is_active or person.is_partner:
        raise Refused(f"{person.name} is not one of the staff with an account in use. Choose somebody else.")
    check_days_of_leave(from_on, to_on, today=local_date(now))
    others = Leave.objects.filter(user=person, cancelled_at=None).order_by("from_on")
    check_nothing_overlaps(from_on, to_on, others.values_list("from_on", "to_on"))
    leave = Leave.objects.create(
        pk=request_key or uuid4(),
        user=person,
        from_on=from_on,
        to_on=to_on,
        delegate=_delegate(delegate_id, person),
        recorded_at=now,
        recorded_by=by,
    )
    record(
        by=by,
        now=now,
        action="people.record_leave",
        subject=person,
        summary=f"recorded leave{_whose(person, by)}, {words_for_days(from_on, to_on)}"
        + (f"; {leave.delegate.name} stands in" if leave.delegate else ""),
        after=_values(leave),
    )
    return leave


@transaction.atomic(durable=True)
def cancel_leave(*, leave_id: UUID, by: User, now: datetime) -> Leave:
    """Take leave back. Of leave that has begun the days before today stay, and the person counts as here from today.

    Raises: NotPermitted; Refused when it is over or cancelled already.
    """
    person = changes.lock_person(Leave.objects.values_list("user_id", flat=True).get(pk=leave_id))
    leave = Leave.objects.select_related("user", "delegate").select_for_update(of=("self",)).get(pk=leave_id)
    check_can_keep_leave_of(by, person)
    today = local_date(now)
    if leave.cancelled_at:
        raise Refused("This leave is cancelled already. Nothing has changed.")
    if leave.to_on < today:
        raise Refused("This leave is over, so it stays on record. Nothing has changed.")
    before, was_to_on = _values(leave), leave.to_on
    if leave.from_on < today:
        leave.to_on = today - timedelta(days=1)
        leave.save(update_fields=["to_on"])
    else:
        leave.cancelled_at, leave.cancelled_by = now, by
        leave.save(update_fields=["cancelled_at", "cancelled_by"])
    act = "cancelled" if leave.cancelled_at else "ended"
    record(
        by=by,
        now=now,
        action="people.cancel_leave",
        subject=person,
        summary=f"{act} leave{_whose(person, by)} that was to last until {words_for_date(was_to_on)}",
        before=before,
        after=_values(leave),
    )
    return leave


def _delegate(delegate_id: UUID | None, person: User) -> User | None:
    if delegate_id is None:
        return None
    if delegate_id == person.pk:
        raise Refused("Somebody else has to stand in. Choose another person, or nobody.", field="delegate")
    delegate = active_people().filter(pk=delegate_id).first()
    if delegate is None:
        raise Refused(
            "Whoever stands in has to be one of the staff with an account in use. Choose another person, or nobody.",
            field="delegate",
        )
    return delegate


def _whose(person: User, by: User) -> str:
    return "" if person.pk == by.pk else f" of {person.name}"


def _values(leave: Leave) -> dict[str, object]:
    return {
        "leave": str(leave.pk),
        "from_on": leave.from_on.isoformat(),
        "to_on": leave.to_on.isoformat(),
        "delegate": leave.delegate.name if leave.delegate else None,
    }
