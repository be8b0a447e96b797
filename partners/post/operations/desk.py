"""What an administrator does in the post room."""

from collections.abc import Collection
from datetime import datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.post.enums import DoubtPolicy, MessageState, Resolution
from partners.post.models import Message, PostSettings, Suppression
from partners.post.permissions import check_can_manage_post
from partners.post.rules import REASON_LENGTH, SENDER_HELP, is_mailbox, least_burst, one_line

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
    words = _settle(message, resolution, by, now)
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
def resolve_held_messages(
    *, message_ids: Collection[UUID], resolution: Resolution, reason: str, by: User, now: datetime
) -> int:
    """Settle several at once, all or none, with one reason for all; returns how many.

    Raises: NotPermitted; Conflict when one is no longer held; Refused when none is chosen or one may not be settled so.
    """
    chosen = Message.objects.filter(pk__in=message_ids).select_related("recipient").order_by("pk")
    found = list(chosen.select_for_update(of=("self",)))
    check_can_manage_post(by)
    if not found:
        raise Refused("Choose at least one message.", field="messages")
    if len(found) < len(set(message_ids)) or any(message.state != MessageState.HELD for message in found):
        raise Conflict("Somebody has settled one of these messages meanwhile. Nothing was changed. Choose again.")
    for message in found:
        words = _settle(message, resolution, by, now)
    record(
        by=by,
        now=now,
        action="post.resolve_held_messages",
        subject=found[0],
        summary=f"settled {len(found)} messages in doubt: {words}, because {one_line(reason)}"[:500],
        before={"state": MessageState.HELD},
        after={"messages": [str(message.pk) for message in found], "resolution": resolution, "reason": reason},
    )
    return len(found)


@transaction.atomic(durable=True)
def lift_suppression(*, suppression_id: UUID, by: User, now: datetime) -> Suppression:
    """Let mail go to an address again. Raises: NotPermitted; Conflict when somebody has done so already."""
    found = Suppression.objects.select_for_update().get(pk=suppression_id)
    check_can_manage_post(by)
    if found.lifted_at:
        raise Conflict("Mail goes to this address again already. Nothing was changed.")
    found.lifted_at, found.lifted_by = now, by
    found.save()
    record(
        by=by,
        now=now,
        action="post.lift_suppression",
        subject=found,
        summary=f"let mail go to {found.address} again",
        before={"since": found.since.isoformat(), "reason": found.reason},
        after={"lifted": True},
    )
    return found


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
    *,
    sender: str,
    window_opens: time,
    window_closes: time,
    per_minute: int | None,
    burst: int,
    doubt_policy: DoubtPolicy,
    version: int,
    by: User,
    now: datetime,
) -> PostSettings:
    """Change the sender, the send window, the pace and what doubt means; what goes out from now on goes by them.

    Raises: NotPermitted; Refused for a sender that is no address, a window out of order or a pace that cannot be kept;
    Conflict when somebody changed them meanwhile.
    """
    PostSettings.objects.get_or_create(pk=1)
    found = PostSettings.objects.select_for_update().get(pk=1)
    check_can_manage_post(by)
    if not is_mailbox(sender):
        raise Refused(f"{SENDER_HELP}.", field="sender")
    if window_closes <= window_opens:
        raise Refused("Mail must stop going out after it starts. Choose a later end.", field="window_closes")
    pause = max(0.0, settings.TICK_SECONDS - settings.POST["run"])
    if per_minute is not None and burst < (least := least_burst(per_minute, pause_seconds=pause)):
        raise Refused(
            f"Enter {least} or more: workers pause between their runs, and {per_minute} a minute need {least} at once.",
            field="burst",
        )
    if found.version != version:
        raise Conflict(
            "Somebody changed these settings while you were working on them. Look at them, then change yours."
        )
    before = _values(found)
    found.sender, found.window_opens, found.window_closes = sender, window_opens, window_closes
    found.per_minute, found.burst, found.doubt_policy = per_minute, burst, doubt_policy
    found.version += 1
    found.save()
    record(
        by=by,
        now=now,
        action="post.change_settings",
        subject=found,
        summary="changed the sender of mail, or the hours and the pace at which it goes out",
        before=before,
        after=_values(found),
    )
    return found


def _settle(message: Message, resolution: Resolution, by: User, now: datetime) -> str:
    """What came of it in words. Raises: Refused."""
    if resolution == Resolution.ARRIVED:
        if not message.message_id:
            raise Refused("This message was never sent, so it cannot have arrived. Send it again or cancel it.")
        message.state, message.finished_at = MessageState.SENT, now
    else:
        _check_may_go_again(message, now)
        message.state, message.due_at = MessageState.PENDING, now
    words = "it had arrived" if resolution == Resolution.ARRIVED else "it is sent again"
    message.state_reason = SETTLED_BY_A_PERSON.format(name=by.name, words=words)[:REASON_LENGTH]
    message.lease_token = message.lease_until = None
    message.save()
    return words


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
        "per_minute": found.per_minute,
        "burst": found.burst,
        "doubt_policy": found.doubt_policy,
    }
