"""What workstreams need from each other."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from partners.people.models import User
from programmes.workstreams.models import Workstream, WorkstreamLink
from programmes.workstreams.queries.standing import (
    AnyDays,
    Programmes,
    shows_red,
    with_standing,
    workstreams_visible_to,
)


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A workstream that another one needs something (``what``) from."""

    link_id: UUID
    workstream_id: UUID
    name: str
    programme_id: UUID
    programme_name: str
    what: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One side of a link: the workstream at the other end with what it shows."""

    link_id: UUID
    what: str
    workstream: Workstream


@dataclass(frozen=True, slots=True)
class Links:
    """What a workstream needs and who needs it, of what the reader may see; ``unseen`` counts the others."""

    providers: list[LinkRow]
    dependants: list[LinkRow]
    unseen: int


def links_of(workstream: Workstream, *, user: User, days: AnyDays) -> Links:
    """Both sides of a workstream that the caller has scoped, by name; two queries."""
    links = list(
        WorkstreamLink.objects.filter(dependant=workstream, ended_at=None)
        .union(WorkstreamLink.objects.filter(provider=workstream, ended_at=None), all=True)
        .order_by("id")
    )
    others = {link.provider_id if link.dependant_id == workstream.pk else link.dependant_id for link in links}
    seen = {one.pk: one for one in with_standing(workstreams_visible_to(user).filter(pk__in=others), days)}

    def rows(pairs: list[tuple[WorkstreamLink, UUID]]) -> list[LinkRow]:
        found = [LinkRow(link.pk, link.what, seen[other]) for link, other in pairs if other in seen]
        return sorted(found, key=lambda row: (row.workstream.name.casefold(), row.link_id))

    providers = rows([(link, link.provider_id) for link in links if link.dependant_id == workstream.pk])
    dependants = rows([(link, link.dependant_id) for link in links if link.provider_id == workstream.pk])
    return Links(providers, dependants, len(links) - len(providers) - len(dependants))


def link_in(workstream: Workstream, link_id: UUID) -> WorkstreamLink | None:
    """The link, if this workstream is the one that needs the other and it has not ended."""
    found = WorkstreamLink.objects.filter(dependant=workstream, ended_at=None, pk=link_id)
    return found.select_related("provider__programme").first()


def providers_in_red(workstream_ids: Collection[UUID] | QuerySet, days: AnyDays) -> dict[UUID, list[ProviderRow]]:
    """The open workstreams that show red and from which each of these needs something, by name; one query.

    A workstream without one is left out. Whoever may see the link may know that what it needs is red.
    """
    found: dict[UUID, list[ProviderRow]] = {}
    links = WorkstreamLink.objects.filter(shows_red(days, "provider__"), dependant__in=workstream_ids, ended_at=None)
    for link in links.select_related("provider__programme").order_by("provider__name", "pk"):
        row = ProviderRow(
            link_id=link.pk,
            workstream_id=link.provider_id,
            name=link.provider.name,
            programme_id=link.provider.programme_id,
            programme_name=link.provider.programme.name,
            what=link.what,
        )
        found.setdefault(link.dependant_id, []).append(row)
    return found


def needing_red_values(programme_ids: Programmes, days: AnyDays) -> QuerySet:
    """For each programme that has any: its id, and how many of its open workstreams need one that shows red."""
    links = WorkstreamLink.objects.filter(
        shows_red(days, "provider__"),
        dependant__programme__in=programme_ids,
        dependant__closed_at=None,
        ended_at=None,
    )
    needing = links.order_by().values_list("dependant__programme_id")
    return needing.annotate(needing=Count("dependant", distinct=True))
