"""Reads of the register for other pages: facts, overdue actions, top risks, own actions."""

from datetime import timedelta

import pytest
from django.db import transaction

from programmes.raid.changes import BECAME_A_DECISION, link_decision
from programmes.raid.enums import EntryState, RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.queries import (
    Sought,
    actions_due_for,
    narrowed,
    overdue_actions,
    raid_facts,
    raid_of,
    top_risks,
)
from tests.builders import NOW, make_programme, make_reader
from tests.builders.raid import close_raid, raise_raid, turn_raid

pytestmark = pytest.mark.django_db
TODAY, DAY = NOW.date(), timedelta(days=1)
EARLIER = NOW - timedelta(hours=1)


def said(facts):
    return [(fact.kind, fact.words) for fact in facts]


def test_facts_tell_what_was_raised_closed_and_became_something_else(programme, manager):
    old = raise_raid(programme, by=manager, now=EARLIER, title="Old risk")
    gone = raise_raid(programme, by=manager, now=EARLIER, title="Gone risk")
    raise_raid(programme, by=manager, title="New risk")
    close_raid(gone, by=manager, now=NOW + timedelta(minutes=1))
    turn_raid(old, RaidKind.ISSUE, by=manager, now=NOW + timedelta(minutes=2))

    assert said(raid_facts(programme.pk, None, EARLIER)) == [
        ("raised", "R3 New risk was raised"),
        ("closed", "R2 Gone risk was closed: It went well"),
        ("became", "R1 became I1 Old risk"),
    ]
    assert raid_facts(programme.pk, None, NOW + timedelta(hours=1)) == []


def test_facts_of_a_workstream_leave_out_the_others(programme, workstream, manager):
    raise_raid(programme, by=manager)
    own = raise_raid(programme, by=manager, workstream_id=workstream.pk)

    assert [fact.entry_id for fact in raid_facts(programme.pk, workstream.pk, EARLIER)] == [own.pk]


def test_an_outcome_that_reads_like_a_turn_is_still_told_as_closed(programme, manager):
    risk = raise_raid(programme, by=manager, now=EARLIER)
    close_raid(risk, by=manager, outcome="Became irrelevant")

    assert said(raid_facts(programme.pk, None, EARLIER)) == [
        ("closed", "R1 Tablets come late was closed: Became irrelevant")
    ]


def test_overdue_actions_are_open_and_their_day_is_over(programme, workstream, manager):
    late = raise_raid(programme, RaidKind.ACTION, by=manager, due_on=TODAY)
    of_workstream = raise_raid(programme, RaidKind.ACTION, by=manager, due_on=TODAY + DAY, workstream_id=workstream.pk)
    close_raid(raise_raid(programme, RaidKind.ACTION, by=manager, due_on=TODAY), by=manager)
    raise_raid(programme, by=manager, due_on=TODAY)
    raise_raid(make_programme(), RaidKind.ACTION, due_on=TODAY)

    assert list(overdue_actions(programme.pk, None, TODAY)) == []
    assert list(overdue_actions(programme.pk, None, TODAY + DAY)) == [late]
    assert list(overdue_actions(programme.pk, workstream.pk, TODAY + 2 * DAY)) == [of_workstream]


def test_top_risks_are_the_worst_open_ones_of_each_programme(programme, manager, django_assert_num_queries):
    other = make_programme()
    by_score = {
        score: raise_raid(programme, by=manager, likelihood=5, impact=5, residual_likelihood=score, residual_impact=1)
        for score in (2, 5, 3)
    }
    close_raid(raise_raid(programme, by=manager, likelihood=5, impact=5), by=manager)
    elsewhere = raise_raid(other)

    with django_assert_num_queries(1):
        found = top_risks([programme.pk, other.pk], 2)
        owners = [entry.owner for entries in found.values() for entry in entries]

    assert found == {programme.pk: [by_score[5], by_score[3]], other.pk: [elsewhere]}
    assert owners == [None, None, None]


def test_own_actions_end_with_sight_of_the_programme(programme, manager):
    reader = make_reader(programme)
    mine = raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=reader.pk, due_on=TODAY + DAY)
    raise_raid(programme, RaidKind.ACTION, by=manager, due_on=TODAY)
    raise_raid(programme, by=manager, owner_id=reader.pk, due_on=TODAY)

    assert list(actions_due_for(reader, TODAY)) == []
    assert list(actions_due_for(reader, TODAY + DAY)) == [mine]
    reader.role_holdings.update(ended_at=NOW, ended_by=manager)
    assert list(actions_due_for(type(reader).objects.get(pk=reader.pk), TODAY + DAY)) == []


def test_the_register_is_narrowed_by_each_part_and_by_several(programme, workstream, manager):
    reader = make_reader(programme)
    late = raise_raid(programme, RaidKind.ACTION, by=manager, due_on=TODAY, title="Order spare batteries")
    owned = raise_raid(
        programme,
        by=manager,
        owner_id=reader.pk,
        workstream_id=workstream.pk,
        is_in_report=True,
        description="Battery fire",
    )
    closed = close_raid(raise_raid(programme, by=manager, title="Other"), by=manager, outcome="No more batteries")
    entries, tomorrow = raid_of(programme), TODAY + DAY

    def found(**sought):
        return set(narrowed(entries, Sought(**sought), today=tomorrow))

    assert found() == {late, owned, closed}
    assert found(kind="action") == found(is_overdue=True) == {late}
    assert found(state=EntryState.CLOSED) == {closed}
    assert found(state=EntryState.OPEN) == {late, owned}
    assert found(owner_id=reader.pk) == found(workstream_id=workstream.pk) == found(is_in_report=True) == {owned}
    assert found(text="batter") == {late, owned, closed}
    assert found(text="fire battery") == {owned}
    assert found(text="ac1") == {late}
    assert found(text="R99999999999999") == set()
    assert found(text="%") == set()
    assert found(kind="risk", state=EntryState.OPEN, text="batteries") == set()


def test_what_is_open_and_worst_stands_first(programme, manager):
    closed = close_raid(raise_raid(programme, by=manager, likelihood=5, impact=5), by=manager)
    mild = raise_raid(programme, by=manager, likelihood=1, impact=1)
    bad = raise_raid(programme, by=manager, likelihood=5, impact=4)
    issue = raise_raid(programme, RaidKind.ISSUE, by=manager, impact=3)
    action = raise_raid(programme, RaidKind.ACTION, by=manager)

    assert list(raid_of(programme)) == [bad, issue, mild, action, closed]


@pytest.mark.parametrize("keeps_open", [True, False])
def test_an_issue_goes_to_a_decision_and_is_closed_unless_it_is_kept_open(programme, manager, keeps_open):
    issue, decision_id = raise_raid(programme, RaidKind.ISSUE, by=manager), manager.pk
    with transaction.atomic():
        link_decision(programme, entry_id=issue.pk, decision_id=decision_id, keeps_open=keeps_open, by=manager, now=NOW)

    kept = RaidEntry.objects.get(pk=issue.pk)
    assert (kept.decision_id, kept.version) == (decision_id, 2)
    assert (kept.closed_at, kept.outcome) == ((None, "") if keeps_open else (NOW, BECAME_A_DECISION))
