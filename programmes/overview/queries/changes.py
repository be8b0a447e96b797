"""What changed, from the audit events of scopes that the reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.queries import Statement, events_in
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
    scope_ids: Collection[UUID] | QuerySet | RawSQL, *, since: datetime, with_routine: bool = False
) -> QuerySet[AuditEvent]:
    """Acts in these scopes from ``since`` (inclusive), newest first; reports that say nothing new only when asked for."""
    events = events_in(scope_ids, since=since)
    return events if with_routine else events.exclude(_ROUTINE)


def newest_changes(scope_ids: Collection[UUID] | QuerySet | RawSQL, *, since: datetime, limit: int) -> list[Change]:
    """The first of ``changes_in`` that say something new, as ``changes_of`` has them; one query."""
    return [
        Change(pk, happened_at, actor, summary, place, _page_of(kind, subject_id, programme_id, workstream_id))
        for pk, happened_at, actor, summary, kind, subject_id, place, programme_id, workstream_id in _NEWEST.rows(
            scopes=scope_ids, since=since, limit=limit
        )
    ]


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
            _page_of(event.subject_kind, event.subject_id, places[event.scope_id][1], reported.get(event.subject_id)),
        )
        for event in events
    ]


def _page_of(kind: str, subject_id: UUID, programme_id: UUID | None, workstream_id: UUID | None) -> str:
    if workstream_id:
        return reverse(PAGE_OF["workstream"], args=[workstream_id])
    if kind in PAGE_OF:
        return reverse(PAGE_OF[kind], args=[subject_id])
    if programme_id:
        page = PAGE_OF_PROGRAMME_OF.get(kind, PAGE_OF["programme"])
        return reverse(page, args=[programme_id])
    return ""


def _newest(scopes: RawSQL, since: RawSQL) -> QuerySet:
    place = Scope.objects.filter(pk=OuterRef("scope_id"))
    report = StatusUpdate.objects.filter(pk=OuterRef("subject_id"))
    return (
        changes_in(scopes, since=since)  # type: ignore[arg-type]
        .values_list("pk", "happened_at", "actor_name", "summary", "subject_kind", "subject_id")
        .annotate(
            place=Subquery(place.values("name")),
            programme=Subquery(place.values("programme")),
            workstream=Subquery(report.values("workstream")),
        )
    )


_NEWEST = Statement(_newest)
