from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.rules import Refused
from partners.people.models import User
from programmes.reporting.models import StatusDraft
from programmes.reporting.rules import with_window
from programmes.workstreams.changes import check_takes_reports, locked_workstream
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.permissions import check_can_report


@transaction.atomic(durable=True)
def save_status_draft(
    *,
    workstream_id: UUID,
    values: Mapping[str, list[str]],
    window: UUID,
    continues: str = "",
    seen: str = "",
    based_on_id: UUID | None,
    by: User,
    now: datetime,
) -> StatusDraft:
    """Keep what its author has typed so far, for them alone; a working paper that makes no audit event.

    ``window`` names the page in which it was typed: what was typed in another one stays beside it. ``continues`` is the
    window from which this one was filled, and ``seen`` when that had saved (as the draft keeps it).

    Raises: NotPermitted; ClosedWorkstream; Refused where it is too long, or published already.
    """
    workstream = locked_workstream(workstream_id)
    check_can_report(by, workstream, now=now)
    check_takes_reports(workstream)
    if StatusUpdate.objects.filter(request_key=window).exists():
        raise Refused("What you typed in this window is published already, so there is no draft of it to keep.")
    StatusDraft.objects.bulk_create(
        [StatusDraft(workstream=workstream, author=by, saved_at=now)], ignore_conflicts=True
    )
    draft = StatusDraft.objects.select_for_update().get(workstream=workstream, author=by)
    draft.content = with_window(
        draft.content, window=str(window), values=values, continues=continues, seen=seen, now=now
    )
    draft.based_on = StatusUpdate.objects.filter(workstream=workstream, pk__in=[based_on_id]).first()
    draft.saved_at = now
    draft.save(update_fields=["content", "based_on", "saved_at"])
    return draft


@transaction.atomic(durable=True)
def discard_status_draft(*, workstream_id: UUID, by: User, now: datetime) -> bool:
    """Remove what this person has typed of the status, in whatever window; False where there was nothing."""
    removed, _ = StatusDraft.objects.filter(workstream=workstream_id, author=by).delete()
    return bool(removed)
