"""Decisions at a gate: conditions with owner and day, waivers with a reason, and the review that informed them."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from partners.audit.rules import Refused
from partners.clock.operations import set_clock
from programmes.decisions.models import GateConditionToMeet
from programmes.decisions.operations import change_decision
from programmes.decisions.queries import draft_of
from programmes.decisions.rules import ConditionDraft
from programmes.raid.enums import Origin
from programmes.raid.models import RaidEntry
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, Stage
from programmes.scheduling.operations import start_stage
from tests.builders import (
    NOW,
    make_deciding_office,
    make_decision,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    propose,
    take,
    version_of,
)
from tests.builders.gates import make_completed_review, make_gate_review, stage_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DUE = date(2026, 10, 2)


@pytest.fixture
def programme():
    return make_programme("Custody")


@pytest.fixture
def office(programme):
    return make_deciding_office(programme)


@pytest.fixture
def owner(programme):
    return make_reader(programme, "Ama Mensah")


def at_gate(programme, office, result=GateResult.PROCEED, **effects):
    return make_decision(programme, office=office, gate_id=stage_of(programme).pk, gate_result=result, **effects)


def with_conditions(programme, office, *conditions):
    return at_gate(programme, office, GateResult.WITH_CONDITIONS, gate_conditions=conditions)


def test_conditions_become_actions_when_it_is_taken_and_not_before(programme, office, owner):
    long = "x" * 300
    decision = propose(
        with_conditions(
            programme, office, ConditionDraft("Two suppliers.", owner.pk, DUE), ConditionDraft(long, owner.pk, DUE)
        )
    )
    assert not RaidEntry.objects.exists()

    take(decision)

    first, second = RaidEntry.objects.order_by("number")
    rows = decision.conditions.order_by("position")
    assert (first.title, first.owner, first.due_on) == ("Two suppliers.", owner, DUE)
    assert [(each.origin, each.origin_id) for each in (first, second)] == [
        (Origin.GATE_CONDITION, row.pk) for row in rows
    ]
    assert (len(second.title), second.title[-1], long in second.description) == (200, "…", True)
    outcome = GateOutcome.objects.get()
    assert outcome.conditions.splitlines()[0] == "Two suppliers (Ama Mensah, by Friday 2 October 2026)"


def test_nothing_is_written_when_a_condition_cannot_be_an_action(programme, office, owner):
    decision = propose(with_conditions(programme, office, ConditionDraft("Two suppliers.", owner.pk, DUE)))
    owner.is_active = False
    owner.save()

    with pytest.raises(Refused):
        take(decision)

    assert not GateOutcome.objects.exists()
    assert not RaidEntry.objects.exists()


def test_conditions_are_changed_as_a_whole_and_make_it_a_draft_again(programme, office, owner):
    decision = propose(with_conditions(programme, office, ConditionDraft("Two suppliers.", owner.pk, DUE)))
    said = draft_of(decision)
    acted: dict[str, Any] = {"by": make_manager(programme), "now": NOW, "decision_id": decision.pk}

    same = change_decision(version=1, draft=said, **acted)
    changed = change_decision(
        version=version_of(decision),
        draft=replace(said, gate_conditions=(ConditionDraft("Three.", owner.pk, DUE + timedelta(days=3)),)),
        **acted,
    )

    assert (same.state, changed.state) == ("proposed", "draft")
    assert [str(row) for row in GateConditionToMeet.objects.all()] == ["Three."]


def a_condition(owner, **more):
    return ConditionDraft(**({"text": "Two suppliers.", "owner_id": owner.pk, "due_on": DUE} | more))


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        (lambda owner: (), "Enter the conditions, each with who meets it and by when"),
        (lambda owner: (a_condition(owner),) * 11, "Enter 10 conditions at most"),
        (lambda owner: (a_condition(owner, text=" "),), "Enter the condition"),
        (lambda owner: (a_condition(owner, text="x" * 301),), "Shorten the condition"),
        (lambda owner: (a_condition(owner, text="one\ntwo"),), "one line"),
        (lambda owner: (a_condition(owner, due_on=date(1926, 10, 2)),), "The day of a condition must be between"),
        (lambda owner: (a_condition(owner, owner_id=make_person().pk),), "needs to see Custody"),
    ],
)
def test_conditions_that_cannot_be_are_refused(programme, office, owner, conditions, words):
    with pytest.raises(Refused, match=words):
        with_conditions(programme, office, *conditions(owner))

    assert not GateConditionToMeet.objects.exists()


@pytest.mark.parametrize("result", [GateResult.PROCEED, GateResult.PAUSE, GateResult.STOP, GateResult.WAIVED])
def test_only_proceeding_with_conditions_has_them(programme, office, owner, result):
    reason = "The site closes." if result == GateResult.WAIVED else ""

    with pytest.raises(Refused, match="Only “Proceed with conditions” has conditions"):
        at_gate(programme, office, result, gate_conditions=(a_condition(owner),), gate_waiver_reason=reason)


def test_a_waiver_needs_its_reason_and_nothing_else_has_one(programme, office):
    with pytest.raises(Refused, match="Say why the gate is waived"):
        at_gate(programme, office, GateResult.WAIVED)
    with pytest.raises(Refused, match="Only “Waived” has a reason here"):
        at_gate(programme, office, GateResult.PROCEED, gate_waiver_reason="The site closes.")
    with pytest.raises(Refused, match="one line"):
        at_gate(programme, office, GateResult.WAIVED, gate_waiver_reason="one\ntwo")
    with pytest.raises(Refused, match="Choose the stage whose gate this is"):
        make_decision(programme, office=office, gate_waiver_reason="The site closes.")

    take(propose(at_gate(programme, office, GateResult.WAIVED, gate_waiver_reason="The site closes.")))

    outcome = GateOutcome.objects.get()
    assert (outcome.result, outcome.waiver_reason, outcome.conditions) == ("waived", "The site closes.", "")
    started = start_stage(
        programme_id=programme.pk, stage_id=stage_of(programme).pk, on=TODAY, by=make_manager(programme), now=NOW
    )
    assert started.started_on == TODAY


def test_a_skipped_stage_has_no_decision_at_its_gate(programme, office):
    Stage.objects.filter(programme=programme, position=1).update(is_active=False)

    with pytest.raises(Refused, match="is skipped, so nothing is decided at its gate"):
        at_gate(programme, office)


def test_the_outcome_names_the_review_completed_last_by_that_day(programme, office):
    first = make_completed_review(programme)
    later = make_completed_review(programme, now=NOW + timedelta(days=7))
    make_gate_review(programme, now=NOW + timedelta(days=8))
    in_two_weeks = NOW + timedelta(days=14)

    take(propose(at_gate(programme, office)), on=TODAY - timedelta(days=1), now=in_two_weeks)
    take(propose(at_gate(programme, office)), on=TODAY, now=in_two_weeks)
    take(propose(at_gate(programme, office)), on=in_two_weeks.date(), now=in_two_weeks)

    found = GateOutcome.objects.order_by("number").values_list("review", "review_fingerprint")
    assert list(found) == [(None, ""), (first.pk, first.fingerprint), (later.pk, later.fingerprint)]


def test_a_review_of_another_gate_informs_nothing(programme, office):
    make_completed_review(programme, position=2)

    take(propose(at_gate(programme, office)))

    assert GateOutcome.objects.get().review is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programmes_gateconditiontomeet SET due_on = due_on + 1",
        "DELETE FROM programmes_gateconditiontomeet",
        "INSERT INTO programmes_gateconditiontomeet (id, decision_id, position, text, owner_id, due_on) "
        "SELECT gen_random_uuid(), decision_id, 9, text, owner_id, due_on FROM programmes_gateconditiontomeet",
        "UPDATE programmes_decision SET gate_waiver_reason = 'x'",
        "UPDATE programmes_gateoutcome SET conditions = 'None'",
        "UPDATE programmes_gateoutcome SET review_fingerprint = 'x'",
        "DELETE FROM programmes_gateoutcome",
    ],
)
def test_what_was_decided_at_a_gate_is_frozen(programme, office, owner, statement):
    take(propose(with_conditions(programme, office, a_condition(owner))))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_conditions_that_two_people_change_at_once_are_told_apart(client, programme, office, owner):
    set_clock(to=NOW)
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    decision = with_conditions(programme, office, a_condition(owner))
    path = f"/decisions/{decision.pk}/change/"
    sent = {
        "title": decision.title,
        "question": decision.question,
        "office": str(office.pk),
        "rationale": decision.rationale,
        "gate": str(decision.gate_id),
        "gate_result": "with_conditions",
        "review_weeks": "8",
        "condition_1_text": "Three suppliers.",
        "condition_1_owner": owner.email,
        "condition_1_due_on_day": "2",
        "condition_1_due_on_month": "10",
        "condition_1_due_on_year": "2026",
        "version": "1",
    }
    client.post(path, sent)

    page = client.post(path, sent | {"condition_1_text": "Four suppliers."})

    told = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    assert page.status_code == 409
    assert "Condition 1 Four suppliers. Three suppliers. Saving again" in told
