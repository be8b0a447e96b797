"""The three steps of handing a message over. No transaction is open while the mail server is spoken to."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from partners.post.changes import ABANDONED, LEFT, REPLY_LENGTH, TOO_LATE, WAITS, add_attempts, return_to_queue
from partners.post.enums import UNSENT, WITH_THE_SERVER, Channel, MessageState
from partners.post.models import Message, Suppression
from partners.post.operations.pacing import take_tokens
from partners.post.queries import DatabaseClock, is_held, post_settings, secret_of, send_window
from partners.post.rules import envelope_of, mail_bytes, says_no_such_address, with_secrets

log = logging.getLogger(__name__)
NO_MAILBOX = "The mail system said that there is no such mailbox. Correct the person's address, or lift this."
CLAIM = """
    UPDATE partners_message SET state = 'claimed', lease_token = %(token)s,
        lease_until = clock_timestamp() + %(lease)s, frozen = claimed.content,
        message_id = coalesce(nullif(message_id, ''), '<' || partners_message.id || '@' || %(domain)s || '>')
    FROM unnest(%(ids)s::uuid[], %(contents)s::bytea[]) AS claimed (id, content)
    WHERE partners_message.id = claimed.id
"""
# On the row itself and without a join: having waited for whoever cancels the message, PostgreSQL asks these conditions
# again of the row as it is then.
INTENT = """
    UPDATE partners_message SET state = 'in_flight', attempts = attempts + 1,
        lease_until = clock_timestamp() + %(lease)s
    WHERE id = %(id)s AND state = 'claimed' AND lease_token = %(token)s AND lease_until > clock_timestamp()
        AND EXISTS (SELECT FROM partners_user WHERE partners_user.id = recipient_id AND is_active)
        AND NOT EXISTS (SELECT FROM partners_sendinghold WHERE released_at IS NULL)
"""
OUTCOME = """
    WITH attempt AS (
        INSERT INTO partners_deliveryattempt (message_id, outcome, reply) VALUES (%(id)s, %(state)s, %(reply)s)
    )
    UPDATE partners_message SET state = %(state)s, state_reason = '', reply = %(reply)s, lease_token = NULL,
        lease_until = NULL, finished_at = %(now)s
    WHERE id = %(id)s AND lease_token = %(token)s AND state = ANY(%(before)s)
