from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q

from partners.clock.rules import words_for_instant
from partners.people.models import User
from partners.post.enums import FINAL, UNSENT, WITH_THE_SERVER, Channel, EmailChoice, MessageState
from partners.post.models import CalendarFeed, DeliveryAttempt, Message, PostPreference
from partners.post.queries import UNREAD, send_window
from partners.post.rules import (
    HEADING_LENGTH,
    REASON_LENGTH,
    BackOff,
    SendWindow,
    holds_a_capability,
    inbox_key,
    link_path_in,
    message_id_of,
    next_digest,
    one_line,
)

REPLY_LENGTH = 500
ABANDONED = "The worker that had it stopped before handing it over; nothing had been sent."
LEFT = "The person no longer has an account in use."
TOO_LATE = "Its time had passed before it could be sent."
TRIED_AGAIN = "The mail server did not take it. It is tried again at {when}."
NOT_IN_TIME = "The mail server did not take it while it was useful."
SUBJECT_LENGTH = 300
BETWEEN_READINGS = timedelta(minutes=5)
WAITS = "Waits for the hours in which mail goes out: {window}."
FOR_THE_DIGEST = "Waits for the person's daily mail: {when}."
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued, under a key that is used once. ``heading`` is what a digest lists it under."""

    dedup_key: str
    thread: str
    recipient_id: UUID
    subject: str
    text: str
    html: str
    due_at: datetime
    valid_until: datetime | None = None
    is_urgent: bool = False
    heading: str = ""


def queue_message(
    *,
    dedup_key: str,
    thread: str,
    recipient_id: UUID,
    subject: str,
    text: str,
    html: str,
    due_at: datetime,
    now: datetime,
    valid_until: datetime | None = None,
    is_urgent: bool = False,
    heading: str = "",
) -> Message:
    """Put one message into the outbox in the caller's transaction; the same key again returns the first message.

    Unsent messages of the same thread become superseded. A message that is not urgent waits for the send window.
    """
    draft = Draft(dedup_key, thread, recipient_id, subject, text, html, due_at, valid_until, is_urgent, heading)
    return queue_messages([draft], now=now)[dedup_key]


def queue_messages(drafts: Sequence[Draft], *, now: datetime) -> dict[str, Message]:
    """``queue_message`` for many, by key; at most twelve queries whatever the number. At most one draft of a thread.

    Each mail has an entry in the person's inbox beside it, unless it carries a secret. Where the person wants no mail
    the entry alone has the key; where they want one mail a day the mail waits for it, unless it would come too late.
    Locks the recipients, so that two messages of one thread cannot be queued past each other.
    """
    if not drafts:
        return {}
    _must_be_in_a_transaction()
    lock_people({draft.recipient_id for draft in drafts})
    keys = [draft.dedup_key for draft in drafts]
    known = set(Message.objects.filter(dedup_key__in=keys).values_list("dedup_key", flat=True))
    window = send_window()
    preferences = PostPreference.objects.in_bulk({draft.recipient_id for draft in drafts})
    new = [
        message
        for draft in drafts
        if draft.dedup_key not in known
        for message in _messages_of(draft, preferences.get(draft.recipient_id) or PostPreference(), window, now)
    ]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    _supersede({message.thread for message in new}, but=[*keys, *map(inbox_key, keys)], now=now)
    return {message.dedup_key: message for message in Message.objects.filter(dedup_key__in=keys)}


def lock_people(ids: Collection[UUID]) -> None:
    """Let acts that queue mail to the same people take turns."""
    people = User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    list(people.values_list("pk", flat=True))


def cancel_messages(ids: Collection[UUID], *, reason: str, now: datetime) -> int:
    """Cancel those that are not yet with the mail server; returns how many.

    One that is with the server already is marked so that it is never sent again. The entries in the inbox beside them
    are cancelled too, or say why they are not needed any more.
    """
    return _stop(list(ids), MessageState.CANCELLED, reason=reason, now=now)


def note_feed_read(feed: CalendarFeed, *, now: datetime) -> None:
    """Keep when a calendar program last read it. Not an act, so not in the audit trail; at most once in five minutes."""
    if feed.last_read_at is None or now - feed.last_read_at >= BETWEEN_READINGS:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)


def add_attempts(ids: Collection[UUID], outcome: MessageState, reply: str) -> None:
    """Record one pass over each of these messages and what came of it."""
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(message_id=pk, outcome=outcome, reply=reply[:REPLY_LENGTH]) for pk in ids
    )


def return_to_queue(message: Message, *, now: datetime) -> None:
    """Try a message again that the mail server certainly does not have, with the same bytes; the caller has locked it.

    It ends instead where its need has ended meanwhile or the next attempt would come too late.
    """
    back_off = BackOff(
        first=timedelta(seconds=settings.POST["retry"]), longest=timedelta(seconds=settings.POST["longest_retry"])
    )
    due_at = back_off.next_attempt(
        now=now, attempts=message.attempts, spread=_random.random(), valid_until=message.valid_until
    )
    message.lease_token = message.lease_until = None
    if message.stop_reason:
        message.state, message.state_reason, message.finished_at = MessageState.CANCELLED, message.stop_reason, now
    elif due_at is None:
        message.state, message.state_reason, message.finished_at = MessageState.EXPIRED, NOT_IN_TIME, now
    else:
        message.due_at = due_at if message.is_urgent else send_window().next_open(due_at)
        message.state, message.state_reason = (
            MessageState.PENDING,
            TRIED_AGAIN.format(when=words_for_instant(message.due_at)),
        )
    message.save()


def _messages_of(draft: Draft, preference: PostPreference, window: SendWindow, now: datetime) -> list[Message]:
    """The mail and the entry beside it, or one of them."""
    asked_at = max(draft.due_at, now)

    def message(dedup_key: str, **more: Any) -> Message:
        return Message(
            id=message_id_of(dedup_key),
            dedup_key=dedup_key,
            thread=draft.thread,
            recipient_id=draft.recipient_id,
            subject=one_line(draft.subject)[:SUBJECT_LENGTH],
            text=draft.text,
            link_path="" if is_secret else link_path_in(draft.text, below=settings.PUBLIC_URL),
            heading=one_line(draft.heading)[:HEADING_LENGTH],
            is_urgent=draft.is_urgent,
            valid_until=draft.valid_until,
            queued_at=now,
            **more,
        )

    is_secret = holds_a_capability(draft.text)
    choice = EmailChoice.AT_ONCE if draft.is_urgent or is_secret else preference.email
    entry = {"channel": Channel.INBOX, "html": "", "due_at": draft.due_at}
    if choice == EmailChoice.INBOX_ONLY:
        return [message(draft.dedup_key, **entry)]
    due_at = draft.due_at if draft.is_urgent else window.next_open(asked_at)
    reason = WAITS.format(window=window.words) if due_at > asked_at else ""
    digest_at = next_digest(asked_at, at=preference.digest_at, window=window)
    is_for_digest = choice == EmailChoice.DAILY and (draft.valid_until is None or digest_at < draft.valid_until)
    if is_for_digest:
        due_at, reason = digest_at, FOR_THE_DIGEST.format(when=words_for_instant(digest_at))
    mail = message(draft.dedup_key, html=draft.html, due_at=due_at, state_reason=reason, is_for_digest=is_for_digest)
    return [mail] if is_secret else [mail, message(inbox_key(draft.dedup_key), **entry)]


def _supersede(threads: Collection[str], *, but: Collection[str], now: datetime) -> None:
    older = Message.objects.filter(~Q(state__in=FINAL) | UNREAD, thread__in=threads).exclude(dedup_key__in=but)
    ids = list(older.values_list("pk", flat=True))
    _stop(ids, MessageState.SUPERSEDED, reason="A later message says the same.", now=now)


def _stop(ids: list[UUID], state: MessageState, *, reason: str, now: datetime) -> int:
    """Locks in one order first. A sender that holds a claim finds no row at its intent step and drops the connection."""
    if not ids:
        return 0
    _must_be_in_a_transaction()
    reason = reason[:REASON_LENGTH]
    keys = list(Message.objects.filter(pk__in=ids).values_list("dedup_key", flat=True))
    mine_or_beside = Q(pk__in=ids) | Q(dedup_key__in=[inbox_key(key) for key in keys])
    rows = Message.objects.filter(mine_or_beside).filter(~Q(state__in=FINAL) | UNREAD).order_by("pk")
    live = list(rows.select_for_update().values_list("pk", flat=True))
    is_seen = Q(state__in=WITH_THE_SERVER, stop_reason="") | UNREAD
    Message.objects.filter(is_seen, pk__in=live).update(stop_reason=reason)
    never_sent = Q(state__in=UNSENT) | Q(state=MessageState.HELD, frozen=None)
    stopped = {"state": state, "state_reason": reason, "lease_token": None, "lease_until": None, "finished_at": now}
    Message.objects.filter(never_sent, pk__in=set(live).difference(ids)).update(**stopped)
    return Message.objects.filter(never_sent, pk__in=set(live).intersection(ids)).update(**stopped)


def _must_be_in_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("Messages change in the transaction of the act that needs it; open one first.")
