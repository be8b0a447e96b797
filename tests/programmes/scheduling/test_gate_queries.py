"""Which gates are due, how far each is prepared, and what is missing."""

from datetime import date, timedelta

import pytest

from programmes.raid.models import RaidEntry
from programmes.scheduling.enums import CheckAnswer, GateResult
from programmes.scheduling.models import Stage
from programmes.scheduling.queries import follow_ups_overdue, gate_readiness, gates_due, gates_without_evidence
from programmes.workstreams.enums import DeliveryConfidence
from tests.builders import NOW, decide_gate, make_person, make_programme
from tests.builders.gates import (
    add_document,
    answer_all,
    complete,
    make_completed_review,
    make_gate_review,
    stage_of,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
IN_TWO_WEEKS = TODAY + timedelta(weeks=2)


@pytest.fixture
def programme():
    return plan(make_programme("Custody"))


def plan(programme):
    for stage in Stage.objects.filter(programme=programme):
        first = TODAY + timedelta(weeks=stage.position)
        Stage.objects.filter(pk=stage.pk).update(planned_start_on=first, planned_finish_on=first + timedelta(days=5))
    return programme


def decide(programme, result, *, position=1, on=TODAY, **more):
    return decide_gate(stage_of(programme, position), result, on=on, **more)


def due(programme, until=IN_TWO_WEEKS):
    return [(gate.stage_title, gate.gate_title, gate.planned_start_on) for gate in gates_due([programme.pk], until)]


TECHNOLOGY = ("ICT-enabled technology transformation", "Gate before technology", date(2026, 9, 23))


def test_the_gate_before_the_next_stage_is_due_by_its_planned_start(programme):
    assert due(programme) == [TECHNOLOGY]
    assert due(programme, TECHNOLOGY[2]) == [TECHNOLOGY]
    assert due(programme, TECHNOLOGY[2] - timedelta(days=1)) == []


@pytest.mark.parametrize("result", GateResult)
def test_a_gate_is_due_until_it_lets_through(programme, result):
    more = {"with_conditions": {"conditions": "Two."}, "waived": {"waiver_reason": "It closes."}}
    decide(programme, result, **more.get(result, {}))

    opens = result in (GateResult.PROCEED, GateResult.WITH_CONDITIONS, GateResult.WAIVED)
    assert due(programme) == ([] if opens else [TECHNOLOGY])


def test_the_latest_decision_counts(programme):
    decide(programme, GateResult.PROCEED, on=TODAY - timedelta(days=1))
    decide(programme, GateResult.PAUSE)

    assert due(programme) == [TECHNOLOGY]


def test_what_has_started_or_is_skipped_is_not_next(programme):
    decide(programme, GateResult.PROCEED)
    Stage.objects.filter(programme=programme, position=1).update(started_on=TODAY)
    Stage.objects.filter(programme=programme, position=2).update(is_active=False)

    assert [title for title, *_ in due(programme, TODAY + timedelta(weeks=3))] == ["Business transformation"]


def test_a_gate_without_a_planned_day_is_not_due():
    assert due(make_programme(), date(2099, 1, 1)) == []


def test_readiness_by_the_latest_completed_review_else_the_one_under_way(programme):
    first, second, third = (stage_of(programme, position).pk for position in (1, 2, 3))
    make_completed_review(programme)
    make_gate_review(programme)
    review = make_gate_review(programme, position=2)
    add_document(review)

    found = gate_readiness([first, second, third])

    assert found.keys() == {first, second}
    assert (found[first].words, found[first].rating, found[first].is_complete) == (
        "4 of 4 met, Amber/green, 1 piece of evidence, 1 recommendation open",
        "amber_green",
        True,
    )
    assert (found[second].words, found[second].rating, found[second].has_evidence) == (
        "Under review: 0 of 5 answered, 1 piece of evidence",
        "",
        True,
    )


def test_lines_that_do_not_apply_are_not_asked(programme):
    review = answer_all(make_gate_review(programme), CheckAnswer.NOT_APPLICABLE)
    complete(review)

    ready = gate_readiness([review.stage_id])[review.stage_id]

    assert (ready.met, ready.asked, ready.has_evidence) == (0, 0, False)
    assert ready.words == "0 of 0 met, Amber/green, no pieces of evidence"


def test_a_gate_that_was_passed_without_evidence_is_listed_until_its_stage_is_finished(programme):
    decide(programme, GateResult.PROCEED)
    assert [str(stage) for stage in gates_without_evidence([programme.pk])] == [TECHNOLOGY[0]]

    make_completed_review(programme)
    decide(programme, GateResult.PROCEED)
    assert list(gates_without_evidence([programme.pk])) == []

    decide(programme, GateResult.WAIVED, position=2, waiver_reason="The site closes.")
    decide(programme, GateResult.PROCEED, position=3)
    assert [stage.position for stage in gates_without_evidence([programme.pk])] == [3]


def test_a_review_without_evidence_is_none(programme):
    complete(answer_all(make_gate_review(programme)))
    decide(programme, GateResult.PROCEED)

    assert [stage.position for stage in gates_without_evidence([programme.pk])] == [1]


def test_follow_ups_are_overdue_after_their_day_and_while_they_are_open(programme):
    day = date(2026, 12, 9)
    make_completed_review(programme, DeliveryConfidence.RED, follow_up_on=day)

    assert list(follow_ups_overdue([programme.pk], day)) == []
    found = follow_ups_overdue([programme.pk], day + timedelta(days=1))
    assert [entry.title for entry in found] == ["Assurance of the action plan"]
    assert list(follow_ups_overdue([make_programme().pk], day + timedelta(days=1))) == []

    RaidEntry.objects.filter(pk=found[0].pk).update(closed_at=NOW, closed_by=make_person(), outcome="Done.")
    assert list(follow_ups_overdue([programme.pk], day + timedelta(days=1))) == []


@pytest.mark.parametrize("count", [1, 3])
def test_each_is_one_query_for_any_number_of_programmes(django_assert_num_queries, count):
    programmes = [plan(make_programme()) for _ in range(count)]
    for programme in programmes:
        make_completed_review(programme)
    ids = [programme.pk for programme in programmes]
    stages = list(Stage.objects.filter(programme__in=ids).values_list("pk", flat=True))

    with django_assert_num_queries(4):
        found = (
            len(gates_due(ids, IN_TWO_WEEKS)),
            len(gate_readiness(stages)),
            len(gates_without_evidence(ids)),
            len(follow_ups_overdue(ids, TODAY)),
        )

    assert found == (count, count, 0, 0)
