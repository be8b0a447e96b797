"""Consortia with who is in them on a day, and what organisations claim to be able to do."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from partners.clock.rules import end_of_day
from partners.consortia.enums import MemberRole
from partners.consortia.models import Capability, CapabilityClaim, Consortium, ConsortiumMembership
from partners.consortia.rules import Held
from partners.organisations.enums import Sector
from partners.organisations.permissions import can_see_partners
from partners.people.models import User


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation in a consortium on the day asked about, from one day to another, both inclusive."""

    membership_id: UUID
    organisation_id: UUID
    name: str
    sector: Sector
    role: MemberRole
    from_on: date
    to_on: date | None


def consortia_visible_to(user: User) -> QuerySet[Consortium]:
    """Every consortium for whoever holds a role, by name; none for others, a partner's contact included."""
    found = Consortium.objects.order_by("name", "pk")
    return found if can_see_partners(user) else found.none()


def consortia_narrowed(user: User, *, q: str = "") -> QuerySet[Consortium]:
    """Visible consortia whose name has every word of ``q``; by name."""
    found = consortia_visible_to(user)
    for word in q.split():
        found = found.filter(name__icontains=word)
    return found


def members_on(consortium_ids: Collection[UUID], day: date) -> dict[UUID, list[Member]]:
    """Members of each consortium on the day, the lead first, then by name; an empty list where there are none."""
    found: dict[UUID, list[Member]] = {consortium_id: [] for consortium_id in consortium_ids}
    held = ConsortiumMembership.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=day), from_on__lte=day, consortium_id__in=consortium_ids
    )
    for row in held.select_related("organisation").order_by("organisation__name", "pk"):
        found[row.consortium_id].append(
            Member(
                membership_id=row.pk,
                organisation_id=row.organisation_id,
                name=row.organisation.name,
                sector=Sector(row.organisation.sector),
                role=MemberRole(row.role),
                from_on=row.from_on,
                to_on=row.to_on,
            )
        )
    for members in found.values():
        members.sort(key=lambda member: list(MemberRole).index(member.role))
    return found


def memberships_of(
    *, consortium_id: UUID | None = None, organisation_id: UUID | None = None
) -> QuerySet[ConsortiumMembership]:
    """Memberships of a consortium or of an organisation, ended ones too, the latest first, with both."""
    asked = {"consortium_id": consortium_id, "organisation_id": organisation_id}
    held = ConsortiumMembership.objects.filter(**{key: value for key, value in asked.items() if value})
    return held.select_related("organisation", "consortium").order_by("-from_on", "organisation__name", "pk")


def held_in(consortium: Consortium, *, but: UUID | None = None) -> list[Held]:
    """The memberships of a consortium as rules see them, without the one that is being corrected."""
    return [
        Held(row.pk, row.organisation_id, row.organisation.name, MemberRole(row.role), row.from_on, row.to_on)
        for row in memberships_of(consortium_id=consortium.pk)
        if row.pk != but
    ]


def membership_visible_to(user: User, membership_id: UUID) -> ConsortiumMembership | None:
    """A membership with its consortium and organisation, for whoever sees them."""
    return memberships_of().filter(pk=membership_id).first() if can_see_partners(user) else None


def capabilities_to_choose() -> QuerySet[Capability]:
    """Every capability by name."""
    return Capability.objects.order_by("name", "pk")


def claims_of(organisation_ids: Collection[UUID]) -> QuerySet[CapabilityClaim]:
    """Claims of these organisations that are not withdrawn, by capability, with both."""
    held = CapabilityClaim.objects.filter(organisation_id__in=organisation_ids, withdrawn_at=None)
    return held.select_related("capability", "organisation").order_by("capability__name", "organisation__name", "pk")


def claims_on(
    capability_ids: Collection[UUID], *, on: date, known_at: datetime, sector: str = ""
) -> dict[UUID | None, list[CapabilityClaim]]:
    """Claims to these capabilities that hold on the day, by organisation; one query.

    What was recorded after ``known_at`` does not count. One that was withdrawn after the day held on it.
    """
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


def claim_visible_to(user: User, claim_id: UUID) -> CapabilityClaim | None:
    """A claim, withdrawn or not, with its capability and organisation, for whoever sees them."""
    found = CapabilityClaim.objects.select_related("capability", "organisation").filter(pk=claim_id)
    return found.first() if can_see_partners(user) else None
