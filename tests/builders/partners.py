"""Organisations with contacts and capabilities, consortia with members, and where a portfolio stands with them."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from partners.consortia.enums import MemberRole, RelationshipState, TermKind
from partners.consortia.models import (
    Capability,
    CapabilityClaim,
    Consortium,
    ConsortiumMembership,
    Relationship,
    RelationshipStanding,
    RelationshipTerm,
)
from partners.consortia.operations import (
    add_consortium,
    add_member,
    add_term,
    claim_capability,
    set_standing,
    start_relationship,
)
from partners.organisations.enums import Sector
from partners.organisations.models import Contact, Organisation
from partners.organisations.operations import add_contact, add_organisation
from partners.people.models import User
from portfolio.groups.models import Portfolio
from tests.builders.core import NOW, make_administrator, make_person
from tests.builders.decisions import make_capability

_number = count(1)
SINCE = date(2026, 9, 1)
EXPIRES = date(2027, 3, 31)


def make_organisation(name: str = "", *, sector: Sector = Sector.PRIVATE) -> Organisation:
    return add_organisation(
        name=name or f"Organisation {next(_number)}", sector=sector, by=make_administrator(), now=NOW
    )


def make_contact(organisation: Organisation | None = None, name: str = "", *, now: datetime = NOW) -> Contact:
    """Somebody at the organisation with a partner's account."""
    n = next(_number)
    return add_contact(
        organisation_id=(organisation or make_organisation()).pk,
        name=name or f"Contact {n}",
        email=f"contact{n}@partner.example",
        job_title="Bid manager",
        by=make_administrator(),
        now=now,
    )


def make_consortium(name: str = "", *members: Organisation, from_on: date = SINCE, now: datetime = NOW) -> Consortium:
    """A consortium of these organisations, the first of which leads it."""
    by = make_administrator()
    consortium = add_consortium(name=name or f"Consortium {next(_number)}", by=by, now=now)
    for place, organisation in enumerate(members):
        make_membership(
            consortium, organisation, role=MemberRole.MEMBER if place else MemberRole.LEAD, from_on=from_on, now=now
        )
    return Consortium.objects.get(pk=consortium.pk)


def make_membership(
    consortium: Consortium,
    organisation: Organisation | None = None,
    *,
    role: MemberRole = MemberRole.MEMBER,
    from_on: date = SINCE,
    to_on: date | None = None,
    now: datetime = NOW,
) -> ConsortiumMembership:
    return add_member(
        consortium_id=consortium.pk,
        organisation_id=(organisation or make_organisation()).pk,
        role=role,
        from_on=from_on,
        to_on=to_on,
        by=make_administrator(),
        now=now,
    )


def make_claim(
    organisation: Organisation,
    capability: Capability | None = None,
    *,
    claimed_on: date = SINCE,
    expires_on: date | None = None,
    now: datetime = NOW,
) -> CapabilityClaim:
    return claim_capability(
        organisation_id=organisation.pk,
        capability_id=(capability or make_capability()).pk,
        evidence="Did it elsewhere",
        claimed_on=claimed_on,
        expires_on=expires_on,
        by=make_administrator(),
        now=now,
    )


def make_relationship(
    portfolio: Portfolio,
    party: Organisation | Consortium,
    *,
    state: RelationshipState = RelationshipState.AVAILABLE,
    since_on: date = SINCE,
    expires_on: date | None = EXPIRES,
    owner: User | None = None,
    now: datetime = NOW,
) -> Relationship:
    """The portfolio's relationship with the party, available unless another state is given."""
    kind = "consortium_id" if isinstance(party, Consortium) else "organisation_id"
    chosen: dict[str, Any] = {kind: party.pk}
    return start_relationship(
        scope_id=portfolio.scope_id,
        **chosen,
        state=state,
        since_on=since_on,
        owner_id=(owner or make_person()).pk,
        expires_on=expires_on,
        request_key=uuid4(),
        by=make_administrator(),
        now=now,
    )


def move(
    relationship: Relationship,
    state: RelationshipState,
    *,
    since_on: date,
    expires_on: date | None = None,
    now: datetime = NOW,
) -> RelationshipStanding:
    """The next standing of a relationship."""
    return set_standing(
        relationship_id=relationship.pk,
        version=Relationship.objects.values_list("version", flat=True).get(pk=relationship.pk),
        state=state,
        since_on=since_on,
        owner_id=make_person().pk,
        expires_on=expires_on,
        by=make_administrator(),
        now=now,
    )


def make_term(
    relationship: Relationship,
    text: str = "Keep figures confidential",
    *,
    from_on: date = SINCE,
    to_on: date | None = None,
    now: datetime = NOW,
) -> RelationshipTerm:
    return add_term(
        relationship_id=relationship.pk,
        kind=TermKind.CONFIDENTIALITY,
        text=text,
        from_on=from_on,
        to_on=to_on,
        by=make_administrator(),
        now=now,
    )
