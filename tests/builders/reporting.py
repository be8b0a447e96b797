"""Status updates, and what is said of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from partners.clock.rules import local_date
from partners.people.models import User
from programmes.reporting.models import StatusAcknowledgement, StatusDraft
from programmes.reporting.operations import (
    acknowledge_status_update,
    correct_status_update,
    record_status_update,
    save_status_draft,
)
from programmes.reporting.rules import DIMENSIONS, StepGiven
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from tests.builders.core import NOW, make_manager


def report(
    workstream: Workstream, rating: Rating = Rating.GREEN, *, by: User | None = None, now: datetime = NOW, **more: Any
) -> StatusUpdate:
    """A status after the latest one, by a programme manager unless somebody is named; every dimension as the whole."""
    by = by or make_manager(workstream.programme)
    latest = Workstream.objects.values_list("current_update_id", flat=True).get(pk=workstream.pk)
    said = {"based_on_id": latest, "request_key": uuid4()} | said_of(rating, by=by, now=now) | more
    return record_status_update(workstream_id=workstream.pk, by=by, now=now, **said)


def correct(update: StatusUpdate, rating: Rating, *, by: User, now: datetime = NOW, **more: Any) -> StatusUpdate:
    """A correction of the latest status."""
    said: dict[str, Any] = (
        {"reason": "It was another site.", "request_key": uuid4()} | said_of(rating, by=by, now=update.said_at) | more
    )
    return correct_status_update(update_id=update.pk, by=by, now=now, **said)


def acknowledge(update: StatusUpdate, *, by: User, question: str = "", now: datetime = NOW) -> StatusAcknowledgement:
    """A status that somebody else has read."""
    return acknowledge_status_update(update_id=update.pk, question=question, request_key=uuid4(), by=by, now=now)


def keep_draft(workstream: Workstream, *, by: User, now: datetime = NOW, changed: str = "Half a sen") -> StatusDraft:
    """What somebody has typed and not published."""
    latest = Workstream.objects.values_list("current_update_id", flat=True).get(pk=workstream.pk)
    values = {"rating": ["amber"], "changed": [changed]}
    return save_status_draft(
        workstream_id=workstream.pk, values=values, window=uuid4(), based_on_id=latest, by=by, now=now
    )


def said_of(rating: Rating, *, by: User, now: datetime) -> dict[str, Any]:
    """What a status of this rating says, as the operations take it; with a path to green where it needs one."""
    path = {
        "path_to_green": "A second crew joins.",
        "path_owner_id": by.pk,
        "path_due_on": local_date(now) + timedelta(days=60),
    }
    return {
        "rating": rating,
        **dict.fromkeys(DIMENSIONS, rating),
        "changed": "Two sites moved over.",
        "steps": [StepGiven("The third.")],
        **(path if rating != Rating.GREEN else {}),
    }
