"""What an administrator does in the post room."""

from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.post.enums import MessageState, Resolution
from partners.post.models import Message, PostSettings
from partners.post.permissions import check_can_manage_post
from partners.post.rules import REASON_LENGTH, SENDER_HELP, is_mailbox, one_line

CANCELLABLE = (MessageState.PENDING, MessageState.CLAIMED, MessageState.HELD)
SETTLED_BY_A_PERSON = "Settled by {name}: {words}."


@transaction.atomic(durable=True)
def resolve_held_message(*, message_id: UUID, resolution: Resolution, by: User, now: datetime) -> Message:
    """Settle a message of which no machine can tell whether it arrived. Sending again sends the same bytes.

    Raises: NotPermitted; Conflict when it is no longer held; Refused when it was never sent and is said to have
    arrived, or is to be sent again although its need has ended, its time has passed or the person has left.
    """
    message = _locked(message_id)
    check_can_manage_post(by)
    if message.state != MessageState.HELD:
        raise Conflict(
            f"This message is not held any more: {message.get_state_display().lower()}. Nothing was changed."
        )
    before: dict[str, object] = {"state": message.state}
    if resolution == Resolution.ARRIVED:
        if message.frozen is None:
            raise Refused("This message was never sent, so it cannot have arrived. Send it again or cancel it.")
        message.state, message.finished_at = MessageState.SENT, now
    else:
        _check_may_go_again(message, now)
        message.state, message.due_at = MessageState.PENDING, now
    words = "it had arrived" if resolution == Resolution.ARRIVED else "it is sent again"
    message.state_reason = SETTLED_BY_A_PERSON.format(name=by.name, words=words)[:REASON_LENGTH]
    message.lease_token = message.lease_until = None
    message.save()
    record(
        by=by,
        now=now,
        action="post.resolve_held_message",
        subject=message,
        summary=f"settled a message in doubt to {message.recipient.name}: {words}",
        before=before,
        after={"state": message.state},
    )
    return message


@transaction.atomic(durable=True)
def cancel_message(*, message_id: UUID, reason: str, by: User, now: datetime) -> Message:
    """Stop a message that is not with the mail server, or give up on one that is held.

    Raises: NotPermitted; Conflict when it has already gone or ended.
    """
    message = _locked(message_id)
    check_can_manage_post(by)
    if message.state not in CANCELLABLE:
        raise Conflict(f"This message cannot be stopped any more: {message.get_state_display().lower()}.")
    before: dict[str, object] = {"state": message.state}
    message.state, message.state_reason, message.finished_at = MessageState.CANCELLED, reason[:REASON_LENGTH], now
    message.lease_token = message.lease_until = None
    message.save()
    record(
        by=by,
        now=now,
        action="post.cancel_message",
        subject=message,
        summary=f"cancelled a message to {message.recipient.name}: {one_line(reason)}",
        before=before,
        after={"state": message.state},
    )
    return message


@transaction.atomic(durable=True)
def change_post_settings(
    *, sender: str, window_opens: time, window_closes: time, version: int, by: User, now: datetime
) -> PostSettings:
    """Change the sender and the send window; what is queued from now on goes by them.

    Raises: NotPermitted; Refused for a sender that is no address or a window out of order; Conflict when somebody
    changed them meanwhile.
    """
    PostSettings.objects.get_or_create(pk=1)
    found = PostSettings.objects.select_for_update().get(pk=1)
    check_can_manage_post(by)
    if not is_mailbox(sender):
        raise Refused(f"{SENDER_HELP}.", field="sender")
    if window_closes <= window_opens:
        raise Refused("Mail must stop going out after it starts. Choose a later end.", field="window_closes")
    if found.version != version:
        raise Conflict(
            "Somebody changed these settings while you were working on them. Look at them, then change yours."
        )
    before = _values(found)
    found.sender, found.window_opens, found.window_closes = sender, window_opens, window_closes
    found.version += 1
    found.save()
    record(
        by=by,
        now=now,
        action="post.change_settings",
        subject=found,
        summary="changed the sender of mail and the hours in which it goes out",
        before=before,
        after=_values(found),
    )
    return found


def _locked(message_id: UUID) -> Message:
    return Message.objects.select_related("recipient").select_for_update(of=("self",)).get(pk=message_id)


def _check_may_go_again(message: Message, now: datetime) -> None:
    if message.stop_reason:
        raise Refused(f"This message is not needed any more: {message.stop_reason} Cancel it instead.")
    if message.valid_until and message.valid_until <= now:
        raise Refused("The time in which this message was useful has passed. Cancel it instead.")
    if not message.recipient.is_active:
        raise Refused("The person no longer has an account in use. Cancel the message instead.")


def _values(found: PostSettings) -> dict[str, object]:
    return {
        "sender": found.sender,
        "window_opens": found.window_opens.isoformat(),
        "window_closes": found.window_closes.isoformat(),
    }
