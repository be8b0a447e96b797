"""Clearing up after workers that died: each step is safe to run at any time, by several at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from partners.post.changes import ABANDONED, TOO_LATE, add_attempts, return_to_queue
from partners.post.enums import Acceptance, DoubtPolicy, MessageState
from partners.post.models import Message
from partners.post.queries import DatabaseClock, post_settings

BATCH = 1000
NO_ANSWER = "The lease ended without an answer from the mail server."
IN_DOUBT = "The mail server may have taken it: the connection or the worker was lost before its answer was recorded."
RESTORED = "The database was restored from a backup: this message may have been sent after the backup was made."
HELD = "Nobody can tell by machine whether the mail server took it. Ask the person or the mail system, then settle it."


@transaction.atomic(durable=True)
def return_stuck_claims() -> int:
    """Messages whose worker died before handing them over wait again; returns how many."""
    stuck = Message.objects.filter(state=MessageState.CLAIMED, lease_until__lt=DatabaseClock())
    ids = _locked(stuck)
    add_attempts(ids, MessageState.PENDING, ABANDONED)
    return Message.objects.filter(pk__in=ids).update(state=MessageState.PENDING, lease_token=None, lease_until=None)


@transaction.atomic(durable=True)
def expire_messages(*, now: datetime) -> int:
    """Messages that wait and have come too late to be useful; returns how many."""
    ids = _locked(Message.objects.filter(state=MessageState.PENDING, valid_until__lte=now))
    return Message.objects.filter(pk__in=ids).update(state=MessageState.EXPIRED, state_reason=TOO_LATE, finished_at=now)


@transaction.atomic(durable=True)
def put_in_doubt() -> int:
    """Messages in flight whose long lease has ended; returns how many.

    The lease token stays, so that a worker that was only frozen may still record what the server answered it.
    """
    ids = _locked(Message.objects.filter(state=MessageState.IN_FLIGHT, lease_until__lt=DatabaseClock()))
    add_attempts(ids, MessageState.IN_DOUBT, NO_ANSWER)
    return Message.objects.filter(pk__in=ids).update(state=MessageState.IN_DOUBT, state_reason=IN_DOUBT)


@transaction.atomic(durable=True)
def settle_doubt(message_id: UUID, *, answer: Acceptance, now: datetime) -> bool:
    """Record what the mail system said of a message in doubt. False when somebody settled it meanwhile.

    Accepted: sent. Not accepted: tried again with the same bytes. Cannot tell: held for a person, or tried again where
    the settings say so; never again without a person where the doubt comes from a restored backup.
    """
    message = Message.objects.select_for_update().filter(pk=message_id, state=MessageState.IN_DOUBT).first()
    if message is None:
        return False
    match answer:
        case Acceptance.ACCEPTED:
            message.state, message.state_reason, message.finished_at = MessageState.SENT, "", now
            message.lease_token = message.lease_until = None
            message.save()
        case Acceptance.NOT_ACCEPTED:
            return_to_queue(message, now=now)
        case Acceptance.CANNOT_TELL if _may_be_doubled(message):
            return_to_queue(message, now=now)
        case Acceptance.CANNOT_TELL:
            message.state, message.state_reason = MessageState.HELD, HELD
            message.save()
    add_attempts([message.pk], MessageState(message.state), answer.label)
    return True


def _may_be_doubled(message: Message) -> bool:
    was_restored = message.state_reason == RESTORED
    return not was_restored and post_settings().doubt_policy == DoubtPolicy.RESEND


def _locked(messages: QuerySet[Message]) -> list[UUID]:
    return list(messages.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
