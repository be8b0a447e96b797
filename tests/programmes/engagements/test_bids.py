"""Bids and acknowledgements: what is written, what is refused, by whom."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from partners.audit.rules import NotPermitted
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import ConsortiumMembership, RelationshipStanding
from programmes.engagements.models import Acknowledgement, Bid
from programmes.engagements.operations import (
    record_acknowledgement,
    record_bid,
)
from programmes.engagements.queries import (
    bids_for,
    in_several_bids,
    relationships_left_by,
)
from tests.builders import (
    NOW,
    make_bid,
    make_bidder,
    make_engagement,
    make_firm,
    make_manager,
    make_office,
    make_portfolio,
    make_programme,
    make_reader,
)
from tests.programmes.engagements.outcomes import events, refusal

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)


# --- bids


def bid(programme, relationship, by, *, on=TODAY, source="Notice", key=None):
    return record_bid(
        programme_id=programme.pk,
        relationship_id=relationship.pk,
        named_on=on,
        source=source,
        request_key=key or uuid4(),
        by=by,
        now=NOW,
    )


def members_of(programme):
    return [(row.party, [(member.name, member.role) for member in row.members]) for row in bids_for(programme)]


def test_a_bid_freezes_the_members_of_that_day(programme, manager):
    relationship = make_bidder(programme, "Alpha", ["Beta", "Gamma"])
    consortium = relationship.consortium
    assert consortium
    ConsortiumMembership.objects.create(
        consortium=consortium,
        organisation=make_firm("Came later"),
        role=MemberRole.MEMBER,
        from_on=TODAY,
        recorded_at=NOW,
        recorded_by=manager,
    )
    bid(programme, relationship, manager, on=TODAY - DAY)
    frozen = [("Alpha", [("Beta", "Lead"), ("Gamma", "Member")])]
    assert members_of(programme) == frozen

    ConsortiumMembership.objects.filter(organisation__name="Gamma").update(to_on=date(2020, 2, 1))
    ConsortiumMembership.objects.filter(organisation__name="Beta").update(role=MemberRole.ADVISER)

    assert members_of(programme) == frozen


def test_a_single_bidder_stands_for_itself(programme, manager):
    bid(programme, make_bidder(programme, "Delta"), manager)

    assert members_of(programme) == [("Delta", [("Delta", "Lead")])]


def test_a_bid_makes_the_relationship_bidding(programme, manager):
    relationship = make_bidder(programme, "Alpha", ["Beta"])

    made = bid(programme, relationship, manager)

    relationship.refresh_from_db()
    assert relationship.state == RelationshipState.BIDDING
    standing = RelationshipStanding.objects.order_by("-number")[0]
    assert (standing.state, standing.since_on, standing.source, standing.note) == (
        "bidding",
        TODAY,
        "Notice",
        "Bid for Custody",
    )
    assert list(relationships_left_by(programme)) == [relationship]
    (event,) = events("engagements.record_bid")
    assert event.summary == "recorded that Alpha bid for Custody on Wednesday 16 September 2026"
    assert event.subject_id == made.pk


@pytest.mark.parametrize("state", [RelationshipState.PROSPECT, RelationshipState.BARRED, RelationshipState.CLOSED])
def test_a_relationship_that_cannot_go_to_bidding_is_refused(programme, manager, state):
    relationship = make_bidder(programme, "Delta", state=state)

    refusal(bid, programme, relationship, manager)

    assert not Bid.objects.exists()
    assert not events("engagements.record_bid")


def test_a_partner_of_another_portfolio_does_not_bid_here(programme, manager):
    elsewhere = make_bidder(make_programme())

    field, sentence = refusal(bid, programme, elsewhere, manager)

    assert (field, sentence) == ("relationship", "Choose a partner with whom this portfolio has a relationship.")


def test_a_bid_is_refused_twice_in_the_future_without_source_or_members(programme, manager, ended):
    relationship = make_bidder(programme, "Alpha", ["Beta"])

    assert refusal(bid, programme, relationship, manager, on=TODAY + DAY)[0] == "named_on"
    assert refusal(bid, programme, relationship, manager, source="")[0] == "source"
    assert "no members on record" in refusal(bid, programme, relationship, manager, on=date(2019, 1, 1))[1]
    assert refusal(bid, ended, relationship, make_manager(ended))[1].startswith("Old radios ended on")
    key = bid(programme, relationship, manager).pk
    assert bid(programme, relationship, manager, key=key).pk == key
    assert refusal(bid, programme, relationship, manager)[0] == "relationship"
    assert Bid.objects.count() == len(events("engagements.record_bid")) == 1


def test_an_organisation_in_two_bids_is_told(programme):
    make_bid(programme, make_bidder(programme, "Alpha", ["Beta", "Gamma"]))
    make_bid(programme, make_bidder(programme, "Beta"))
    make_bid(programme, make_bidder(programme, "Delta"))

    assert in_several_bids(bids_for(programme)) == [("Beta", ["that of Alpha", "its own"])]


def test_a_reader_records_no_bid(programme):
    with pytest.raises(NotPermitted):
        bid(programme, make_bidder(programme), make_reader(programme))


# --- acknowledgements


def acknowledge(programme, by, **changed):
    said: dict[str, Any] = {
        "holder": "Ola Brand, chief constable",
        "words": "Good work.",
        "given_on": TODAY,
        "source": "Board",
    }
    return record_acknowledgement(
        programme_id=programme.pk, by=by, now=NOW, **({"request_key": uuid4()} | said | changed)
    )


def test_an_acknowledgement_is_put_on_record(programme, manager):
    office, engagement = make_office(scope=programme.scope.parent), make_engagement(programme, "Design team")

    made = acknowledge(programme, manager, office_id=office.pk, engagement_id=engagement.pk)

    assert (made.office, made.engagement, made.words) == (office, engagement, "Good work.")
    (event,) = events("engagements.record_acknowledgement")
    assert event.summary == "recorded an acknowledgement by Ola Brand, chief constable: Good work."


def test_an_acknowledgement_may_come_after_the_end(ended):
    acknowledge(ended, make_manager(ended))

    assert Acknowledgement.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"holder": ""}, "holder"),
        ({"holder": "a\nb"}, "holder"),
        ({"words": " "}, "words"),
        ({"words": "x" * 2001}, "words"),
        ({"source": ""}, "source"),
        ({"given_on": TODAY + DAY}, "given_on"),
        ({"office_id": uuid4()}, "office"),
        ({"engagement_id": uuid4()}, "engagement"),
    ],
)
def test_an_acknowledgement_that_cannot_be_is_refused(programme, manager, changed, field):
    assert refusal(acknowledge, programme, manager, **changed)[0] == field
    assert not Acknowledgement.objects.exists()


def test_an_acknowledgement_names_an_office_and_an_engagement_of_its_own(portfolio, programme, manager):
    elsewhere = make_engagement(make_programme(portfolio=portfolio))

    assert refusal(acknowledge, programme, manager, engagement_id=elsewhere.pk)[0] == "engagement"
    assert (
        refusal(acknowledge, programme, manager, office_id=make_office(scope=make_portfolio().scope).pk)[0] == "office"
    )


def test_a_repeated_acknowledgement_is_the_first(portfolio, programme, manager):
    key = acknowledge(programme, manager).pk

    assert acknowledge(programme, manager, request_key=key, words="Again").words == "Good work."
    elsewhere = make_programme(portfolio=portfolio)
    assert "another programme" in refusal(acknowledge, elsewhere, make_manager(elsewhere), request_key=key)[1]


def test_a_reader_records_no_acknowledgement(programme):
    with pytest.raises(NotPermitted):
        acknowledge(programme, make_reader(programme))
