from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict
from partners.people.models import User
from programmes.reminders.changes import cancel_reminders
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.permissions import check_can_cancel_reminders
from programmes.reminders.rules import REASON_LENGTH


@transaction.atomic(durable=True)
def cancel_wave(*, wave_id: UUID, reason: str, by: User, now: datetime) -> int:
    """Cancel a reminder for everybody who has not got it; returns for how many.

    Raises: NotPermitted; Conflict when somebody has cancelled it already.
    """
    wave = (
        ReminderWave.objects.select_related("programme__scope", "scope").select_for_update(of=("self",)).get(pk=wave_id)
    )
    check_can_cancel_reminders(by, wave)
    if wave.cancelled_at:
        raise Conflict("This reminder is cancelled already.")
    wave.cancelled_at, wave.cancelled_by, wave.cancel_reason = now, by, reason[:REASON_LENGTH]
    wave.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    stopped = cancel_reminders(PlannedReminder.objects.filter(wave=wave), reason=reason, now=now)
    record(
        by=by,
        now=now,
        action="reminders.cancel_wave",
        subject=wave,
        scope_id=wave.place.pk,
        summary=f"cancelled the reminder {wave.title}: {reason}",
        after={"reason": reason, "stopped": stopped},
    )
    return stopped


@transaction.atomic(durable=True)
def cancel_reminder(*, reminder_id: UUID, reason: str, by: User, now: datetime) -> PlannedReminder:
    """Cancel one person's reminder.

    Raises: NotPermitted; Conflict when it has gone or ended already.
    """
    found = PlannedReminder.objects.select_related("wave__programme__scope", "wave__scope", "recipient")
    reminder = found.select_for_update(of=("self",)).get(pk=reminder_id)
    check_can_cancel_reminders(by, reminder.wave)
    if not cancel_reminders(PlannedReminder.objects.filter(pk=reminder_id), reason=reason, now=now, for_good=True):
        raise Conflict("This reminder has been sent or has ended already, so it cannot be cancelled.")
    record(
        by=by,
        now=now,
        action="reminders.cancel_reminder",
        subject=reminder,
        scope_id=reminder.wave.place.pk,
        summary=f"cancelled the reminder {reminder.wave.title} to {reminder.recipient.name}: {reason}",
        after={"reason": reason},
    )
    return reminder
