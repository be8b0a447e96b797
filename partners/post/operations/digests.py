"""The one mail a day of those who chose it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from partners.calendar.rules import ONE_DAY
from partners.clock.rules import instant, local_date, words_for_date
from partners.people.models import User
from partners.people.queries import away_on
from partners.post.changes import LEFT, lock_people
from partners.post.enums import Channel, MessageState
from partners.post.models import Message, PostPreference
from partners.post.queries import send_window
from partners.post.rules import SendWindow, by_heading, next_digest, one_line

TEMPLATES = "partners/post/mail"
GATHERED = "Goes out in the daily mail of {day}."


@transaction.atomic(durable=True)
def compose_digests(*, now: datetime, limit: int) -> int:
    """Write the daily mail of up to ``limit`` people out of what waits for it and is due; returns how many were written.

    One mail per person per local day, whoever runs this how often. What is not needed any more was cancelled where the
    need ended; what is too late, or to somebody who left, waits for the sweep or ends here. While somebody is away,
    whoever stands in for them gets it with their own.
    """
    window = send_window()
    if not window.is_open(now):
        return 0
    today = local_date(now)
    waiting = Message.objects.filter(
        channel=Channel.EMAIL, is_for_digest=True, state=MessageState.PENDING, due_at__lte=now
    )
    owners = set(waiting.order_by("recipient").values_list("recipient", flat=True).distinct()[:limit])
    standing_in = {owner: who for owner, who in away_on(owners, today).items() if who is not None}
    readers = {owner: standing_in[owner].pk if owner in standing_in else owner for owner in owners}
    lock_people({*owners, *readers.values()})
    rows = list(
        waiting.filter(recipient__in=owners).select_related("recipient").order_by("pk").select_for_update(of=("self",))
    )
    left = [row.pk for row in rows if not row.recipient.is_active]
    Message.objects.filter(pk__in=left).update(state=MessageState.CANCELLED, state_reason=LEFT, finished_at=now)
    gathered: dict[UUID, list[Message]] = defaultdict(list)
    for row in rows:
        if row.recipient.is_active and (row.valid_until is None or row.valid_until > now):
            gathered[readers[row.recipient_id]].append(row)
    _put_off({key: rows for key, rows in gathered.items() if key in _had_one_today(gathered, now)}, window, now)
    digests = [
        _digest(reader, gathered[reader.pk], now)
        for reader in User.objects.filter(pk__in=gathered).order_by("pk")
        if all(row.due_at <= now for row in gathered[reader.pk])
    ]
    Message.objects.bulk_create(digests)
    for digest in digests:
        Message.objects.filter(pk__in=[row.pk for row in gathered[digest.recipient_id]]).update(
            state=MessageState.SUPERSEDED,
            state_reason=GATHERED.format(day=words_for_date(today)),
            digest=digest,
            finished_at=now,
        )
    return len(digests)


def _key_of(person_id: UUID, now: datetime) -> str:
    return f"digest/{person_id}/{local_date(now)}"


def _had_one_today(people: Collection[UUID], now: datetime) -> set[UUID]:
    keys = [_key_of(person_id, now) for person_id in people]
    return set(Message.objects.filter(dedup_key__in=keys).values_list("recipient", flat=True))


def _put_off(waiting: dict[UUID, list[Message]], window: SendWindow, now: datetime) -> None:
    """What comes after the day's mail waits for that of the next day."""
    preferences = PostPreference.objects.in_bulk(waiting)
    tomorrow = instant(local_date(now) + ONE_DAY, window.opens)
    for person_id, rows in waiting.items():
        at = (preferences.get(person_id) or PostPreference()).digest_at
        for row in rows:
            row.due_at = next_digest(tomorrow, at=at, window=window)
    Message.objects.bulk_update([row for rows in waiting.values() for row in rows], ["due_at"])


def _digest(reader: User, rows: list[Message], now: datetime) -> Message:
    ends = [row.valid_until for row in rows]
    words = {
        "name": one_line(reader.name),
        "count": len(rows),
        "groups": by_heading(
            (
                row.heading,
                row.subject,
                f"{settings.PUBLIC_URL}{row.link_path}" if row.link_path else "",
                "" if row.recipient_id == reader.pk else one_line(row.recipient.name),
            )
            for row in sorted(rows, key=lambda row: (row.queued_at, row.pk))
        ),
        "inbox": settings.PUBLIC_URL + reverse("inbox"),
        "preferences": settings.PUBLIC_URL + reverse("reminder_preferences"),
    }
    return Message(
        dedup_key=_key_of(reader.pk, now),
        thread=_key_of(reader.pk, now),
        recipient=reader,
        subject=render_to_string(f"{TEMPLATES}/digest.subject.txt", words).strip(),
        text=render_to_string(f"{TEMPLATES}/digest.txt", words),
        html=render_to_string(f"{TEMPLATES}/digest.html", words),
        due_at=now,
        valid_until=max(end for end in ends if end) if all(ends) else None,
        queued_at=now,
    )