"""
MARK = "UPDATE partners_postepoch SET mark = mark + 1, seen_at = clock_timestamp() RETURNING mark"
UNWRITABLE = "It could not be written as a mail. Check the person's address and the sender's address."


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that one worker may try to hand over until its lease ends.

    ``frozen`` is kept for later attempts; ``content`` is the same with the secrets written in, and is kept nowhere.
    """

    message_id: UUID
    token: UUID
    sender: str
    recipient: str
    frozen: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim brought. ``is_last`` when nothing more was due, or mail is held.

    ``wait`` is in how many seconds more may go out where the pace allows no more now; ``mark`` counts the claims.
    """

    token: UUID
    claims: list[Claimed]
    is_last: bool
    wait: float = 0
    mark: int = 0


@transaction.atomic(durable=True)
def wait_for_window(*, now: datetime) -> int:
    """While the send window is shut, move due messages that are not urgent to when it opens; returns how many.

    After an outage that ended at night nobody gets the backlog at night.
    """
    window = send_window()
    if window.is_open(now):
        return 0
    mail = Message.objects.filter(channel=Channel.EMAIL)
    due = mail.filter(state=MessageState.PENDING, is_urgent=False, due_at__lte=now)
    ids = list(due.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
    return Message.objects.filter(pk__in=ids).update(
        due_at=window.next_open(now), state_reason=WAITS.format(window=window.words)
    )


@transaction.atomic(durable=True)
def claim_messages(*, now: datetime, limit: int) -> Batch:
    """Take up to ``limit`` due messages for this worker, oldest first, and freeze the bytes of those that are new.

    A claim whose lease ended is free: its worker died before the mail server had the message. Messages that came too
    late, whose person has left or whose address has no mailbox reach their final state here.
    """
    token = uuid4()
    if is_held():
        return Batch(token, [], is_last=True)
    rows = _due_and_locked(now, limit)
    _set_free([row.pk for row in rows if row.state == MessageState.CLAIMED])
    left = {row.pk for row in rows if not row.recipient.is_active}
    late = {row.pk for row in rows if row.valid_until and row.valid_until <= now} - left
    barred = _to_no_mailbox(rows) - left - late
    _finish(left, MessageState.CANCELLED, LEFT, now)
    _finish(barred, MessageState.SUPPRESSED, NO_MAILBOX, now)
    _finish(late, MessageState.EXPIRED, TOO_LATE, now)
    found = post_settings()
    live = [row for row in rows if row.pk not in left | late | barred]
    taken = take_tokens(len(live), found)
    claims = _freeze(live[: taken.count], token, found.sender, now=now)
    _execute(
        CLAIM,
        token=token,
        lease=timedelta(seconds=settings.POST["claim"]),
        ids=[claim.message_id for claim in claims],
        contents=[claim.frozen for claim in claims],
        domain=settings.MESSAGE_ID_DOMAIN,
    )
    is_last = len(rows) < limit and taken.count == len(live)
    return Batch(token, claims, is_last=is_last, wait=taken.wait, mark=_next_mark() if claims else 0)


def mark_in_flight(claim: Claimed) -> bool:
    """The intent: the whole message is on the wire, and only the final dot is missing. One statement, committed at once.

    False means that the dot must not be sent and the connection be dropped: the need has ended, the person has left or
    the lease is over.
    """
    lease = timedelta(seconds=settings.POST["in_flight"])
    return bool(_execute(INTENT, id=claim.message_id, token=claim.token, lease=lease))


def record_sent(claim: Claimed, *, reply: str, now: datetime) -> bool:
    """The mail server took it. Also settles a doubt that arose because this worker was frozen. One statement."""
    return _record_final(claim, MessageState.SENT, WITH_THE_SERVER, reply=reply, now=now)


@transaction.atomic(durable=True)
def record_refused(claim: Claimed, *, reply: str, now: datetime) -> bool:
    """The mail server will never take it. Where it says that there is no such address, nothing more is sent there."""
    if says_no_such_address(reply):
        Suppression.objects.bulk_create(
            [Suppression(address=claim.recipient.lower(), reason=reply[:REPLY_LENGTH], since=now)],
            ignore_conflicts=True,
        )
    return _record_final(claim, MessageState.REFUSED, (*UNSENT, *WITH_THE_SERVER), reply=reply, now=now)


@transaction.atomic(durable=True)
def record_not_taken(claim: Claimed, *, reply: str, now: datetime) -> bool:
    """The mail server did not take it this time: wait longer each time, until it is too late to be useful."""
    add_attempts([claim.message_id], MessageState.PENDING, reply)
    held = Message.objects.select_for_update().filter(
        pk=claim.message_id, lease_token=claim.token, state__in=(MessageState.CLAIMED, *WITH_THE_SERVER)
    )
    message = held.first()
    if message is None:
        return False
    if message.state == MessageState.CLAIMED:
        message.attempts += 1
    message.reply = reply[:REPLY_LENGTH]
    return_to_queue(message, now=now)
    return True


@transaction.atomic(durable=True)
def record_lost(claim: Claimed, *, reply: str) -> None:
    """The connection broke after the dot: nobody knows. The message stays in flight until its long lease ends."""
    add_attempts([claim.message_id], MessageState.IN_FLIGHT, reply)


@transaction.atomic(durable=True)
def release_claims(token: UUID) -> int:
    """Give back what this worker claimed and did not begin."""
    mine = Message.objects.filter(lease_token=token, state=MessageState.CLAIMED)
    return mine.update(state=MessageState.PENDING, lease_token=None, lease_until=None)


def _due_and_locked(now: datetime, limit: int) -> list[Message]:
    """Oldest first, with the person. Locked by id alone, so that the database sorts no texts."""
    held = Q(state=MessageState.CLAIMED, lease_until__gte=DatabaseClock())
    mail = Message.objects.filter(channel=Channel.EMAIL, is_for_digest=False)
    due = mail.filter(~held, state__in=UNSENT, due_at__lte=now).order_by("due_at", "pk")
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    return list(Message.objects.filter(pk__in=ids).select_related("recipient").order_by("due_at", "pk"))


def _to_no_mailbox(rows: list[Message]) -> set[UUID]:
    """Those to addresses that are suppressed; one query where there are any messages."""
    addresses = {row.pk: row.recipient.email.lower() for row in rows}
    open_ones = Suppression.objects.annotate(lowered=Lower("address")).filter(
        lowered__in=addresses.values(), lifted_at=None
    )
    barred = set(open_ones.values_list("lowered", flat=True)) if rows else set()
    return {pk for pk, address in addresses.items() if address in barred}


def _set_free(abandoned: list[UUID]) -> None:
    """Those whose worker died wait again, whether they are claimed anew now or not."""
    if abandoned:
        add_attempts(abandoned, MessageState.PENDING, ABANDONED)
        Message.objects.filter(pk__in=abandoned).update(state=MessageState.PENDING, lease_token=None, lease_until=None)


def _next_mark() -> int:
    """Counts this claim; last of all, because every worker waits for the row."""
    with connection.cursor() as cursor:
        cursor.execute(MARK)
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _freeze(rows: list[Message], token: UUID, sender: str, *, now: datetime) -> list[Claimed]:
    """Those that can be sent, with the bytes that every attempt sends; the new ones are written now."""
    claims = []
    for row in rows:
        try:
            frozen = _written(row, sender, now) if row.frozen is None else bytes(row.frozen)
            content = with_secrets(frozen, partial(secret_of, holder_id=row.recipient_id))
        except Exception:  # one message that cannot be written must not stop the others
            log.exception("message %s could not be written", row.pk)
            Message.objects.filter(pk=row.pk).update(
                state=MessageState.HELD, state_reason=UNWRITABLE, lease_token=None, lease_until=None
            )
        else:
            claims.append(Claimed(row.pk, token, *envelope_of(frozen), frozen, content))
    return claims


def _written(row: Message, sender: str, now: datetime) -> bytes:
    return mail_bytes(
        sender=sender,
        name=row.recipient.name,
        address=row.recipient.email,
        subject=f"DEMO: {row.subject}" if settings.IS_DEMO else row.subject,
        text=row.text,
        html=row.html,
        message_id=f"<{row.pk}@{settings.MESSAGE_ID_DOMAIN}>",
        written_at=now,
    )


def _finish(ids: Collection[UUID], state: MessageState, reason: str, now: datetime) -> None:
    if ids:
        Message.objects.filter(pk__in=ids).update(
            state=state, state_reason=reason, lease_token=None, lease_until=None, finished_at=now
        )


def _record_final(
    claim: Claimed, state: MessageState, before: Collection[MessageState], *, reply: str, now: datetime
) -> bool:
    """The attempt is recorded whatever became of the row: it is what happened."""
    return bool(
        _execute(
            OUTCOME,
            id=claim.message_id,
            token=claim.token,
            before=list(before),
            state=state,
            reply=reply[:REPLY_LENGTH],
            now=now,
        )
    )


def _execute(statement: str, **values: Any) -> int:
    """How many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
