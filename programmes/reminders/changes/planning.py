from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from programmes.reminders.changes.waves import Planned, cancel_reminders, plan_each
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.queries.sources import source_of
from programmes.reminders.rules import NOT_WANTED, Difference, Missing, Move, Wanted, Within

ROWS_AT_ONCE = 1000
SHORTEST = timedelta(minutes=1)
# unnest gives the keys, and so the locks, in the order of the array.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reminders/' || key, 0)) FROM unnest(%s::text[]) AS key"


def settle_reminders(kind: str, within: Within, *, now: datetime, reason: str = NOT_WANTED) -> int:
    """Plan, move and cancel so that what is planned is what the rules of this kind ask for; returns how many changed.

    The last part of an act that changes what is due, when, or to whom: what has ended is cancelled for ``reason`` in its
    transaction. ``within`` names the programmes, unless the kind concerns none. May be called at any time; the same again
    changes nothing.
    """
    lock_planning(within.programme_ids)
    found = source_of(kind).difference(within, now)
    apply_difference(found, now=now, reason=reason)
    return found.total


def lock_planning(programme_ids: Collection[UUID] | None) -> None:
    """Planners of one programme take turns, so each reads what the one before has written; None: of partners.

    Locks are taken in this order: programmes and what is in them, the planning of partners, the planning of programmes
    (by id), then waves, reminders and messages.
    """
    keys = ["partners"] if programme_ids is None else sorted(str(pk) for pk in programme_ids)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [keys])


def apply_difference(found: Difference, *, now: datetime, reason: str = NOT_WANTED) -> None:
    """Write what was found, in the caller's transaction, which has locked the planning of its kind."""
    unwanted = PlannedReminder.objects.filter(pk__in=[one.id for one in found.unwanted])
    if found.unwanted:
        cancel_reminders(unwanted, reason=reason, now=now)
    _reword(found, now)
    _move(found.moved)
    _plan(found.missing, now)


def _reword(found: Difference, now: datetime) -> None:
    wanted = {wave.id: one for wave, one in found.reworded}
    waves = list(ReminderWave.objects.filter(pk__in=wanted).order_by("pk").select_for_update())
    for wave in waves:
        words = wanted[wave.pk].words
        if wave.due_at != words.due_at:
            wave.moved_from_at = wave.due_at
        wave.title, wave.mail_subject, wave.mail_text = words.title, words.mail_subject, words.mail_text
        wave.due_at, wave.due_reason = max(words.due_at, now), words.due_reason
        wave.valid_until = max(words.valid_until, wave.due_at + SHORTEST)
    ReminderWave.objects.bulk_update(
        waves,
        ["title", "mail_subject", "mail_text", "due_at", "due_reason", "valid_until", "moved_from_at"],
        batch_size=ROWS_AT_ONCE,
    )


def _move(moves: Iterable[Move]) -> None:
    to = {move.present.id: move.to for move in moves}
    rows = list(
        PlannedReminder.objects.filter(pk__in=to, state=ReminderState.PLANNED).order_by("pk").select_for_update()
    )
    for row in rows:
        row.due_at = to[row.pk]
    PlannedReminder.objects.bulk_update(rows, ["due_at"], batch_size=ROWS_AT_ONCE)


def _plan(missing: list[Missing], now: datetime) -> None:
    if not missing:
        return
    waves = {one.wanted.key: _wave(one.wanted, now) for one in missing}
    plan_each(
        list(waves.values()),
        [Planned(one.wanted.key, one.recipient, one.due_at, one.number) for one in missing],
    )


def _wave(wanted: Wanted, now: datetime) -> ReminderWave:
    words = wanted.words
    return ReminderWave(
        dedup_key=wanted.key,
        kind=wanted.kind,
        programme_id=wanted.programme_id,
        scope_id=wanted.scope_id,
        subject_id=wanted.subject_id,
        part_id=wanted.part_id,
        title=words.title,
        mail_subject=words.mail_subject,
        mail_text=words.mail_text,
        due_at=words.due_at,
        due_reason=words.due_reason,
        valid_until=words.valid_until,
        is_urgent=wanted.is_urgent,
        needs_sight=wanted.needs_sight,
        planned_at=now,
    )
