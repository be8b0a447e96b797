from datetime import date
from functools import partial

from partners.audit.rules import Refused
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import ConsortiumMembership, RelationshipStanding
from partners.consortia.operations import add_member, set_standing
from partners.organisations.models import Organisation
from partners.people.models import User
from tests.builders import (
    NOW,
    make_administrator,
    make_consortium,
    make_organisation,
    make_person,
    make_portfolio,
    make_relationship,
)
from tests.threads import InThread

DAY = date(2026, 9, 10)


def test_of_two_leads_at_once_one_is_told_of_the_other(own_database):
    by, consortium = make_administrator(), make_consortium("Northern")

    def lead(organisation: Organisation) -> str:
        try:
            add_member(
                consortium_id=consortium.pk,
                organisation_id=organisation.pk,
                role=MemberRole.LEAD,
                from_on=DAY,
                by=by,
                now=NOW,
            )
        except Refused as refused:
            return refused.sentence
        return organisation.name

    running = [InThread(partial(lead, each)) for each in (make_organisation("Alpha"), make_organisation("Beta"))]
    won, refused = sorted((each.result() for each in running), key=len)

    assert refused.startswith(f"{won} leads this consortium since Thursday 10 September 2026")
    assert [each.organisation.name for each in ConsortiumMembership.objects.select_related("organisation")] == [won]


def test_of_two_standings_at_once_one_is_a_conflict(own_database):
    relationship = make_relationship(make_portfolio(), make_organisation("Alpha"))
    owner = make_person()

    def call_on(by: User) -> str:
        try:
            set_standing(
                relationship_id=relationship.pk,
                version=relationship.version,
                state=RelationshipState.CALLED_ON,
                since_on=DAY,
                owner_id=owner.pk,
                by=by,
                now=NOW,
            )
        except Refused as refused:
            return refused.sentence
        return by.name

    running = [InThread(partial(call_on, by)) for by in (make_administrator("Ama"), make_administrator("Bo"))]
    won, refused = sorted((each.result() for each in running), key=len)

    assert refused.startswith(f"{won} changed the standing of the relationship with Alpha while")
    assert list(RelationshipStanding.objects.order_by("number").values_list("number", "state")) == [
        (1, "available"),
        (2, "called_on"),
    ]
