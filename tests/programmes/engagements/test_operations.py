"""Engagements, bids and acknowledgements: what is written, what is refused, by whom."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import ConsortiumMembership, RelationshipStanding
from programmes.engagements.changes import end_engagement
from programmes.engagements.enums import EngagementKind, EngagementState
from programmes.engagements.models import Acknowledgement, Bid, Engagement, RollOff
from programmes.engagements.operations import (
    add_engagement,
    change_engagement,
    record_acknowledgement,
    record_bid,
    roll_off,
    undo_roll_off,
)
from programmes.engagements.queries import (
    bids_for,
    engagements_of,
    engagements_open_on,
    engagements_to_end,
    in_several_bids,
    relationships_left_by,
)
from programmes.engagements.rules import Facts
from programmes.register.changes import end_programme
from tests.builders import (
    NOW,
    make_administrator,
    make_bid,
    make_bidder,
    make_cio,
    make_engagement,
    make_firm,
    make_manager,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Custody", portfolio=portfolio)


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Grace Adeyemi")


@pytest.fixture
def ended(portfolio):
    programme = make_programme("Old radios", portfolio=portfolio)
    with transaction.atomic():
        end_programme(programme, on=TODAY, reason="Done", by=programme.set_up_by, now=NOW)
    return programme


def facts(**changed):
    said: dict[str, Any] = {
        "kind": EngagementKind.CONSULTANT,
        "who": "Design team",
        "task": "Design",
        "starts_on": TODAY,
    }
    return Facts(**(said | changed))


def add(programme, by, *, key=None, now=NOW, **changed):
    return add_engagement(programme_id=programme.pk, facts=facts(**changed), request_key=key or uuid4(), by=by, now=now)


def refusal(act, *args, **named):
    """(field, sentence) of the refusal; fails when there is none."""
    with pytest.raises(Refused) as caught:
        act(*args, **named)
    return caught.value.field, caught.value.sentence


def events(action):
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


# --- adding


def test_an_engagement_is_added_with_one_event(programme, manager):
    firm, workstream = make_firm("Northbridge"), make_workstream(programme, "Tablets")

    added = add(
        programme,
        manager,
        who=" Design team ",
        organisation_id=firm.pk,
        workstream_id=workstream.pk,
        planned_end_on=TODAY + DAY,
        source="Contract",
    )

    saved = Engagement.objects.get(pk=added.pk)
    assert (saved.who, saved.organisation, saved.workstream) == ("Design team", firm, workstream)
    assert (saved.starts_on, saved.planned_end_on, saved.ended_on, saved.version) == (TODAY, TODAY + DAY, None, 1)
    (event,) = events("engagements.add_engagement")
    assert event.summary == (
        "recorded that Design team (Northbridge) works on Custody from Wednesday 16 September 2026"
    )
    assert (event.scope_id, event.subject_id) == (programme.scope_id, added.pk)


def test_a_repeat_returns_the_first(programme, manager):
    key = uuid4()

    first, second = add(programme, manager, key=key), add(programme, manager, key=key, who="Another")

    assert first.pk == second.pk == key
    assert second.who == "Design team"
    assert len(events("engagements.add_engagement")) == 1


def test_a_key_of_another_programme_is_refused(portfolio, programme, manager):
    elsewhere = make_programme(portfolio=portfolio)
    key = add(elsewhere, make_manager(elsewhere)).pk

    assert "used for another programme" in refusal(add, programme, manager, key=key)[1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "two\nlines"}, "who"),
        ({"who": "x" * 201}, "who"),
        ({"task": " "}, "task"),
        ({"source": "x" * 201}, "source"),
        ({"starts_on": date(1999, 1, 1)}, "starts_on"),
        ({"planned_end_on": TODAY - DAY}, "planned_end_on"),
        ({"organisation_id": uuid4()}, "organisation"),
        ({"workstream_id": uuid4()}, "workstream"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(programme, manager, changed, field):
    assert refusal(add, programme, manager, **changed)[0] == field
    assert not Engagement.objects.exists()
    assert not events("engagements.add_engagement")


def test_a_workstream_of_another_programme_is_refused(portfolio, programme, manager):
    elsewhere = make_workstream(make_programme(portfolio=portfolio))

    assert refusal(add, programme, manager, workstream_id=elsewhere.pk)[0] == "workstream"


def test_nobody_starts_in_a_programme_that_ended(ended):
    by = make_manager(ended)

    assert refusal(add, ended, by)[1].startswith("Old radios ended on Wednesday 16 September 2026. Nothing new starts")


def test_who_may(portfolio, programme):
    def may(user):
        try:
            add(programme, user)
        except NotPermitted:
            return False
        return True

    assert [may(user) for user in (make_manager(programme), make_cio(portfolio))] == [True, True]
    others = [
        make_reader(programme),
        make_person(),
        make_administrator(),
        make_manager(make_programme()),
        make_cio(make_portfolio()),
    ]
    assert [may(user) for user in others] == [False] * 5


# --- changing


def change(engagement, by, version, **changed):
    return change_engagement(engagement_id=engagement.pk, version=version, facts=facts(**changed), by=by, now=NOW + DAY)


def test_a_change_tells_what_changed(programme, manager):
    added = add(programme, manager)

    changed = change(added, manager, 1, who="Design team, four people", planned_end_on=TODAY + DAY)

    assert (changed.version, Engagement.objects.get().who) == (2, "Design team, four people")
    (event,) = events("engagements.change_engagement")
    assert event.summary == ("changed who it is and the planned last day of the engagement of Design team, four people")
    assert event.before == {"version": 1, "who": "Design team", "planned_end_on": None}


def test_a_change_of_nothing_writes_nothing(programme, manager):
    added = add(programme, manager)

    assert change(added, manager, 99).version == 1
    assert not events("engagements.change_engagement")


def test_the_second_of_two_is_told_who_changed_what(programme, manager):
    added = add(programme, manager)
    change(added, manager, 1, task="Build")

    with pytest.raises(Conflict, match="Grace Adeyemi changed the task of this engagement"):
        change(added, make_manager(programme), 1, who="Other")

    roll_off(engagement_id=added.pk, ended_on=TODAY, reason="Done", by=manager, now=NOW)
    with pytest.raises(Conflict, match="Grace Adeyemi changed the last day of this engagement"):
        change(added, manager, 2, who="Other")


def test_the_first_day_stays_before_the_last(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY - DAY, ended_on=TODAY)

    field, sentence = refusal(change, engagement, manager, 2, starts_on=TODAY + DAY)

    assert field == "starts_on"
    assert "rolled off on Wednesday 16 September 2026" in sentence


# --- rolling off


def end(engagement, by, on=TODAY, reason="The work is done", now=NOW):
    return roll_off(engagement_id=engagement.pk, ended_on=on, reason=reason, by=by, now=now)


def state_on(programme, day):
    return engagements_of(programme, on=day).get().state


def test_a_roll_off_ends_with_its_last_day(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY - DAY)

    end(engagement, manager)

    assert [state_on(programme, TODAY + n * DAY) for n in (-2, -1, 0, 1)] == [
        EngagementState.COMING,
        EngagementState.RUNNING,
        EngagementState.RUNNING,
        EngagementState.PAST,
    ]
    open_on = [engagements_open_on(programme, TODAY + n * DAY).count() for n in (-2, -1, 0, 1)]
    assert open_on == [0, 1, 1, 0]
    assert events("engagements.roll_off")[0].summary == (
        "rolled off Design team, last day Wednesday 16 September 2026, because: The work is done"
    )


def test_a_last_day_ahead_is_a_planned_roll_off(programme, manager):
    engagement = make_engagement(programme, "Design team")

    end(engagement, manager, on=TODAY + 10 * DAY)

    assert [engagements_open_on(programme, TODAY + n * DAY).count() for n in (0, 10, 11)] == [1, 1, 0]
    assert events("engagements.roll_off")[0].summary.startswith("planned the roll-off of Design team")


def test_a_planned_end_that_passes_ends_nothing(programme):
    make_engagement(programme, planned_end_on=TODAY - DAY)

    assert engagements_open_on(programme, TODAY).count() == 1


def test_what_has_not_begun_is_called_off_and_never_ran(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY + 5 * DAY)
    assert engagements_open_on(programme, TODAY).count() == 0
    assert engagements_to_end(programme, TODAY).count() == 1

    end(engagement, manager)

    assert {state_on(programme, TODAY + n * DAY) for n in (0, 5, 9)} == {EngagementState.CALLED_OFF}
    assert engagements_to_end(programme, TODAY - DAY).count() == 0
    assert events("engagements.roll_off")[0].summary.startswith("called off the engagement of Design team")


def test_a_roll_off_is_refused_without_reason_twice_or_before_the_start(programme, manager):
    engagement = make_engagement(programme, "Design team")

    assert refusal(end, engagement, manager, reason=" ")[0] == "reason"
    assert refusal(end, engagement, manager, reason="x" * 301)[0] == "reason"
    assert refusal(end, engagement, manager, on=date(2026, 8, 31))[0] == "ended_on"
    assert not RollOff.objects.exists()
    end(engagement, manager)
    assert "undo it first" in refusal(end, engagement, manager)[1]
    assert (RollOff.objects.count(), len(events("engagements.roll_off"))) == (1, 1)


def test_an_undone_roll_off_stays_on_record(programme, manager):
    engagement = make_engagement(programme, "Design team", ended_on=TODAY)

    undone = undo_roll_off(engagement_id=engagement.pk, reason="Wrong team", by=manager, now=NOW + DAY)

    assert (undone.ended_on, undone.end_reason) == (None, "")
    assert engagements_open_on(programme, TODAY + DAY).count() == 1
    rows = list(RollOff.objects.order_by("number").values_list("number", "ended_on", "reason"))
    assert rows == [(1, TODAY, "The work is done"), (2, None, "Wrong team")]
    assert "nothing to undo" in refusal(undo_roll_off, engagement_id=engagement.pk, reason="x", by=manager, now=NOW)[1]
    assert len(events("engagements.undo_roll_off")) == 1


def test_a_roll_off_is_not_undone_in_a_programme_that_ended(programme, manager):
    engagement = make_engagement(programme, ended_on=TODAY)
    with transaction.atomic():
        end_programme(programme, on=TODAY, reason="Done", by=manager, now=NOW)

    sentence = refusal(undo_roll_off, engagement_id=engagement.pk, reason="x", by=manager, now=NOW)[1]

    assert sentence.startswith("Custody ended on")
    assert Engagement.objects.get().ended_on == TODAY


def test_a_decision_moves_a_last_day_that_was_set_before(programme, manager):
    engagement, decision = make_engagement(programme, ended_on=TODAY + 30 * DAY), uuid4()

    with transaction.atomic():
        end_engagement(engagement, on=TODAY, reason="The programme ends", by=manager, now=NOW, decision_id=decision)

    latest = RollOff.objects.order_by("-number")[0]
    assert (latest.number, latest.ended_on, latest.decision_id) == (2, TODAY, decision)
    assert Engagement.objects.get().ended_on == TODAY


@pytest.mark.parametrize("act", [end, lambda one, by: undo_roll_off(engagement_id=one.pk, reason="x", by=by, now=NOW)])
def test_a_reader_sets_no_last_day(programme, act):
    engagement = make_engagement(programme)

    with pytest.raises(NotPermitted):
        act(engagement, make_reader(programme))


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
