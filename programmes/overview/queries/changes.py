"""What changed, from the audit events of scopes that the reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.queries import events_in
from partners.clock.rules import UK, local_date
from partners.people.models import Scope
from programmes.overview.rules import PAGE_OF, PAGE_OF_PROGRAMME_OF
from programmes.workstreams.models import StatusUpdate

# A report that keeps its rating and asks for nothing.
_ROUTINE = Q(
    action__endswith=".record_status_update", before__rating=F("after__rating"), after__contains={"ask_kind": "none"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One act: who did what and where. ``page`` is the address that shows it, empty where there is none."""

    id: int
    happened_at: datetime
    actor: str
    summary: str
    place: str
    page: str

    @property
    def on(self) -> date:
        return local_date(self.happened_at)

    @property
    def at(self) -> time:
        """The time of day in the UK."""
        return self.happened_at.astimezone(UK).time()


def changes_in(
    scope_ids: Collection[UUID] | QuerySet, *, since: datetime, with_routine: bool = False
) -> QuerySet[AuditEvent]:
    """Acts in these scopes from ``since`` (inclusive), newest first; reports that say nothing new only when asked for."""
    events = events_in(scope_ids, since=since)
    return events if with_routine else events.exclude(_ROUTINE)


def changes_of(events: Sequence[AuditEvent]) -> list[Change]:
    """The rows of a page of events, in their order; two queries."""
    places: dict[UUID | None, tuple[str, UUID | None]] = {
        pk: (name, programme_id)
        for pk, name, programme_id in Scope.objects.filter(pk__in={event.scope_id for event in events})
        .order_by("pk")
        .values_list("pk", "name", "programme")
    }
    reports = [event.subject_id for event in events if event.subject_kind == "statusupdate"]
    reported = dict(StatusUpdate.objects.filter(pk__in=reports).order_by("pk").values_list("pk", "workstream_id"))
    return [
        Change(
            event.pk,
            event.happened_at,
            event.actor_name,
            event.summary,
            places[event.scope_id][0],
            _page_of(event, programme_id=places[event.scope_id][1], workstream_id=reported.get(event.subject_id)),
        )
        for event in events
    ]


def _page_of(event: AuditEvent, *, programme_id: UUID | None, workstream_id: UUID | None) -> str:
    if workstream_id:
        return reverse(PAGE_OF["workstream"], args=[workstream_id])
    if event.subject_kind in PAGE_OF:
        return reverse(PAGE_OF[event.subject_kind], args=[event.subject_id])
    if programme_id:
        page = PAGE_OF_PROGRAMME_OF.get(event.subject_kind, PAGE_OF["programme"])
        return reverse(page, args=[programme_id])
    return ""
