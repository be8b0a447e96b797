"""Who works on a programme, partners of its portfolio, bids and acknowledgements."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import transaction

from partners.consortia.changes import open_relationship
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import Consortium, ConsortiumMembership, Relationship
from partners.organisations.enums import Sector
from partners.organisations.models import Organisation
from programmes.engagements.enums import EngagementKind
from programmes.engagements.models import Acknowledgement, Bid, Engagement
from programmes.engagements.operations import add_engagement, record_acknowledgement, record_bid, roll_off
from programmes.engagements.rules import Facts
from programmes.register.models import Programme
from tests.builders.core import NOW, make_manager, make_person

_number = count(1)
LONG_AGO = date(2020, 1, 1)


def make_engagement(
    programme: Programme,
    who: str = "",
    *,
    kind: EngagementKind = EngagementKind.CONSULTANT,
    starts_on: date = date(2026, 9, 1),
    ended_on: date | None = None,
    now: datetime = NOW,
    **more: Any,
) -> Engagement:
    """Somebody who works on the programme since a fortnight before ``NOW``, rolled off where a last day is given."""
    by = make_manager(programme)
    facts = Facts(kind=kind, who=who or f"Team {next(_number)}", task="Design of tablets", starts_on=starts_on, **more)
    engagement = add_engagement(programme_id=programme.pk, facts=facts, request_key=uuid4(), by=by, now=now)
    if ended_on is None:
        return engagement
    return roll_off(engagement_id=engagement.pk, ended_on=ended_on, reason="The work is done", by=by, now=now)


def make_firm(name: str = "") -> Organisation:
    """An organisation outside."""
    name = name or f"Firm {next(_number)}"
    found = Organisation.objects.filter(name=name).first()
    return found or Organisation.objects.create(
        name=name, sector=Sector.PRIVATE, recorded_at=NOW, recorded_by=make_person()
    )


@transaction.atomic
def make_bidder(
    programme: Programme,
    name: str = "",
    members: Iterable[str] = (),
    *,
    state: RelationshipState = RelationshipState.ENGAGED,
) -> Relationship:
    """A partner of the programme's portfolio: a consortium of these firms, the first leading, or one firm alone."""
    by = make_person()
    party: dict[str, Any] = {} if members else {"organisation": make_firm(name)}
    if members:
        consortium = Consortium.objects.create(name=name or f"Group {next(_number)}", recorded_at=NOW, recorded_by=by)
        for n, member in enumerate(members):
            ConsortiumMembership.objects.create(
                consortium=consortium,
                organisation=make_firm(member),
                role=MemberRole.MEMBER if n else MemberRole.LEAD,
                from_on=LONG_AGO,
                recorded_at=NOW,
                recorded_by=by,
            )
        party = {"consortium": consortium}
    portfolio = programme.scope.parent
    assert portfolio
    return open_relationship(portfolio, state=state, since_on=LONG_AGO, by=by, now=NOW, **party)


def make_bid(
    programme: Programme, relationship: Relationship | None = None, *, named_on: date = date(2026, 9, 10)
) -> Bid:
    return record_bid(
        programme_id=programme.pk,
        relationship_id=(relationship or make_bidder(programme)).pk,
        named_on=named_on,
        source="Notice of bidders",
        request_key=uuid4(),
        by=make_manager(programme),
        now=NOW,
    )


def make_acknowledgement(programme: Programme, words: str = "Good work.", **more: Any) -> Acknowledgement:
    said: dict[str, Any] = {
        "holder": "Ola Brand, chief constable",
        "given_on": NOW.date(),
        "source": "Board, September",
    }
    return record_acknowledgement(
        programme_id=programme.pk,
        words=words,
        request_key=uuid4(),
        by=make_manager(programme),
        now=NOW,
        **(said | more),
    )
