from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.clock.rules import words_for_instant
from partners.people.models import User
from programmes.reminders.enums import FATES, ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.permissions import check_can_send_now
from programmes.reminders.rules import REASON_LENGTH


@transaction.atomic(durable=True)
def send_wave_now(*, wave_id: UUID, is_urgent: bool = False, by: User, now: datetime) -> int:
    """Let a reminder go out at once to everybody who still waits for it; returns to how many.

    It waits for the hours in which mail goes out unless ``is_urgent``. It counts as sent: the planner does not send it
    again at its own time.

    Raises: NotPermitted; Conflict when it is cancelled; Refused when it is too late to be of use, goes out already, or
    nobody waits for it.
    """
    found = ReminderWave.objects.select_related("programme__scope", "scope").select_for_update(
        of=("self",), no_key=True
    )
    wave = found.get(pk=wave_id)
    check_can_send_now(by, wave)
    if wave.cancelled_at:
        raise Conflict("This reminder is cancelled, so it cannot be sent.")
    _check_in_time(wave, now)
    if wave.due_at <= now:
        raise Refused("This reminder goes out already. Look at what became of it for each person.")
    waiting = PlannedReminder.objects.filter(wave=wave, state=ReminderState.PLANNED).order_by("pk")
    ids = list(waiting.select_for_update(no_key=True).values_list("pk", flat=True))
    if not ids:
        raise Refused("Nobody is left to send it to: everybody has done what it asks, or their reminder was cancelled.")
    PlannedReminder.objects.filter(pk__in=ids).update(due_at=now)
    before = wave.due_at
    wave.due_at, wave.moved_from_at = now, before
    wave.due_reason = f"Sent at once, as {by.name} asked"[:REASON_LENGTH]
    wave.is_urgent = wave.is_urgent or is_urgent
    wave.save(update_fields=["due_at", "moved_from_at", "due_reason", "is_urgent"])
    record(
        by=by,
        now=now,
        action="reminders.send_wave_now",
        subject=wave,
        scope_id=wave.place.pk,
        summary=f"sent the reminder {wave.title} at once, due at {words_for_instant(before)}",
        before={"due_at": before.isoformat()},
        after={"people": len(ids), "is_urgent": wave.is_urgent},
    )
    return len(ids)


@transaction.atomic(durable=True)
def send_reminder_now(*, reminder_id: UUID, is_urgent: bool = False, by: User, now: datetime) -> PlannedReminder:
    """Let one person's reminder go out at once; the others of its wave stay as they are.

    Raises: NotPermitted; Conflict when it has gone or ended already; Refused when it is too late to be of use, or goes
    out already.
    """
    rows = PlannedReminder.objects.select_related("wave__programme__scope", "wave__scope", "recipient", "message")
    reminder = rows.select_for_update(of=("self",), no_key=True).get(pk=reminder_id)
    wave = reminder.wave
    check_can_send_now(by, wave)
    if reminder.state != ReminderState.PLANNED or wave.cancelled_at:
        state = "Cancelled" if wave.cancelled_at else FATES[reminder.fate]
        raise Conflict(f"This reminder waits no more, so it cannot be sent again. Its state: {state}.")
    _check_in_time(wave, now)
    if reminder.due_at <= now:
        raise Refused("This reminder goes out already. Look again in a minute.")
    before = reminder.due_at
    reminder.due_at, reminder.is_urgent = now, is_urgent
    reminder.save(update_fields=["due_at", "is_urgent"])
    record(
        by=by,
        now=now,
        action="reminders.send_reminder_now",
        subject=reminder,
        scope_id=wave.place.pk,
        summary=f"sent the reminder {wave.title} to {reminder.recipient.name} at once",
        before={"due_at": before.isoformat()},
        after={"is_urgent": is_urgent},
    )
    return reminder


def _check_in_time(wave: ReminderWave, now: datetime) -> None:
    if wave.valid_until <= now:
        raise Refused(
            f"It is too late: this reminder was of use until {words_for_instant(wave.valid_until)}. Write to the people "
            "yourself if they still have to know."
        )
