from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection, models

from partners.audit.models import AuditEvent

SUMMARY_LENGTH = 500


class Actor(Protocol):
    pk: UUID
    name: str


def record(
    *,
    by: Actor | None,
    now: datetime,
    action: str,
    subject: models.Model,
    summary: str,
    scope_id: UUID | None = None,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Write the one audit event of the act whose transaction this is.

    ``action`` is ``room.verb_noun``; ``summary`` reads after the actor's name ("published Red for Custody tablets").
    ``scope_id`` is the scope whose members may read it. ``by`` is empty for what the product does by itself.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event joins the transaction of its act; open one first.")
    AuditEvent.objects.create(
        happened_at=now,
        actor_id=by.pk if by else None,
        actor_name=by.name if by else "The product",
        action=action,
        subject_kind=subject._meta.model_name or "",
        subject_id=subject.pk,
        scope_id=scope_id,
        summary=summary[:SUMMARY_LENGTH],
        before=before,
        after=after,
    )
