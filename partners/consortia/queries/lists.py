"""The list of relationships as at a day, and one's own dealings as a partner's contact sees them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from partners.clock.rules import end_of_day
from partners.consortia.models import Consortium, Relationship, RelationshipTerm
from partners.consortia.queries.parties import Member, claims_on, members_on, memberships_of
from partners.consortia.queries.relationships import (
    StandingRow,
    relationships_of,
    relationships_visible_to,
    standing_at,
    terms_at,
)
from partners.consortia.rules import EXPIRED, ORDER, SOON
from partners.organisations.models import Organisation
from partners.people.models import User


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of relationships is narrowed by; ``state`` may be ``expired``."""

    scope: UUID | None = None
    state: str = ""
    capability: UUID | None = None
    sector: str = ""
    expiring: bool = False

    @property
    def is_narrowed(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """A relationship with where it stood on the day; ``members`` are a consortium's on it, ``terms`` bind on it."""

    relationship: Relationship
    standing: StandingRow
    members: list[Member] = field(default_factory=list)
    terms: list[RelationshipTerm] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OwnConsortium:
    """A consortium that one's organisation is in, with everybody who is in it now."""

    consortium: Consortium
    members: list[Member]


@dataclass(frozen=True, slots=True)
class OwnDealings:
    """All that a partner's contact sees of us besides their tasks."""

    organisation: Organisation
    consortia: list[OwnConsortium]
    relationships: list[RelationshipRow]


def relationship_rows(
    user: User, *, on: date, known_at: datetime, wanted: Wanted = EVERYTHING
) -> list[RelationshipRow]:
    """Visible relationships that were on record on the day, by standing (available first) and party. Four queries."""
    found = relationships_visible_to(user)
    if wanted.scope:
        found = found.filter(scope_id=wanted.scope)
    rows = _rows(list(found), on=on, known_at=known_at)
    claiming = claims_on({wanted.capability}, on=on, known_at=known_at) if wanted.capability else None
    kept = [row for row in rows if _is_wanted(row, wanted, on) and (claiming is None or claiming.keys() & _ids(row))]
    return sorted(kept, key=lambda row: (row.standing.is_expired, ORDER.index(row.standing.state)))


def relationship_row(relationship: Relationship, *, on: date, known_at: datetime) -> RelationshipRow | None:
    """One relationship as ``relationship_rows`` has it; None when it was not on record on the day. Two queries."""
    return next(iter(_rows([relationship], on=on, known_at=known_at)), None)


def own_dealings(organisation: Organisation, *, today: date) -> OwnDealings:
    """The organisation, the consortia that it is in today, and where its and their relationships stand; five queries."""
    inside = [each for each in memberships_of(organisation_id=organisation.pk) if each.holds_on(today)]
    consortia = {each.consortium_id: each.consortium for each in inside}
    members = members_on(list(consortia), today)
    known_at = end_of_day(today)
    found = list(relationships_of(organisation_ids=[organisation.pk], consortium_ids=list(consortia)))
    terms = terms_at([each.pk for each in found], on=today, known_at=known_at)
    standings = standing_at([each.pk for each in found], on=today, known_at=known_at)
    return OwnDealings(
        organisation=organisation,
        consortia=[OwnConsortium(consortia[key], members[key]) for key in consortia],
        relationships=[
            RelationshipRow(each, standings[each.pk], terms=terms[each.pk]) for each in found if each.pk in standings
        ],
    )


def _rows(found: list[Relationship], *, on: date, known_at: datetime) -> list[RelationshipRow]:
    standings = standing_at([each.pk for each in found], on=on, known_at=known_at)
    members = members_on([each.consortium_id for each in found if each.consortium_id], on)
    return [
        RelationshipRow(each, standings[each.pk], members.get(each.consortium_id, []) if each.consortium_id else [])
        for each in found
        if each.pk in standings
    ]


def _is_wanted(row: RelationshipRow, wanted: Wanted, on: date) -> bool:
    standing = row.standing
    if wanted.state == EXPIRED and not standing.is_expired:
        return False
    if wanted.state not in ("", EXPIRED) and (standing.is_expired or standing.state != wanted.state):
        return False
    if wanted.expiring and not (standing.expires_on and on <= standing.expires_on <= on + SOON):
        return False
    alone = row.relationship.organisation
    return not wanted.sector or wanted.sector in {alone.sector if alone else "", *(each.sector for each in row.members)}


def _ids(row: RelationshipRow) -> set[UUID | None]:
    return {row.relationship.organisation_id, *(member.organisation_id for member in row.members)}
