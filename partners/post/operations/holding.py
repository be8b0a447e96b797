"""What stops mail from going out, and a person who lets it go on."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.clock.rules import words_for_instant
from partners.people.models import User
from partners.post.changes import add_attempts
from partners.post.enums import UNSENT, Channel, HoldKind, Loop, MessageState
from partners.post.models import DeliveryAttempt, Heartbeat, Message, PostEpoch, SendingHold
from partners.post.operations.sweeping import RESTORED
from partners.post.permissions import check_can_manage_post
from partners.post.queries import DatabaseFacts, database_facts, open_holds
from partners.post.rules import next_generation

BATCH = 1000
FOUND_OUT = {
    "epoch": "POST_EPOCH was changed",
    "system": "it is in another PostgreSQL",
    "timeline": "PostgreSQL was recovered or failed over",
    "database": "it is another database of the same PostgreSQL",
    "mark": "it knows less than it did when it last sent mail",
}
NOT_ASKED = (
    "The mail system has not been asked yet about everything that may have been sent since the backup. Wait a minute."
)
NOT_QUEUED = (
    "The reminders that fell due since the backup have not been gone through yet. Wait until every loop has run."
)


@transaction.atomic(durable=True)
def hold_for_a_jump(*, words: str, now: datetime) -> None:
    """Stop sending because a clock jumped; once, however many workers see it."""
    _open(HoldKind.CLOCK_JUMP, words, now, {})


@transaction.atomic(durable=True)
def hold_for_a_restore(*, facts: DatabaseFacts, mark_outside: int, now: datetime) -> None:
    """Stop sending when this is not the database that last sent mail, or one that has forgotten some of it.

    A database that never sent anything is taken as it is.
    """
    if facts.kept is None and not DeliveryAttempt.objects.exists():
        _take_as_it_is(facts, mark_outside)
        return
    found = [FOUND_OUT[part] for part, value in facts.fingerprint.items() if (facts.kept or {}).get(part) != value]
    found = [] if facts.kept is None else found
    found += [FOUND_OUT["mark"]] if mark_outside > facts.mark else []
    if not found:
        if facts.kept is None:
            _take_as_it_is(facts, mark_outside)
        return
    since = facts.last_beat or facts.clock
    ahead = now - facts.clock
    words = f"The database was restored: {', and '.join(found)}. The backup is of {words_for_instant(since + ahead)}."
    details: dict[str, object] = {
        "since": since.isoformat(),
        "database_at": facts.clock.isoformat(),
        "was": facts.kept,
        "is": facts.fingerprint,
        "mark": facts.mark,
        "mark_outside": mark_outside,
    }
    _open(HoldKind.RESTORE, words, now, details)


@transaction.atomic(durable=True)
def doubt_what_was_restored() -> int:
    """While a restore holds the mail, put in doubt what may have been sent since the backup; returns how many.

    That is what was due when the restore was seen, and what has been queued since then and waits for the hours of mail.
    """
    hold = open_holds().filter(kind=HoldKind.RESTORE).first()
    if hold is None:
        return 0
    ids = list(_unasked(hold).order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    add_attempts(ids, MessageState.IN_DOUBT, RESTORED)
    given = Concat(Value("<"), Cast("id", CharField()), Value(f"@{settings.MESSAGE_ID_DOMAIN}>"))
    since = datetime.fromisoformat(hold.details["since"]) + timedelta(seconds=settings.POST["in_flight"])
    return Message.objects.filter(pk__in=ids).update(
        state=MessageState.IN_DOUBT,
        state_reason=RESTORED,
        lease_token=None,
        lease_until=since,
        message_id=Coalesce(NullIf(F("message_id"), Value("")), given),
    )


@transaction.atomic(durable=True)
def stop_sending(*, words: str, by: User, now: datetime) -> SendingHold:
    """Stop all mail until somebody lets it go on. Raises: NotPermitted; Conflict when somebody has stopped it already."""
    check_can_manage_post(by)
    if open_holds().filter(kind=HoldKind.PERSON).exists():
        raise Conflict("Somebody has stopped the mail already. Nothing was changed.")
    hold = SendingHold.objects.create(kind=HoldKind.PERSON, words=words, began_at=now)
    record(
        by=by,
        now=now,
        action="post.stop_sending",
        subject=hold,
        summary="stopped all mail",
        before=None,
        after={"why": words},
    )
    return hold


@transaction.atomic(durable=True)
def release_hold(*, hold_id: UUID, note: str, by: User, now: datetime) -> SendingHold:
    """Let mail go on. ``note`` is what the person has looked at and confirms.

    Raises: NotPermitted; Conflict when it is released already; Refused while it is not known of everything that may have
    been sent since a backup whether it was.
    """
    hold = SendingHold.objects.select_for_update().get(pk=hold_id)
    check_can_manage_post(by)
    if hold.released_at:
        raise Conflict("Somebody has let the mail go on already. Nothing was changed.")
    if hold.kind == HoldKind.RESTORE:
        _check_is_gone_through(hold)
        _take_as_it_is(database_facts(), int(hold.details["mark_outside"]))
    hold.released_at, hold.released_by, hold.release_note = now, by, note
    hold.save()
    record(
        by=by,
        now=now,
        action="post.release_hold",
        subject=hold,
        summary=f"let mail go on: {hold.get_kind_display().lower()}",
        before={"held_since": hold.began_at.isoformat()},
        after={"confirmed": note},
    )
    return hold


def _open(kind: HoldKind, words: str, now: datetime, details: dict[str, object]) -> None:
    SendingHold.objects.bulk_create(
        [SendingHold(kind=kind, words=words[:500], began_at=now, details=details)], ignore_conflicts=True
    )


def _take_as_it_is(facts: DatabaseFacts, mark_outside: int) -> None:
    mark = max(facts.mark, mark_outside)
    PostEpoch.objects.update_or_create(
        pk=1,
        defaults={
            "fingerprint": facts.fingerprint,
            "mark": next_generation(mark) if mark else 0,
            "seen_at": facts.clock,
        },
    )


def _unasked(hold: SendingHold) -> QuerySet[Message]:
    asked = DeliveryAttempt.objects.filter(
        message=OuterRef("pk"), recorded_at__gte=datetime.fromisoformat(hold.details["database_at"])
    )
    was_due = Q(due_at__lte=hold.began_at) | Q(is_urgent=False, queued_at__gte=hold.began_at)
    return Message.objects.filter(was_due, ~Exists(asked), channel=Channel.EMAIL, state__in=UNSENT)


def _check_is_gone_through(hold: SendingHold) -> None:
    since = datetime.fromisoformat(hold.details["database_at"])
    if not Heartbeat.objects.filter(loop=Loop.QUEUE_DUE, beaten_at__gt=since).exists():
        raise Refused(NOT_QUEUED)
    if _unasked(hold).exists() or Message.objects.filter(state=MessageState.IN_DOUBT, state_reason=RESTORED).exists():
        raise Refused(NOT_ASKED)
