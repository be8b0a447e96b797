from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from partners.post.models import Message


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
) -> Message:
    """Put one message into the outbox in the caller's transaction; the same key again returns the first message.

    Unsent messages of the same thread become superseded.
    """
    raise NotImplementedError


def cancel_messages(ids: Collection[UUID], *, reason: str, now: datetime) -> int:
    """Cancel those that are not yet with the mail server; returns how many."""
    raise NotImplementedError
