from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from programmes.register.models import Programme
from programmes.reminders.changes import Planned, Recipient, cancel_reminders, move_reminders, plan_each
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.workstreams.queries.chasing import Chase, chase
from programmes.workstreams.rules.chasing import (
    KIND,
    NOT_WANTED,
    Ask,
    Ladder,
    key_of_wave,
    need_of,
    path_for,
    words_for_wave,
)

SUBJECT_LENGTH = 200
# unnest gives the ids, and so the locks, in the order of the array.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('chase/' || id, 0)) FROM unnest(%s::text[]) AS id"


def settle_chasing(*programmes: Programme, now: datetime) -> int:
    """Plan what is still to be asked of whom in these programmes, and cancel what is not; returns how many changed.

    The last part of an act that changes who owes a status or who is asked for it. May be called at any time and by
    several at once; the same again changes nothing. A programme that an act both takes from and gives to is given with
    the other one: two calls could wait for each other.

    Locks are taken in this order: programmes, workstreams, then the chase of each programme (by id), then waves,
    reminders and messages. An act has taken the first two before it calls this; what comes after the chase is read
    afresh, so whoever waited sees what the one before has done.
    """
    return settle_chasing_of({one.pk for one in programmes}, now=now)


def settle_chasing_of(programme_ids: Collection[UUID], *, now: datetime) -> int:
    """``settle_chasing`` for programmes by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(str(pk) for pk in programme_ids)])
    found = chase(programme_ids, now=now)
    if found.settlement.total:
        _settle(found, now)
    return found.settlement.total


def _settle(found: Chase, now: datetime) -> None:
    settlement = found.settlement
    move_reminders(
        {one.id: at for one, at in settlement.to_move.items()},
        valid_until={_key(one.ask): _ladder(found, one.ask).ends_at for one in settlement.to_move},
    )
    stopped = PlannedReminder.objects.filter(pk__in=[one.id for one in settlement.to_cancel])
    cancel_reminders(stopped, reason=NOT_WANTED, now=now)
    first: dict[str, tuple[Ask, datetime]] = {}
    for ask, at in settlement.to_ask.items():
        first[_key(ask)] = min(first.get(_key(ask), (ask, at)), (ask, at), key=lambda each: each[1])
    plan_each(
        [_wave(found, ask, due_at=at, now=now) for ask, at in first.values()],
        [
            Planned(_key(ask), Recipient(ask.user_id, need_of(ask), path_for(ask)), at, found.times_asked[ask])
            for ask, at in settlement.to_ask.items()
        ],
    )


def _wave(found: Chase, ask: Ask, *, due_at: datetime, now: datetime) -> ReminderWave:
    programme, ladder = found.programmes[ask.programme_id], _ladder(found, ask)
    words = words_for_wave(ask.step, ladder, programme.name)
    return ReminderWave(
        dedup_key=_key(ask),
        kind=KIND,
        programme=programme,
        subject_id=programme.pk,
        title=words.title,
        mail_subject=words.mail_subject[:SUBJECT_LENGTH],
        mail_text=words.mail_text,
        due_at=due_at,
        due_reason=words.due_reason,
        valid_until=ladder.ends_at,
        needs_sight=True,
        planned_at=now,
    )


def _ladder(found: Chase, ask: Ask) -> Ladder:
    return found.ladders[ask.programme_id, ask.period_on]


def _key(ask: Ask) -> str:
    return key_of_wave(ask.programme_id, ask.period_on, ask.step)
