"""Whom one can call on for something on a day."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from partners.clock.rules import end_of_day
from partners.consortia.models import CapabilityClaim, Relationship, RelationshipTerm
from partners.consortia.queries.parties import Member, members_on
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
    claims = _claims(wanted, on=on, known_at=known_at, sector=sector)
    terms = terms_at(list(standings), on=on, known_at=known_at)
    rows = []
    for each in found:
        inside = members.get(each.consortium_id, []) if each.consortium_id else []
        organisations = {member.organisation_id for member in inside} | {each.organisation_id}
        theirs = [claim for organisation in organisations for claim in claims[organisation]]
        if each.pk in standings and wanted and {claim.capability_id for claim in theirs} == wanted:
            rows.append(CallRow(each, standings[each.pk], inside, _in_order(theirs), terms[each.pk]))
    return sorted(rows, key=lambda row: not row.fits)


def _claims(
    capability_ids: Collection[UUID], *, on: date, known_at: datetime, sector: str
) -> dict[UUID | None, list[CapabilityClaim]]:
    """Claims that hold on the day, by organisation. One withdrawn later held on the day."""
    held = CapabilityClaim.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=on),
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=min(known_at, end_of_day(on))),
        capability_id__in=capability_ids,
        claimed_on__lte=on,
        recorded_at__lte=known_at,
        **({"organisation__sector": sector} if sector else {}),
    )
    found: dict[UUID | None, list[CapabilityClaim]] = defaultdict(list)
    for claim in held.select_related("capability", "organisation").order_by("pk"):
        found[claim.organisation_id].append(claim)
    return found


def _in_order(claims: Iterable[CapabilityClaim]) -> list[CapabilityClaim]:
    return sorted(claims, key=lambda claim: (claim.capability.name, claim.organisation.name, claim.pk))
