"""Status updates."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from partners.people.models import User
from programmes.reporting.operations import record_status_update
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from tests.builders.core import NOW, make_manager


def report(
    workstream: Workstream, rating: Rating = Rating.GREEN, *, by: User | None = None, now: datetime = NOW, **more: Any
) -> StatusUpdate:
    """A status after the latest one, by a programme manager unless somebody is named."""
    words: dict[str, Any] = {
        "changed": "Two sites moved over.",
        "next_steps": "The third.",
        "ask_kind": Ask.NONE,
        "ask": "",
    }
    latest = Workstream.objects.values_list("current_update_id", flat=True).get(pk=workstream.pk)
    return record_status_update(
        workstream_id=workstream.pk,
        rating=rating,
        by=by or make_manager(workstream.programme),
        now=now,
        **({"based_on_id": latest, "request_key": uuid4()} | words | more),
    )
