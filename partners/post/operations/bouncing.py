"""What becomes of messages, and of addresses, when there turns out to be no such mailbox."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.post.changes import REPLY_LENGTH, add_attempts
from partners.post.enums import MessageState
from partners.post.models import Message, Suppression
from partners.post.rules import envelope_of

NO_MAILBOX = "There is no such mailbox. Nothing more is sent to the address until an administrator lifts this."


@transaction.atomic(durable=True)
def record_bounces(replies: Mapping[UUID, str], *, now: datetime) -> int:
    """Count messages that were taken as refused, and send nothing more to their addresses; returns how many.

    ``replies`` says of each message what the mail system found. The same again changes nothing.
    """
    taken = Message.objects.filter(pk__in=replies, state=MessageState.SENT).exclude(frozen=None)
    bounced = list(taken.order_by("pk").select_for_update())
    for message in bounced:
        reply = replies[message.pk][:REPLY_LENGTH]
        message.state, message.state_reason, message.reply = MessageState.REFUSED, NO_MAILBOX, reply
        add_attempts([message.pk], MessageState.REFUSED, reply)
    Message.objects.bulk_update(bounced, ["state", "state_reason", "reply"])
    Suppression.objects.bulk_create(
        (Suppression(address=_address_of(message), reason=message.reply, since=now) for message in bounced),
        ignore_conflicts=True,
    )
    return len(bounced)


def _address_of(message: Message) -> str:
    """Where it went, whatever address the person has now."""
    return envelope_of(bytes(message.frozen or b""))[1].lower()
