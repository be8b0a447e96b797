from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.workstreams.changes import check_takes_reports, locked_workstream
from programmes.workstreams.models import WorkstreamLink
from programmes.workstreams.operations.exceptions import USED
from programmes.workstreams.permissions import check_can_manage_workstreams
from programmes.workstreams.queries import workstreams_visible_to
from programmes.workstreams.rules import NAME_LENGTH


@transaction.atomic(durable=True)
def link_provider(
    *, dependant_id: UUID, provider_id: UUID, what: str, request_key: UUID, by: User, now: datetime
) -> WorkstreamLink:
    """Say that one workstream needs something from another of the same portfolio.

    The same ``request_key`` again returns the first.

    Raises: NotPermitted (to change the one that needs it); ClosedWorkstream; Refused for a provider that is closed, not
    to be seen, of another portfolio, the same, or linked already, and without words.
    """
    dependant = locked_workstream(dependant_id)
    check_can_manage_workstreams(by, dependant.programme)
    first = WorkstreamLink.objects.filter(pk=request_key).first()
    if first:
        if first.dependant_id != dependant.pk:
            raise Refused(USED)
        return first
    check_takes_reports(dependant)
    what = one_line(what, limit=NAME_LENGTH, field="what", named="what it needs")
    found = workstreams_visible_to(by).filter(pk=provider_id, closed_at=None)
    provider = found.filter(programme__scope__parent=dependant.programme.scope.parent_id).first()
    if provider is None:
        raise Refused("Choose an open workstream of this portfolio.", field="provider")
    if provider.pk == dependant.pk:
        raise Refused("A workstream does not need itself. Choose another one.", field="provider")
    if WorkstreamLink.objects.filter(dependant=dependant, provider=provider, ended_at=None).exists():
        raise Refused(f"It is on record already that it needs something from {provider.name}.", field="provider")
    link = WorkstreamLink.objects.create(
        id=request_key, dependant=dependant, provider=provider, what=what, recorded_at=now, recorded_by=by
    )
    record(
        by=by,
        now=now,
        action="workstreams.link_provider",
        subject=dependant,
        scope_id=dependant.programme.scope_id,
        summary=f"recorded that {dependant.name} needs something from another workstream: {what}",
        after={"provider_id": str(provider.pk), "what": what},
    )
    return link


@transaction.atomic(durable=True)
def end_link(*, link_id: UUID, by: User, now: datetime) -> WorkstreamLink:
    """It needs nothing from the other any more; a link that has ended is returned as it is. Raises: NotPermitted."""
    dependant = locked_workstream(WorkstreamLink.objects.values_list("dependant_id", flat=True).get(pk=link_id))
    check_can_manage_workstreams(by, dependant.programme)
    link = WorkstreamLink.objects.get(pk=link_id)
    if link.ended_at:
        return link
    link.ended_at, link.ended_by = now, by
    link.save(update_fields=["ended_at", "ended_by"])
    record(
        by=by,
        now=now,
        action="workstreams.end_link",
        subject=dependant,
        scope_id=dependant.programme.scope_id,
        summary=f"ended what {dependant.name} needs from another workstream: {link.what}",
        before={"provider_id": str(link.provider_id), "what": link.what},
    )
    return link
