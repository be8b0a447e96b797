from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.engagements.models import Engagement, RollOff
from programmes.engagements.queries import CAPABILITY, RELATIONSHIP
from programmes.engagements.rules import REASON_LENGTH, check_last_day
from programmes.reminders.changes import settle_reminders
from programmes.reminders.rules import Within


def end_engagement(
    engagement: Engagement, *, on: date, reason: str, by: User, now: datetime, decision_id: UUID | None = None
) -> Engagement:
    """Set the last day of an engagement that the caller has locked; it may lie ahead. The audit event is the caller's.

    A last day before the start calls off what has not begun. A day that was set before is replaced and stays on record.

    Raises: Refused at ``ended_on`` for a day that cannot be, at ``reason`` for one that is missing or too long.
    """
    check_last_day(on, who=engagement.who, starts_on=engagement.starts_on, today=local_date(now))
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    return set_last_day(engagement, on=on, reason=reason, decision_id=decision_id, by=by, now=now)


def set_last_day(
    engagement: Engagement, *, on: date | None, reason: str, decision_id: UUID | None = None, by: User, now: datetime
) -> Engagement:
    """Keep on record that the engagement ends on this day, or goes on; nothing is checked."""
    RollOff.objects.create(
        engagement=engagement,
        number=(engagement.roll_offs.aggregate(last=Max("number"))["last"] or 0) + 1,
        ended_on=on,
        reason=reason,
        decision_id=decision_id,
        recorded_at=now,
        recorded_by=by,
    )
    engagement.ended_on, engagement.end_reason = on, reason if on else ""
    engagement.version += 1
    engagement.save(update_fields=["ended_on", "end_reason", "version"])
    return engagement


def settle_expiries(subject_id: UUID, now: datetime) -> None:
    """Plan, move and end the reminders of one relationship or claim, as the last part of an act that changed it."""
    for kind in (RELATIONSHIP, CAPABILITY):
        settle_reminders(kind, Within(subject_ids=frozenset({subject_id})), now=now, reason="It ends on another day.")
