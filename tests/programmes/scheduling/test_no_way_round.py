"""No stage starts by any route before the gate before it is passed or waived."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from partners.audit.rules import Refused
from partners.clock.operations import set_clock
from programmes.decisions.operations import withdraw_decision
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, Stage
from programmes.scheduling.operations import start_stage, undo_stage_step
from programmes.workstreams.enums import DeliveryConfidence
from tests.builders import (
    NOW,
    decide_gate,
    make_administrator,
    make_deciding_office,
    make_decision,
    make_manager,
    make_programme,
    propose,
    take,
)
from tests.builders.gates import make_completed_review, stage_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
GATE = "A stage starts only when the gate before it has been passed"
SHUT = [None, GateResult.PAUSE, GateResult.STOP]


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Custody")


@pytest.fixture
def office(programme):
    return make_deciding_office(programme)


def decide(programme, office, result, *, on=TODAY, **more):
    more = {"gate_waiver_reason": "The site closes."} | more if result == GateResult.WAIVED else more
    decision = make_decision(programme, office=office, gate_id=stage_of(programme).pk, gate_result=result, **more)
    return take(propose(decision), on=on)


def start(programme, *, on=TODAY, by=None):
    return start_stage(
        programme_id=programme.pk,
        stage_id=stage_of(programme).pk,
        on=on,
        by=by or make_manager(programme),
        now=NOW,
    )


def not_started():
    return not Stage.objects.exclude(started_on=None).exists()


def shut(programme, office, result):
    if result is not None:
        decide(programme, office, result)


@pytest.mark.parametrize("result", SHUT)
def test_not_by_the_act(programme, office, result):
    shut(programme, office, result)

    with pytest.raises(Refused, match="record that decision first"):
        start(programme)

    assert not_started()


@pytest.mark.parametrize("result", SHUT)
def test_not_by_the_page_or_the_api(client, programme, office, result):
    shut(programme, office, result)
    client.force_login(make_manager(programme))
    stage, day = stage_of(programme), {"on_day": "16", "on_month": "9", "on_year": "2026"}

    page = client.post(f"/programmes/{programme.pk}/stages/{stage.pk}/start/", day)
    endpoint = client.post(
        f"/api/programmes/{programme.pk}/stages/{stage.pk}/start/",
        {"on": "2026-09-16"},
        content_type="application/json",
    )
    planned = client.patch(
        f"/api/programmes/{programme.pk}/stages/",
        {"stages": [{"stage": str(stage.pk), "version": 1, "started_on": "2026-09-16"}]},
        content_type="application/json",
    )

    assert (page.status_code, endpoint.status_code, planned.status_code) == (409, 409, 400)
    assert not_started()


@pytest.mark.parametrize("model", ["stage", "gateoutcome", "gatereview", "gatecheck", "gateevidence", "decision"])
def test_not_in_the_admin_which_only_reads(client, programme, office, model):
    make_completed_review(programme)
    decide(programme, office, GateResult.PAUSE)
    client.force_login(make_administrator())
    row = apps.get_model("programmes", model).objects.first()
    change = reverse(f"admin:programmes_{model}_change", args=[row.pk])

    assert client.get(change).status_code == 200
    assert client.post(change, {"started_on": "2026-09-16", "result": "proceed"}).status_code == 403
    assert client.post(reverse(f"admin:programmes_{model}_add"), {}).status_code == 403
    assert client.post(reverse(f"admin:programmes_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert not_started()


def by_update(stage):
    Stage.objects.filter(pk=stage.pk).update(started_on=TODAY)


def by_bulk_update(stage):
    stage.started_on = TODAY
    Stage.objects.bulk_update([stage], ["started_on"])


def by_save(stage):
    stage.started_on = TODAY
    stage.save()


def by_bulk_create(stage):
    Stage.objects.bulk_create([another(stage)])


def by_upsert(stage):
    stage.started_on = TODAY
    Stage.objects.bulk_create([stage], update_conflicts=True, update_fields=["started_on"], unique_fields=["id"])


def by_sql(stage):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE programmes_stage SET started_on = %s WHERE id = %s", [TODAY, stage.pk])


def by_sql_without_triggers(stage):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE programmes_stage SET started_on = %s WHERE id = %s", [TODAY, stage.pk])


def by_dropping_the_trigger(stage):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE programmes_stage DISABLE TRIGGER USER")


def by_rewriting_the_outcome(stage):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE programmes_gateoutcome SET result = 'proceed'")


def by_removing_the_outcome(stage):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM programmes_gateoutcome")


def another(stage):
    return Stage(
        programme=stage.programme,
        definition=stage.definition,
        position=9,
        kind="another",
        title="Another",
        started_on=TODAY,
    )


@pytest.mark.parametrize(
    "route",
    [
        by_update,
        by_bulk_update,
        by_save,
        by_bulk_create,
        by_upsert,
        by_sql,
        by_sql_without_triggers,
        by_dropping_the_trigger,
        by_rewriting_the_outcome,
        by_removing_the_outcome,
    ],
)
@pytest.mark.parametrize("result", [GateResult.PAUSE, GateResult.STOP])
def test_not_by_the_application_s_own_role_in_any_statement(programme, office, result, route):
    shut(programme, office, result)

    with pytest.raises(DatabaseError), transaction.atomic():
        route(stage_of(programme))

    assert not_started()
    assert GateOutcome.objects.get().result == result


@pytest.mark.parametrize("route", [by_update, by_bulk_update, by_save, by_upsert, by_sql])
def test_the_same_statements_start_a_stage_whose_gate_is_passed(programme, office, route):
    """So that the test above can fail."""
    decide(programme, office, GateResult.PROCEED)

    route(stage_of(programme))

    assert stage_of(programme).started_on == TODAY


def invent(stage, decision_id, result="proceed", on=TODAY):
    """What the application's own role may try in SQL; the database judges it at the latest at the end."""
    values = [
        uuid4(),
        stage.pk,
        9,
        result,
        on,
        decision_id,
        "Chief Constable",
        "Ola Brand",
        NOW,
        stage.programme.set_up_by_id,
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_gateoutcome (id, stage_id, number, result, conditions, decided_on, decision_id,"
            " office_title, holder_name, recorded_at, recorded_by_id) VALUES (%s, %s, %s, %s, '', %s, %s, %s, %s, %s, %s)",
            values,
        )
        cursor.execute("UPDATE programmes_stage SET started_on = %s WHERE id = %s", [TODAY, stage.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_not_by_an_outcome_that_no_decision_took(programme, office):
    stage, manager = stage_of(programme), make_manager(programme)
    draft = make_decision(programme, office=office, gate_id=stage.pk, gate_result=GateResult.PROCEED, by=manager)
    proposed = propose(make_decision(programme, office=office, gate_id=stage.pk, gate_result=GateResult.PROCEED))
    elsewhere = decide_gate(stage_of(make_programme()), on=TODAY).decision_id
    paused = decide(programme, office, GateResult.PAUSE)

    for decision_id in (uuid4(), draft.pk, proposed.pk, elsewhere, paused.pk):
        with pytest.raises(DatabaseError, match=r"stands in a decision that was taken|decision_once"):
            invent(stage, decision_id)

    assert not_started()
    assert GateOutcome.objects.filter(stage=stage).count() == 1


def test_not_by_telling_a_decision_again_after_a_later_one(programme, office):
    """A decision writes one outcome: it cannot be brought back to count after the one that took its place."""
    first = decide(programme, office, GateResult.PROCEED)
    decide(programme, office, GateResult.STOP, supersedes_id=first.pk)

    with pytest.raises(DatabaseError, match="decision_once"):
        invent(stage_of(programme), first.pk)

    assert not_started()


@pytest.mark.parametrize("rating", [DeliveryConfidence.GREEN, DeliveryConfidence.RED])
def test_a_completed_review_opens_no_gate(programme, rating):
    more: dict[str, Any] = {"follow_up_on": date(2026, 12, 9)} if rating == DeliveryConfidence.RED else {}
    make_completed_review(programme, rating, **more)

    with pytest.raises(Refused, match="record that decision first"):
        start(programme)
    with pytest.raises(DatabaseError, match=GATE), transaction.atomic():
        by_update(stage_of(programme))


def test_a_draft_a_proposal_and_a_withdrawn_decision_open_no_gate(programme, office):
    manager = make_manager(programme)
    decision = make_decision(
        programme, office=office, gate_id=stage_of(programme).pk, gate_result=GateResult.PROCEED, by=manager
    )
    with pytest.raises(Refused, match="record that decision first"):
        start(programme)
    propose(decision, by=manager)
    with pytest.raises(Refused, match="record that decision first"):
        start(programme)
    withdraw_decision(decision_id=decision.pk, reason="Not now.", by=manager, now=NOW)
    with pytest.raises(Refused, match="record that decision first"):
        start(programme)

    assert not GateOutcome.objects.exists()


def test_a_later_decision_that_supersedes_shuts_the_gate_again(programme, office):
    first = decide(programme, office, GateResult.PROCEED, on=TODAY - DAY)
    decide(programme, office, GateResult.STOP, supersedes_id=first.pk)

    with pytest.raises(Refused, match="stopped the programme at the gate"):
        start(programme)
    with pytest.raises(DatabaseError, match=GATE), transaction.atomic():
        by_update(stage_of(programme))


def test_a_gate_does_not_open_before_the_day_of_its_decision(programme, office):
    decide(programme, office, GateResult.PROCEED)

    with pytest.raises(Refused, match="record that decision first"):
        start(programme, on=TODAY - DAY)
    with pytest.raises(DatabaseError, match=GATE), transaction.atomic():
        Stage.objects.filter(pk=stage_of(programme).pk).update(started_on=TODAY - DAY)


def test_a_start_taken_back_needs_the_gate_again(programme, office):
    decide(programme, office, GateResult.PROCEED, on=TODAY - DAY)
    manager = make_manager(programme)
    start(programme, on=TODAY, by=manager)
    undo_stage_step(
        programme_id=programme.pk,
        stage_id=stage_of(programme).pk,
        step="start",
        reason="Too soon.",
        by=manager,
        now=NOW,
    )
    decide(programme, office, GateResult.PAUSE)

    with pytest.raises(Refused, match="paused the programme at the gate"):
        start(programme)
    assert start(programme, on=TODAY - DAY).started_on == TODAY - DAY, "it was open on that day"


def test_the_outcome_at_another_gate_opens_nothing(programme):
    other = make_programme()
    for stage in (stage_of(programme, 2), stage_of(other, 1)):
        decide_gate(stage, on=TODAY)

    with pytest.raises(Refused, match="record that decision first"):
        start(programme)
    with pytest.raises(DatabaseError, match=GATE), transaction.atomic():
        by_update(stage_of(programme))


def test_a_skipped_stage_does_not_start_and_hands_its_gate_to_nobody(programme, office):
    decide(programme, office, GateResult.PROCEED)
    Stage.objects.filter(pk=stage_of(programme).pk).update(is_active=False)

    with pytest.raises(DatabaseError), transaction.atomic():
        by_update(stage_of(programme))
    with pytest.raises(DatabaseError, match=GATE), transaction.atomic():
        by_update(stage_of(programme, 2))


def test_a_stage_cannot_take_another_s_place_to_start(programme):
    """The gate belongs to the stage: its id, its programme and what it is cannot be moved under an open gate."""
    other = make_programme()
    decide_gate(stage_of(programme), on=TODAY)

    with pytest.raises(DatabaseError), transaction.atomic():
        Stage.objects.filter(pk=stage_of(other).pk).update(id=stage_of(programme).pk, started_on=TODAY)


def test_a_waived_gate_lets_it_start(programme, office):
    decide(programme, office, GateResult.WAIVED)

    assert start(programme).started_on == TODAY
