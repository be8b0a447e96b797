from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.template.loader import render_to_string

from partners.post.changes import Draft, queue_messages
from partners.post.models import Message
from programmes.register.queries import may_see
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reminders.queries.mail import TEMPLATES, words_of_mail
from programmes.reminders.rules import thread_of

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
    return rows.select_related("wave__programme", "wave__scope", "recipient").order_by("due_at", "pk")


def _settle(reminders: list[PlannedReminder], state: ReminderState, reason: str, now: datetime) -> None:
    if reminders:
        PlannedReminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(
            state=state, state_reason=reason, settled_at=now
        )


def _draft(reminder: PlannedReminder) -> Draft:
    wave = reminder.wave
    words = words_of_mail(wave, name=reminder.recipient.name, link_path=reminder.link_path)
    return Draft(
        dedup_key=reminder.dedup_key,
        thread=thread_of(reminder.need, reminder.recipient_id),
        recipient_id=reminder.recipient_id,
        subject=render_to_string(f"{TEMPLATES}/subject.txt", words),
        text=render_to_string(f"{TEMPLATES}/text.txt", words),
        html=render_to_string(f"{TEMPLATES}/body.html", words),
        due_at=reminder.due_at,
        valid_until=wave.valid_until,
        is_urgent=wave.is_urgent or reminder.is_urgent,
        heading=wave.programme.name if wave.programme else wave.place.name,
    )
