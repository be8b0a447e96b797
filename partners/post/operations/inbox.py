"""What comes into people's inboxes, and that they read it. Reading is no act, so it is not in the audit trail."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from partners.people.models import User
from partners.post.changes import LEFT, TOO_LATE
from partners.post.models import Message
from partners.post.queries import unread_of

ARRIVE = """
    WITH due AS MATERIALIZED (
        SELECT id FROM partners_message WHERE channel = 'inbox' AND state IN ('pending', 'claimed') AND due_at <= %(now)s
        ORDER BY due_at, id FOR UPDATE SKIP LOCKED
    )
    UPDATE partners_message entry SET finished_at = %(now)s,
        state = CASE WHEN NOT person.is_active THEN 'cancelled' WHEN valid_until <= %(now)s THEN 'expired' ELSE 'sent' END,
        state_reason = CASE WHEN NOT person.is_active THEN %(left)s WHEN valid_until <= %(now)s THEN %(late)s ELSE '' END
    FROM due, partners_user person WHERE entry.id = due.id AND person.id = entry.recipient_id
"""


@transaction.atomic(durable=True)
def deliver_inbox(*, now: datetime) -> int:
    """Put what is due into the inboxes; returns how many entries came to their end.

    Exactly once: one statement that nothing outside the database takes part in.
    """
    with connection.cursor() as cursor:
        cursor.execute(ARRIVE, {"now": now, "left": LEFT, "late": TOO_LATE})
        return int(cursor.rowcount)


@transaction.atomic(durable=True)
def note_reading(message_id: UUID, *, person: User, now: datetime) -> bool:
    """The person has opened an entry of theirs; False when it was read before or is not needed any more."""
    return bool(unread_of(person).filter(pk=message_id).order_by().update(read_at=now))


@transaction.atomic(durable=True)
def note_all_read(*, person: User, now: datetime) -> int:
    """The person has seen everything in their inbox; returns how many entries were unread."""
    rows = unread_of(person).order_by("pk").select_for_update().values_list("pk", flat=True)
    return Message.objects.filter(pk__in=list(rows)).update(read_at=now)
