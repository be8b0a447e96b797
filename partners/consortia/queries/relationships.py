"""Relationships that somebody sees, and where each stood on a day as known by then."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from partners.clock.rules import end_of_day
from partners.consortia.enums import RelationshipState
from partners.consortia.models import Relationship, RelationshipStanding, RelationshipTerm
from partners.consortia.rules import CALLABLE, is_over, standing_words
from partners.people.enums import ScopeKind
from partners.people.models import Scope, User
from partners.people.permissions import standing_of


@dataclass(frozen=True, slots=True)
class StandingRow:
    """Where a relationship stood on the day ``on``. ``expires_on`` is its last day."""

    relationship_id: UUID
    number: int
    state: RelationshipState
    since_on: date
    expires_on: date | None
    owner_id: UUID | None
    owner_name: str
    note: str
    source: str
    decision_id: UUID | None
    recorded_at: datetime
    recorded_by_name: str
    on: date

    @property
    def is_expired(self) -> bool:
        return is_over(self.expires_on, self.on)

    @property
    def can_be_called_on(self) -> bool:
        return self.state in CALLABLE and not self.is_expired

    @property
    def words(self) -> str:
        """Reads "Available until Tuesday 2 July 2013 (expired)"."""
        return standing_words(self.state, since_on=self.since_on, expires_on=self.expires_on, on=self.on)


def portfolio_scopes_of(user: User) -> QuerySet[Scope]:
    """Scopes of the portfolios in which the person holds any role, on a programme of them too; by name."""
    portfolios = Scope.objects.filter(kind=ScopeKind.PORTFOLIO).order_by("name", "pk")
    standing = standing_of(user)
    if standing.everywhere:
        return portfolios
    places = [place for _, place in standing.held]
    return portfolios.filter(Q(pk__in=places) | Q(children__in=places)).distinct()


def relationships_visible_to(user: User) -> QuerySet[Relationship]:
    """Relationships of the portfolios in which the person holds any role, with party and scope, by ``party``."""
    seen = portfolio_scopes_of(user).order_by().values("pk")
    return _with_party(Relationship.objects.filter(scope__in=seen))


def relationships_of(
    *, organisation_ids: Collection[UUID] = (), consortium_ids: Collection[UUID] = ()
) -> QuerySet[Relationship]:
    """Every relationship with one of these parties, with party and scope. The caller has asked who may see them."""
    ours = Q(organisation_id__in=organisation_ids) | Q(consortium_id__in=consortium_ids)
    return _with_party(Relationship.objects.filter(ours))


def standing_at(relationship_ids: Collection[UUID], *, on: date, known_at: datetime) -> dict[UUID, StandingRow]:
    """Where each stood on the day, from what was recorded by ``known_at``; none for one not on record then. One query."""
    known = RelationshipStanding.objects.filter(
        relationship_id__in=relationship_ids, since_on__lte=on, recorded_at__lte=known_at
    )
    latest = known.order_by("relationship_id", "-number").distinct("relationship_id")
    return {row.relationship_id: _row(row, on) for row in latest.select_related("owner", "recorded_by")}


def standings_of(relationship: Relationship, *, on: date) -> list[StandingRow]:
    """Every standing that was ever recorded, the latest first, with whether it is expired on the day."""
    rows = RelationshipStanding.objects.filter(relationship=relationship).select_related("owner", "recorded_by")
    return [_row(row, on) for row in rows.order_by("-number")]


def terms_at(relationship_ids: Collection[UUID], *, on: date, known_at: datetime) -> dict[UUID, list[RelationshipTerm]]:
    """What binds the two sides on the day, from what was recorded by ``known_at``; one query."""
    live = RelationshipTerm.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=on),
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=min(known_at, end_of_day(on))),
        relationship_id__in=relationship_ids,
        from_on__lte=on,
        recorded_at__lte=known_at,
    )
    found: dict[UUID, list[RelationshipTerm]] = defaultdict(list)
    for term in live.order_by("kind", "from_on", "pk"):
        found[term.relationship_id].append(term)
    return found


def terms_of(relationship: Relationship) -> QuerySet[RelationshipTerm]:
    """Every term, also ended and withdrawn ones, those that hold first, with who recorded and withdrew it."""
    found = RelationshipTerm.objects.filter(relationship=relationship).select_related("recorded_by", "withdrawn_by")
    return found.order_by(F("withdrawn_at").desc(nulls_first=True), "kind", "from_on", "pk")


def term_visible_to(user: User, term_id: UUID) -> RelationshipTerm | None:
    """A term of a relationship that the person sees, with it."""
    term = RelationshipTerm.objects.filter(pk=term_id).first()
    relationship = relationships_visible_to(user).filter(pk=term.relationship_id).first() if term else None
    if term is None or relationship is None:
        return None
    term.relationship = relationship
    return term


def _with_party(found: QuerySet[Relationship]) -> QuerySet[Relationship]:
    party = Coalesce("consortium__name", "organisation__name")
    related = found.select_related("scope", "organisation", "consortium").annotate(party=party)
    return related.order_by("party", "scope__name", "pk")


def _row(standing: RelationshipStanding, on: date) -> StandingRow:
    return StandingRow(
        relationship_id=standing.relationship_id,
        number=standing.number,
        state=RelationshipState(standing.state),
        since_on=standing.since_on,
        expires_on=standing.expires_on,
        owner_id=standing.owner_id,
        owner_name=standing.owner.name if standing.owner else "",
        note=standing.note,
        source=standing.source,
        decision_id=standing.decision_id,
        recorded_at=standing.recorded_at,
        recorded_by_name=standing.recorded_by.name,
        on=on,
    )
