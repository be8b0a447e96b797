from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.template.loader import render_to_string

from partners.audit.changes import record
from partners.audit.rules import Conflict
from partners.people.models import User
from partners.post.changes import Draft, queue_messages
from partners.post.models import Message
from partners.post.rules import holds_a_capability, one_line
from programmes.register.queries import may_see
from programmes.reminders.changes import cancel_reminders
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.permissions import check_can_cancel_reminders
from programmes.reminders.rules import REASON_LENGTH, paragraphs, thread_of

TEMPLATES = "programmes/reminders/mail"
WAVE_CANCELLED = "This reminder was cancelled for everybody."
LEFT = "The person no longer has an account in use."
UNSEEN = "The person may no longer see the programme."
TOO_LATE = "Its time had passed before it could be sent."
SUPERSEDED = "A later reminder about the same was due too."


@dataclass(frozen=True, slots=True)
class Settled:
    """How many due reminders came to which end."""

    queued: int = 0
    superseded: int = 0
    expired: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.queued + self.superseded + self.expired + self.cancelled


@transaction.atomic(durable=True)
def queue_due(*, now: datetime, limit: int) -> Settled:
    """Settle up to ``limit`` reminders that are due, oldest first: each is queued with the post room or comes to an end.

    After an outage a person gets at most one message for one need: the latest that is still useful. Somebody who ends
    the need meanwhile either holds the row, and it is left alone, or waits and then cancels the message. Safe to run
    by several workers at once: a row that another holds is skipped.
    """
    cancelled: list[PlannedReminder] = []
    left: list[PlannedReminder] = []
    unseen: list[PlannedReminder] = []
    late: list[PlannedReminder] = []
    older: list[PlannedReminder] = []
    wanted: list[PlannedReminder] = []
    for reminder in _due(now, limit):
        if reminder.wave.cancelled_at:
            cancelled.append(reminder)
        elif not reminder.recipient.is_active:
            left.append(reminder)
        elif reminder.wave.needs_sight and not reminder.has_sight:
            unseen.append(reminder)
        elif reminder.wave.valid_until <= now:
            late.append(reminder)
        elif reminder.has_later:
            older.append(reminder)
        else:
            wanted.append(reminder)
    _settle(cancelled, ReminderState.CANCELLED, WAVE_CANCELLED, now)
    _settle(left, ReminderState.CANCELLED, LEFT, now)
    _settle(unseen, ReminderState.CANCELLED, UNSEEN, now)
    _settle(late, ReminderState.EXPIRED, TOO_LATE, now)
    _settle(older, ReminderState.SUPERSEDED, SUPERSEDED, now)
    queue_messages([_draft(reminder) for reminder in wanted], now=now)
    same_key = Message.objects.filter(dedup_key=OuterRef("dedup_key")).values("pk")
    PlannedReminder.objects.filter(pk__in=[reminder.pk for reminder in wanted]).update(
        state=ReminderState.QUEUED, settled_at=now, message_id=Subquery(same_key)
    )
    return Settled(
        queued=len(wanted),
        superseded=len(older),
        expired=len(late),
        cancelled=len(cancelled) + len(left) + len(unseen),
    )


@transaction.atomic(durable=True)
def cancel_wave(*, wave_id: UUID, reason: str, by: User, now: datetime) -> int:
    """Cancel a reminder for everybody who has not got it; returns for how many.

    Raises: NotPermitted; Conflict when somebody has cancelled it already.
    """
    wave = ReminderWave.objects.select_related("programme__scope").select_for_update(of=("self",)).get(pk=wave_id)
    check_can_cancel_reminders(by, wave.programme)
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
        scope_id=wave.programme.scope_id,
        summary=f"cancelled the reminder {wave.title}: {reason}",
        after={"reason": reason, "stopped": stopped},
    )
    return stopped


@transaction.atomic(durable=True)
def cancel_reminder(*, reminder_id: UUID, reason: str, by: User, now: datetime) -> PlannedReminder:
    """Cancel one person's reminder.

    Raises: NotPermitted; Conflict when it has gone or ended already.
    """
    found = PlannedReminder.objects.select_related("wave__programme__scope", "recipient")
    reminder = found.select_for_update(of=("self",)).get(pk=reminder_id)
    programme = reminder.wave.programme
    check_can_cancel_reminders(by, programme)
    if not cancel_reminders(PlannedReminder.objects.filter(pk=reminder_id), reason=reason, now=now):
        raise Conflict("This reminder has been sent or has ended already, so it cannot be cancelled.")
    record(
        by=by,
        now=now,
        action="reminders.cancel_reminder",
        subject=reminder,
        scope_id=programme.scope_id,
        summary=f"cancelled the reminder {reminder.wave.title} to {reminder.recipient.name}: {reason}",
        after={"reason": reason},
    )
    return reminder


def _due(now: datetime, limit: int) -> QuerySet[Any]:
    """Due reminders, locked, with wave and person.

    ``has_later``: a later one for the same need takes its place. ``has_sight``: the person may see the programme.
    """
    later = PlannedReminder.objects.filter(
        Q(state=ReminderState.QUEUED) | Q(state=ReminderState.PLANNED, due_at__lte=now),
        Q(due_at__gt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__gt=OuterRef("pk")),
        recipient_id=OuterRef("recipient_id"),
        channel=OuterRef("channel"),
        need=OuterRef("need"),
        wave__cancelled_at=None,
        wave__valid_until__gt=now,
    )
    due = PlannedReminder.objects.filter(state=ReminderState.PLANNED, due_at__lte=now).order_by("due_at", "pk")
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    rows = PlannedReminder.objects.filter(pk__in=ids).annotate(
        has_later=Exists(later),
        has_sight=Case(
            When(may_see(programme="wave__programme", person="recipient"), then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )
    return rows.select_related("wave__programme", "recipient").order_by("due_at", "pk")


def _settle(reminders: list[PlannedReminder], state: ReminderState, reason: str, now: datetime) -> None:
    if reminders:
        PlannedReminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(
            state=state, state_reason=reason, settled_at=now
        )


def _draft(reminder: PlannedReminder) -> Draft:
    wave = reminder.wave
    words = {
        "name": one_line(reminder.recipient.name),
        "programme": one_line(wave.programme.name),
        "subject": one_line(wave.mail_subject),
        "paragraphs": paragraphs(wave.mail_text),
        "link": f"{settings.PUBLIC_URL}{reminder.link_path}",
        "is_personal": holds_a_capability(reminder.link_path),
    }
    return Draft(
        dedup_key=reminder.dedup_key,
        thread=thread_of(reminder.need, reminder.recipient_id),
        recipient_id=reminder.recipient_id,
        subject=render_to_string(f"{TEMPLATES}/subject.txt", words),
        text=render_to_string(f"{TEMPLATES}/text.txt", words),
        html=render_to_string(f"{TEMPLATES}/body.html", words),
        due_at=reminder.due_at,
        valid_until=wave.valid_until,
        is_urgent=wave.is_urgent,
    )
