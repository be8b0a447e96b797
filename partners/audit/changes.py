from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection, models

from partners.audit.models import AuditEvent

SUMMARY_LENGTH = 500
EVENTS_AT_ONCE = 1000


class Actor(Protocol):
    pk: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to one thing in an act that touches many; fields as in ``record``."""

    subject: models.Model
    summary: str
    scope_id: UUID | None = None
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


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
    record_each(by=by, now=now, action=action, happenings=[Happening(subject, summary, scope_id, before, after)])


def record_each(*, by: Actor | None, now: datetime, action: str, happenings: Iterable[Happening]) -> None:
    """Write one audit event for each thing that an act such as an import touches; one statement per thousand."""
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event joins the transaction of its act; open one first.")
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                happened_at=now,
                actor_id=by.pk if by else None,
                actor_name=by.name if by else "The product",
                action=action,
                subject_kind=happening.subject._meta.model_name or "",
                subject_id=happening.subject.pk,
                scope_id=happening.scope_id,
                summary=happening.summary[:SUMMARY_LENGTH],
                before=happening.before,
                after=happening.after,
            )
            for happening in happenings
        ),
        batch_size=EVENTS_AT_ONCE,
    )
