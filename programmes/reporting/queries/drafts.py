from collections.abc import Collection
from uuid import UUID

from partners.people.models import User
from programmes.reporting.models import StatusDraft


def draft_of(workstream_id: UUID, author: User) -> StatusDraft | None:
    """What this author has typed and not published. Nobody else may read it."""
    return StatusDraft.objects.filter(workstream=workstream_id, author=author).select_related("based_on").first()


def drafts_of(workstream_ids: Collection[UUID], author: User) -> set[UUID]:
    """Those of these workstreams of which the author keeps a draft; one query."""
    found = StatusDraft.objects.filter(workstream__in=workstream_ids, author=author)
    return set(found.values_list("workstream_id", flat=True))
