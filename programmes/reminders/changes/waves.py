from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from partners.post.changes import cancel_messages
from partners.post.enums import Channel
from programmes.register.models import Programme
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.rules import REASON_LENGTH, Recipient

ROWS_AT_ONCE = 1000
PLAN = """
    INSERT INTO programmes_plannedreminder
        (id, dedup_key, wave_id, recipient_id, channel, need, link_path, due_at, state, state_reason)
    SELECT gen_random_uuid(), %(key)s || '/' || asked.user_id || '/' || %(channel)s, %(wave)s, asked.user_id,
        %(channel)s, asked.need, asked.link_path, coalesce(asked.due_at, %(due_at)s), %(state)s, ''
    FROM unnest(%(users)s::uuid[], %(needs)s::text[], %(links)s::text[], %(dues)s::timestamptz[])
        AS asked (user_id, need, link_path, due_at)
    ORDER BY asked.user_id
    ON CONFLICT (dedup_key) DO NOTHING
"""


def plan_wave(
    *,
    programme: Programme,
    subject_id: UUID,
    key: str,
    title: str,
    mail_subject: str,
    mail_text: str,
    due_at: datetime,
    due_reason: str,
    valid_until: datetime,
    recipients: Iterable[Recipient],
    now: datetime,
    kind: str = "",
    part_id: UUID | None = None,
    is_urgent: bool = False,
    needs_sight: bool = False,
) -> ReminderWave:
    """Write the wave and one planned reminder per recipient; the same call again writes nothing new.

    ``key`` is milestone/revision/offset within the subject, ``kind`` the source whose rules ask for it. ``mail_text`` says what is asked and until when, in
    paragraphs parted by an empty line; greeting, link and the reason for the mail are added around it.
    With ``needs_sight`` it goes only to those who may still see the programme when it is due.
    A later call may add recipients, but not to a wave that was cancelled. Three queries whatever the number.
    """
    wave_key = f"{subject_id}/{key}"
    made = ReminderWave(
        dedup_key=wave_key,
        kind=kind,
        programme=programme,
        subject_id=subject_id,
        part_id=part_id,
        title=title,
        mail_subject=mail_subject,
        mail_text=mail_text,
        due_at=due_at,
        due_reason=due_reason,
        valid_until=valid_until,
        is_urgent=is_urgent,
        needs_sight=needs_sight,
        planned_at=now,
    )
    ReminderWave.objects.bulk_create([made], ignore_conflicts=True)
    # Locked, so that planners of one wave and whoever cancels it take turns.
    wave = ReminderWave.objects.select_for_update().get(dedup_key=wave_key)
    if wave.cancelled_at is None:
        _plan(wave, list(recipients))
    return wave


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder of the wave with this whole key, at a time of its own.

    ``number`` counts those of the wave to the same person from 0: somebody may be asked again once an earlier one was
    cancelled.
    """

    wave_key: str
    to: Recipient
    due_at: datetime
    number: int = 0


def plan_each(waves: Collection[ReminderWave], planned: Collection[Planned]) -> None:
    """Write those of these waves that are not there, and the reminders; three queries. The same again writes nothing new.

    A wave that was cancelled stays so, and its reminders are cancelled when they are due.
    """
    ReminderWave.objects.bulk_create(sorted(waves, key=lambda wave: wave.dedup_key), ignore_conflicts=True)
    by_key = ReminderWave.objects.in_bulk([wave.dedup_key for wave in waves], field_name="dedup_key")
    PlannedReminder.objects.bulk_create(
        (
            PlannedReminder(
                dedup_key=f"{one.wave_key}/{one.to.user_id}/{Channel.EMAIL}" + (f"/{one.number}" if one.number else ""),
                wave=by_key[one.wave_key],
                recipient_id=one.to.user_id,
                need=one.to.need,
                link_path=one.to.link_path,
                due_at=one.due_at,
            )
            for one in planned
        ),
        ignore_conflicts=True,
        batch_size=ROWS_AT_ONCE,
    )


def move_reminders(due: Mapping[UUID, datetime], *, valid_until: Mapping[str, datetime]) -> None:
    """Let those of these reminders that are still planned go out at other times, and their waves, given by whole key."""
    planned = PlannedReminder.objects.filter(pk__in=due, state=ReminderState.PLANNED).order_by("pk")
    moved = list(planned.select_related("wave").select_for_update())
    waves = {row.wave.dedup_key: row.wave for row in moved}
    for wave in waves.values():
        wave.due_at = min(due[row.pk] for row in moved if row.wave_id == wave.pk)
        wave.valid_until = valid_until[wave.dedup_key]
    for row in moved:
        row.due_at = due[row.pk]
    ReminderWave.objects.bulk_update(waves.values(), ["due_at", "valid_until"], batch_size=ROWS_AT_ONCE)
    PlannedReminder.objects.bulk_update(moved, ["due_at"], batch_size=ROWS_AT_ONCE)


def end_need(*, need: str, reason: str, now: datetime, for_good: bool = False) -> int:
    """Cancel what is planned or still unsent for this need, in the caller's transaction; returns how many.

    Waits for a worker that is queueing one of them, and then cancels its message. ``for_good``: the planner does not
    ask again, even where the need comes back.
    """
    return cancel_reminders(PlannedReminder.objects.filter(need=need), reason=reason, now=now, for_good=for_good)


def end_needs_of_subject(*, subject_id: UUID, reason: str, now: datetime) -> int:
    """Cancel everything planned or unsent that serves the subject (a cancelled review); returns how many."""
    return cancel_reminders(PlannedReminder.objects.filter(wave__subject_id=subject_id), reason=reason, now=now)


def end_needs_of_programme(*, programme_id: UUID, reason: str, now: datetime) -> int:
    """Cancel everything planned or unsent in a programme (one that ended); returns how many."""
    return cancel_reminders(PlannedReminder.objects.filter(wave__programme=programme_id), reason=reason, now=now)


def redirect_reminders(*, need: str, link_path: str) -> int:
    """Let the planned reminders of this need lead elsewhere; returns how many. Messages that wait stay as they are."""
    planned = PlannedReminder.objects.filter(need=need, state=ReminderState.PLANNED)
    ids = list(planned.order_by("pk").select_for_update().values_list("pk", flat=True))
    return PlannedReminder.objects.filter(pk__in=ids, state=ReminderState.PLANNED).update(link_path=link_path)


def cancel_reminders(
    reminders: QuerySet[PlannedReminder], *, reason: str, now: datetime, for_good: bool = False
) -> int:
    """Cancel those of ``reminders`` that are planned, and the unsent messages of those that are queued.

    ``for_good``: the planner does not plan them again.
    """
    reason = reason[:REASON_LENGTH]
    live = reminders.filter(state__in=(ReminderState.PLANNED, ReminderState.QUEUED)).order_by("pk")
    rows = list(live.select_for_update(of=("self",)).values_list("pk", "state", "message_id"))
    planned = [pk for pk, state, _ in rows if state == ReminderState.PLANNED]
    messages = [message_id for _, state, message_id in rows if state == ReminderState.QUEUED]
    PlannedReminder.objects.filter(pk__in=planned).update(
        state=ReminderState.CANCELLED, state_reason=reason, settled_at=now
    )
    if for_good:
        PlannedReminder.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(stays_cancelled=True)
    return len(planned) + cancel_messages(messages, reason=reason, now=now)


def _plan(wave: ReminderWave, recipients: list[Recipient]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            PLAN,
            {
                "key": wave.dedup_key,
                "channel": Channel.EMAIL,
                "wave": wave.pk,
                "due_at": wave.due_at,
                "state": ReminderState.PLANNED,
                "users": [recipient.user_id for recipient in recipients],
                "needs": [recipient.need for recipient in recipients],
                "links": [recipient.link_path for recipient in recipients],
                "dues": [recipient.due_at for recipient in recipients],
            },
        )
