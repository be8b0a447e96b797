from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.consortia.models import Relationship, RelationshipStanding
from partners.people.operations import add_holding, end_holding
from programmes.decisions.enums import DecisionState, PartnerFate, WorkFate
from programmes.decisions.models import Decision
from programmes.decisions.operations import draft_decision
from programmes.decisions.rules import ConditionDraft, ReviewDraft
from programmes.engagements.models import Engagement
from programmes.register.enums import DeliveryModel
from programmes.register.models import DeliveryModelPeriod, Programme
from programmes.savings.models import Saving
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome
from programmes.workstreams.models import Workstream
from tests.builders import (
    NOW,
    a_draft,
    dispose_of_everything,
    holder_of,
    make_administrator,
    make_bid,
    make_cio,
    make_deciding_office,
    make_decision,
    make_engagement,
    make_holding,
    make_manager,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_saving,
    make_workstream,
    propose,
    take,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Business partnering", portfolio=portfolio)


@pytest.fixture
def office(programme):
    return make_deciding_office(programme)


def left_things(programme):
    return (
        make_workstream(programme, "Custody tablets"),
        make_engagement(programme, "Four consultants"),
        make_bid(programme),
        make_saving(programme, "Fewer desks"),
    )


def ending(programme, office, **more):
    decision = make_decision(programme, office=office, ends_programme=True)
    dispose_of_everything(decision, **more)
    return propose(decision)


def nothing_happened(decision):
    decision.refresh_from_db()
    assert (decision.state, decision.taken_on) == (DecisionState.PROPOSED, None)
    assert Programme.objects.get(pk=decision.programme_id).ended_on is None
    assert not Workstream.objects.filter(programme_id=decision.programme_id, closed_at__isnull=False).exists()
    assert not Engagement.objects.filter(programme_id=decision.programme_id, ended_on__isnull=False).exists()
    assert not RelationshipStanding.objects.filter(decision_id=decision.pk).exists()


def test_taking_ends_the_programme_and_does_what_each_disposition_says(programme, office):
    workstream, engagement, bid, saving = left_things(programme)
    decision = ending(programme, office)

    taken = take(decision, on=YESTERDAY, now=NOW)

    assert (taken.state, taken.taken_on, taken.recorded_at) == (DecisionState.TAKEN, YESTERDAY, NOW)
    assert taken.holding
    assert taken.holding.user == holder_of(office)
    programme.refresh_from_db()
    assert (programme.ended_on, programme.ended_at) == (YESTERDAY, NOW)
    workstream.refresh_from_db()
    assert (workstream.closed_at, workstream.close_reason) == (NOW, "By the decision How we go on")
    engagement.refresh_from_db()
    assert engagement.ended_on == TODAY
    relationship = Relationship.objects.get(pk=bid.relationship_id)
    standing = relationship.standings.latest("number")
    assert standing.owner
    assert (standing.state, standing.expires_on, standing.owner.name) == ("available", date(2030, 1, 1), "Robin Owner")
    assert (standing.since_on, standing.decision_id) == (YESTERDAY, decision.pk)
    assert saving.statements.latest("number").planned_pence == 0


def test_taking_moves_and_keeps_what_is_to_go_on(programme, office, portfolio):
    workstream, _, _, saving = left_things(programme)
    other = make_programme("Fresh start", portfolio=portfolio)
    decision = ending(programme, office, fate=WorkFate.MOVE, move_to=other, partner_fate=PartnerFate.EXITING)

    take(decision)

    assert Workstream.objects.get(pk=workstream.pk).programme == other
    assert workstream.moves.get().decision_id == decision.pk
    assert Saving.objects.get(pk=saving.pk).programme == other
    assert Relationship.objects.get().state == "exiting"


def test_what_is_kept_stays_as_it_was(programme, office):
    workstream, _, _, saving = left_things(programme)

    take(ending(programme, office, fate=WorkFate.KEEP))

    workstream.refresh_from_db()
    assert (workstream.closed_at, workstream.programme_id) == (None, programme.pk)
    assert saving.statements.latest("number").planned_pence == 100_00


def test_taking_records_one_event_for_the_decision_and_one_for_each_thing(programme, office):
    workstream, *_ = left_things(programme)
    decision = ending(programme, office)

    take(decision)

    event, of_workstream = events_about(decision.pk).first(), events_about(workstream.pk).first()
    assert event
    assert of_workstream
    assert event.summary == (
        f"recorded that Ola Brand, {office}, took the decision How we go on on Wednesday 16 September 2026"
    )
    assert of_workstream.summary == ("stopped the workstream Custody tablets, by the decision How we go on")


def test_each_thing_without_a_disposition_is_named(programme, office):
    decision = propose(make_decision(programme, office=office, ends_programme=True))
    left_things(programme)

    with pytest.raises(Refused) as refused:
        take(decision)

    party = Relationship.objects.get().party_name
    assert refused.value.sentence == (
        "Workstream Custody tablets has no disposition. Engagement Four consultants has no disposition. "
        f"Relationship {party} has no disposition. Saving Fewer desks has no disposition. "
        "Say what becomes of each, then take the decision."
    )
    nothing_happened(decision)


def test_what_appeared_after_the_dispositions_is_found(programme, office):
    decision = ending(programme, office)
    make_workstream(programme, "Late arrival")

    with pytest.raises(Refused, match="Workstream Late arrival has no disposition"):
        take(decision)
    nothing_happened(decision)


def test_a_disposition_of_what_has_gone_is_dropped(programme, office):
    workstream = make_workstream(programme, "Gone")
    decision = ending(programme, office)
    Workstream.objects.filter(pk=workstream.pk).update(
        closed_at=NOW, closed_by=make_person(), close_reason="It is done"
    )

    taken = take(decision)

    assert not taken.workstream_fates.exists()
    workstream.refresh_from_db()
    assert workstream.close_reason == "It is done"


def test_a_name_that_clashes_when_it_moves_leaves_nothing_done(programme, office, portfolio):
    left_things(programme)
    other = make_programme("Fresh start", portfolio=portfolio)
    decision = ending(programme, office, fate=WorkFate.MOVE, move_to=other)
    make_workstream(other, "Custody tablets")

    with pytest.raises(Refused) as refused:
        take(decision)

    assert refused.value.sentence.startswith(
        "It cannot move the workstream Custody tablets to Fresh start. Fresh start has a workstream called Custody tablets"
    )
    nothing_happened(decision)


def test_nothing_moves_to_a_programme_that_ended_meanwhile(programme, office, portfolio):
    left_things(programme)
    other = make_programme("Fresh start", portfolio=portfolio)
    decision = ending(programme, office, fate=WorkFate.MOVE, move_to=other)
    take(ending(other, office))

    with pytest.raises(Refused, match="Fresh start ended on"):
        take(decision)
    nothing_happened(decision)


def test_an_owner_who_has_left_is_refused(programme, office):
    left_things(programme)
    owner = make_person("Lee Leaver")
    decision = ending(programme, office, owner=owner)
    owner.is_active = False
    owner.save()

    with pytest.raises(Refused, match="Lee Leaver has left and cannot answer for it"):
        take(decision)
    nothing_happened(decision)


def test_the_clerk_records_a_past_decision(programme, office):
    decision = propose(make_decision(programme, office=office))

    taken = take(decision, on=date(2025, 3, 3), by=office.clerk)

    assert taken.holding
    assert (taken.taken_on, taken.recorded_by, taken.holding.holder_name) == (
        date(2025, 3, 3),
        office.clerk,
        "Ola Brand",
    )


def test_no_role_takes_a_decision(programme, office, portfolio):
    decision = propose(make_decision(programme, office=office))

    for somebody in (make_cio(portfolio), make_manager(programme), make_person()):
        with pytest.raises(NotPermitted) as refused:
            take(decision, by=somebody)
        assert refused.value.sentence == (
            "You cannot record what this office decides. Ask who holds the office on that day or the clerk of the office."
        )


def test_a_day_in_the_future_is_refused(programme, office):
    decision = propose(make_decision(programme, office=office))

    with pytest.raises(Refused, match="must be today or in the past") as refused:
        take(decision, on=TOMORROW)
    assert refused.value.field == "taken_on"


def test_a_holder_who_left_is_told_who_holds_it_now(programme):
    old, new = make_person("Bea Before"), make_person("Ada After")
    office = make_office("Commissioner", scope=programme.scope.parent)
    make_holding(office, user=old, to_on=YESTERDAY)
    make_holding(office, user=new, from_on=TODAY)
    decision = propose(make_decision(programme, office=office))

    with pytest.raises(Refused) as refused:
        take(decision, by=old)
    assert refused.value.sentence == (
        "You did not hold the office of Commissioner on Wednesday 16 September 2026: Ada After did. Ada After holds it now."
    )
    with pytest.raises(Refused, match=r"You do not hold the office of Commissioner any more\. Ada After holds it now"):
        take(decision, by=old, on=YESTERDAY)
    with pytest.raises(Refused, match="You did not hold the office of Commissioner on Tuesday 15 September 2026: Bea"):
        take(decision, by=new, on=YESTERDAY)
    holding = take(decision, by=new).holding
    assert holding
    assert holding.user == new


def test_a_holder_who_leaves_between_the_proposal_and_the_decision_takes_nothing(programme):
    """The next holder takes what was proposed to the one before; the clerk may still record a day of the first."""
    old, new, clerk = make_person("Bea Before"), make_person("Ada After"), make_person("Clem Clerk")
    acted: dict[str, Any] = {"by": make_administrator(), "now": NOW}
    office = make_office("Commissioner", scope=programme.scope.parent, clerk=clerk)
    holding = make_holding(office, user=old)
    decision, past = (propose(make_decision(programme, office=office)) for _ in range(2))
    end_holding(holding_id=holding.pk, to_on=YESTERDAY, **acted)
    with pytest.raises(Refused, match=r"The office of Commissioner is vacant on Wednesday 16 September 2026"):
        take(decision, by=old)
    add_holding(office_id=office.pk, holder_name="Ada After", user_id=new.pk, from_on=TODAY, **acted)

    with pytest.raises(
        Refused, match="You did not hold the office of Commissioner on Wednesday 16 September 2026: Ada"
    ):
        take(decision, by=old)
    nothing_happened(decision)
    taken_by = take(decision, by=new).holding
    assert taken_by
    assert taken_by.user == new
    assert take(past, by=clerk, on=YESTERDAY).holding == holding


def test_a_vacancy_is_refused(programme):
    clerk = make_person()
    office = make_office("Commissioner", scope=programme.scope.parent, clerk=clerk)
    make_holding(office, to_on=YESTERDAY)
    decision = propose(make_decision(programme, office=office))

    with pytest.raises(Refused, match="The office of Commissioner is vacant on Wednesday 16 September 2026"):
        take(decision, by=clerk)
    assert take(decision, by=clerk, on=YESTERDAY).taken_on == YESTERDAY


def test_an_office_that_did_not_exist_on_the_day_is_refused(programme):
    clerk = make_person()
    office = make_office("Commissioner", scope=programme.scope.parent, clerk=clerk, established_on=TODAY)
    make_holding(office, from_on=TODAY)
    decision = propose(make_decision(programme, office=office))

    with pytest.raises(Refused, match="Commissioner was established on Wednesday 16 September 2026: there was none on"):
        take(decision, by=clerk, on=YESTERDAY)


def test_a_draft_cannot_be_taken(programme, office):
    decision = make_decision(programme, office=office)

    with pytest.raises(Refused, match="This decision is a draft"):
        take(decision)


def test_what_was_changed_after_it_was_read_is_a_conflict(programme, office):
    decision = ending(programme, office)
    make_workstream(programme, "Custody tablets")
    dispose_of_everything(decision)

    with pytest.raises(Conflict, match="changed what becomes of what is left behind of this decision"):
        take(decision, version=decision.version)


def test_a_decision_is_taken_once(programme, office):
    decision = propose(make_decision(programme, office=office))
    take(decision)

    with pytest.raises(Refused, match="This decision was taken on Wednesday 16 September 2026 and is never changed"):
        take(decision)


def test_taking_changes_the_delivery_model_from_the_day(programme, office):
    decision = propose(make_decision(programme, office=office, delivery_model=DeliveryModel.INTERNALLY_SUPPORTED))

    take(decision)

    programme.refresh_from_db()
    assert programme.delivery_model == DeliveryModel.INTERNALLY_SUPPORTED
    period = DeliveryModelPeriod.objects.filter(programme=programme).latest("pk")
    assert (period.from_on, period.decision_id) == (TODAY, decision.pk)


def test_taking_opens_a_gate_without_an_option(programme, office):
    stage, owner = programme.stages.first(), make_reader(programme, "Ama Mensah")
    decision = make_decision(
        programme,
        office=office,
        gate_id=stage.pk,
        gate_result=GateResult.WITH_CONDITIONS,
        gate_conditions=(ConditionDraft("A second supplier is named.", owner.pk, date(2026, 10, 2)),),
    )

    take(propose(decision))

    outcome = GateOutcome.objects.get(stage=stage)
    assert (outcome.result, outcome.conditions, outcome.decided_on, outcome.decision_id) == (
        "with_conditions",
        "A second supplier is named (Ama Mensah, by Friday 2 October 2026)",
        TODAY,
        decision.pk,
    )
    assert (outcome.office_title, outcome.holder_name) == (office.title, "Ola Brand")


def test_taking_opens_a_review(programme, office):
    review = ReviewDraft("Work so far", "To look at it.", date(2026, 9, 22), 8)
    decision = propose(make_decision(programme, office=office, review=review))

    taken = take(decision)

    opened = taken.review_to_open.review
    assert opened
    assert (opened.title, opened.programme, str(opened.closes_at.date())) == ("Work so far", programme, "2026-11-17")
    assert opened.milestones.count() > 3


def test_a_decision_supersedes_a_taken_one_once(programme, office):
    first = take(propose(make_decision(programme, office=office)))
    second, third = (propose(make_decision(programme, office=office, supersedes_id=first.pk)) for _ in range(2))

    take(second)

    with pytest.raises(Refused, match="not superseded can be superseded"):
        take(third)
    assert Decision.objects.get(pk=first.pk).superseding.filter(state=DecisionState.TAKEN).get() == second


def test_only_a_superseding_decision_is_drafted_in_a_programme_that_ended(programme, office):
    ended = take(ending(programme, office))
    acted = {"programme_id": programme.pk, "request_key": uuid4(), "by": make_manager(programme), "now": NOW}

    with pytest.raises(Refused, match="Business partnering ended on Wednesday 16 September 2026"):
        draft_decision(draft=a_draft(office), **acted)
    assert draft_decision(draft=a_draft(office, supersedes_id=ended.pk), **acted).supersedes == ended
