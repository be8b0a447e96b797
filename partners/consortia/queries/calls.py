"""Whom one can call on for something on a day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from partners.consortia.models import CapabilityClaim, Relationship, RelationshipTerm
from partners.consortia.queries.parties import Member, claims_on, members_on
from partners.consortia.queries.relationships import StandingRow, relationships_visible_to, standing_at, terms_at
from partners.people.models import User


@dataclass(frozen=True, slots=True)
class CallRow:
    """A partner that claims all that was asked for. ``members`` are a consortium's on the day, empty for one alone.

    ``fits``: available or called on that day. Otherwise ``standing`` says why not.
    """

    relationship: Relationship
    standing: StandingRow
    members: list[Member]
    claims: list[CapabilityClaim]
    terms: list[RelationshipTerm]

    @property
    def fits(self) -> bool:
        return self.standing.can_be_called_on


def who_can(
    capability_ids: Collection[UUID],
    *,
    on: date,
    known_at: datetime,
    user: User,
    scope_ids: Collection[UUID] | None = None,
    sector: str = "",
) -> list[CallRow]:
    """Partners that together claim every one of these capabilities on the day: those that fit first, then by name.

    ``sector`` counts only what organisations of that sector claim. What was recorded after ``known_at`` does not
    count, but for who is in a consortium, which is as on record now. Five queries, however many partners there are.
    """
    wanted = set(capability_ids)
    relationships = relationships_visible_to(user)
    if scope_ids is not None:
        relationships = relationships.filter(scope_id__in=scope_ids)
    found = list(relationships)
    standings = standing_at([each.pk for each in found], on=on, known_at=known_at)
    members = members_on([each.consortium_id for each in found if each.consortium_id], on)
    claims = claims_on(wanted, on=on, known_at=known_at, sector=sector)
    terms = terms_at(list(standings), on=on, known_at=known_at)
    rows = []
    for each in found:
        inside = members.get(each.consortium_id, []) if each.consortium_id else []
        organisations = {member.organisation_id for member in inside} | {each.organisation_id}
        theirs = [claim for organisation in organisations for claim in claims.get(organisation, [])]
        if each.pk in standings and wanted and {claim.capability_id for claim in theirs} == wanted:
            rows.append(CallRow(each, standings[each.pk], inside, _in_order(theirs), terms.get(each.pk, [])))
    return sorted(rows, key=lambda row: not row.fits)


def _in_order(claims: Iterable[CapabilityClaim]) -> list[CapabilityClaim]:
    return sorted(claims, key=lambda claim: (claim.capability.name, claim.organisation.name, claim.pk))
