from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import Stage
from programmes.scheduling.operations import StagePlan, finish_stage, plan_stages, start_stage, undo_stage_step
from programmes.scheduling.queries import gates_of, stages_of
from programmes.scheduling.rules import check_start
from tests.builders import (
    NOW,
    decide_gate,
    make_administrator,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    pass_gates,
)

pytestmark = pytest.mark.django_db
MARCH, JUNE = date(2026, 3, 2), date(2026, 6, 1)


@pytest.fixture
def programme():
    return pass_gates(make_programme("Mobile officer"))


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


@pytest.fixture
def stages(programme):
    return stages_of([programme.pk])[programme.pk]


def plan(programme, by, *plans):
    return plan_stages(programme_id=programme.pk, plans=plans, by=by, now=NOW)


def act(operation, programme, stage, by, **more):
    return operation(programme_id=programme.pk, stage_id=stage.id, by=by, now=NOW, **more)


def told(programme):
    return [(e.action, e.summary, e.before, e.after) for e in events_about(programme.pk).order_by("pk")]


def days(version, **more):
    nothing = {"planned_start_on": None, "planned_finish_on": None, "started_on": None, "finished_on": None}
    return {"version": version, **nothing, **more}


def test_plan_stages_writes_what_changes_and_one_event(programme, manager, stages):
    first, second, _ = stages

    found = plan(programme, manager, StagePlan(first.id, 1, MARCH, JUNE), StagePlan(second.id, 1, None, None))

    assert [(s.planned_start_on, s.planned_finish_on, s.version) for s in found] == [
        (MARCH, JUNE, 2),
        (None, None, 1),
        (None, None, 1),
    ]
    assert told(programme) == [
        (
            "scheduling.plan_stages",
            "planned ICT-enabled technology transformation of Mobile officer",
            {"technology": days(1)},
            {"technology": days(2, planned_start_on="2026-03-02", planned_finish_on="2026-06-01")},
        )
    ]


def test_a_repeated_plan_does_nothing_new(programme, manager, stages):
    wanted = StagePlan(stages[0].id, 1, MARCH, JUNE)
    plan(programme, manager, wanted)

    plan(programme, manager, wanted)

    assert events_about(programme.pk).count() == 1


def test_planning_over_a_newer_plan_tells_who_changed_what(programme, manager, stages):
    plan(programme, make_manager(programme, "Tom Hale"), StagePlan(stages[0].id, 1, MARCH, JUNE))

    with pytest.raises(Conflict) as conflict:
        plan(programme, manager, StagePlan(stages[0].id, 1, MARCH, MARCH))

    assert conflict.value.sentence.startswith(
        "Tom Hale changed the planned start and the planned finish of ICT-enabled technology transformation"
    )


def test_two_people_may_plan_two_stages_at_once(programme, manager, stages):
    first, second, _ = stages
    plan(programme, make_manager(programme), StagePlan(first.id, 1, MARCH, JUNE))

    found = plan(programme, manager, StagePlan(second.id, 1, MARCH, JUNE))

    assert [s.version for s in found] == [2, 2, 1]


@pytest.mark.parametrize("dates", [(JUNE, MARCH), (MARCH, None), (None, MARCH), (date(206, 3, 2), JUNE)])
def test_a_plan_out_of_order_writes_nothing(programme, manager, stages, dates):
    first, second, _ = stages

    with pytest.raises(Refused):
        plan(programme, manager, StagePlan(first.id, 1, MARCH, JUNE), StagePlan(second.id, 1, *dates))

    assert not Stage.objects.exclude(planned_start_on=None).exists()
    assert not events_about(programme.pk).exists()


def test_a_plan_out_of_order_with_what_is_planned_already_writes_nothing(programme, manager, stages):
    first, second, _ = stages
    plan(programme, manager, StagePlan(second.id, 1, date(2026, 4, 1), JUNE))

    with pytest.raises(Refused, match="before ICT-enabled technology transformation is planned to start"):
        plan(programme, manager, StagePlan(first.id, 1, date(2026, 4, 2), JUNE))

    assert Stage.objects.get(pk=first.id).planned_start_on is None
    assert events_about(programme.pk).count() == 1


def test_both_stages_may_move_past_each_other_in_one_plan(programme, manager, stages):
    first, second, _ = stages
    plan(programme, manager, StagePlan(first.id, 1, MARCH, MARCH), StagePlan(second.id, 1, MARCH, JUNE))

    found = plan(
        programme, manager, StagePlan(second.id, 2, JUNE, JUNE), StagePlan(first.id, 2, date(2026, 5, 1), JUNE)
    )

    assert [each.planned_start_on for each in found[:2]] == [date(2026, 5, 1), JUNE]


def test_stages_of_another_programme_or_given_twice_are_refused(programme, manager, stages):
    theirs = stages_of([(other := make_programme()).pk])[other.pk][0]

    for stage_id in (theirs.id, uuid4()):
        with pytest.raises(Refused, match="This programme has no such stage"):
            plan(programme, manager, StagePlan(stage_id, 1, MARCH, JUNE))
        with pytest.raises(Refused, match="This programme has no such stage"):
            start_stage(programme_id=programme.pk, stage_id=stage_id, on=MARCH, by=manager, now=NOW)
    with pytest.raises(Refused, match="planned twice"):
        plan(programme, manager, *[StagePlan(stages[0].id, 1, MARCH, JUNE)] * 2)


def test_the_steps_of_a_stage_are_recorded_and_taken_back(programme, manager, stages):
    first = stages[0]

    act(start_stage, programme, first, manager, on=MARCH)
    act(finish_stage, programme, first, manager, on=JUNE)
    taken_back = act(undo_stage_step, programme, first, manager, step="finish", reason="Wrong day")

    name, started = "ICT-enabled technology transformation", "2026-03-02"
    assert (taken_back.started_on, taken_back.finished_on, taken_back.version) == (MARCH, None, 4)
    assert told(programme) == [
        (
            "scheduling.start_stage",
            f"started {name} of Mobile officer on Monday 2 March 2026",
            {"technology": days(1)},
            {"technology": days(2, started_on=started)},
        ),
        (
            "scheduling.finish_stage",
            f"finished {name} of Mobile officer on Monday 1 June 2026",
            {"technology": days(2, started_on=started)},
            {"technology": days(3, started_on=started, finished_on="2026-06-01")},
        ),
        (
            "scheduling.undo_stage_step",
            f"took back the finish of {name} of Mobile officer, because: Wrong day",
            {"technology": days(3, started_on=started, finished_on="2026-06-01")},
            {"technology": days(4, started_on=started)},
        ),
    ]


def test_a_repeated_undo_takes_back_one_step(programme, manager, stages):
    act(start_stage, programme, stages[0], manager, on=MARCH)
    act(finish_stage, programme, stages[0], manager, on=JUNE)
    act(undo_stage_step, programme, stages[0], manager, step="finish", reason="Wrong day")

    with pytest.raises(Refused, match="is not the latest step"):
        act(undo_stage_step, programme, stages[0], manager, step="finish", reason="Wrong day")

    assert Stage.objects.get(pk=stages[0].id).started_on == MARCH


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 201])
def test_an_undo_without_a_reason_is_refused(programme, manager, stages, reason):
    act(start_stage, programme, stages[0], manager, on=MARCH)

    with pytest.raises(Refused) as refused:
        act(undo_stage_step, programme, stages[0], manager, step="start", reason=reason)

    assert refused.value.field == "reason"


def test_steps_out_of_order_write_nothing(programme, manager, stages):
    for operation, stage, on in (
        (start_stage, stages[1], MARCH),
        (finish_stage, stages[0], MARCH),
        (start_stage, stages[0], date(2026, 9, 17)),
    ):
        with pytest.raises(Refused):
            act(operation, programme, stage, manager, on=on)

    assert not Stage.objects.exclude(version=1).exists()
    assert not events_about(programme.pk).exists()


@pytest.mark.parametrize("who", [make_reader, lambda programme: make_person(), lambda programme: make_administrator()])
def test_nobody_but_manager_and_cio_runs_stages(programme, stages, who):
    stranger = who(programme)

    for operation, more in (
        (start_stage, {"on": MARCH}),
        (finish_stage, {"on": MARCH}),
        (undo_stage_step, {"step": "start", "reason": "Why"}),
    ):
        with pytest.raises(NotPermitted, match="You cannot plan the stages of this programme"):
            act(operation, programme, stages[0], stranger, **more)
    with pytest.raises(NotPermitted):
        plan(programme, stranger, StagePlan(stages[0].id, 1, MARCH, JUNE))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"planned_start_on": MARCH}, "planned_in_order"),
        ({"planned_finish_on": MARCH}, "planned_in_order"),
        ({"planned_start_on": JUNE, "planned_finish_on": MARCH}, "planned_in_order"),
        ({"finished_on": MARCH}, "actual_in_order"),
        ({"started_on": JUNE, "finished_on": MARCH}, "actual_in_order"),
    ],
)
def test_the_database_refuses_days_out_of_order(programme, values, message):
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        Stage.objects.filter(programme=programme, position=1).update(**values)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"started_on": JUNE}),
        ({"started_on": MARCH}, {"started_on": JUNE}),
        ({"started_on": MARCH, "finished_on": JUNE}, {"started_on": MARCH}),
    ],
)
def test_the_database_refuses_a_stage_before_its_turn(programme, first, second):
    Stage.objects.filter(programme=programme, position=1).update(version=2, **first)

    with pytest.raises(IntegrityError, match="A stage starts only when the one before it"), transaction.atomic():
        Stage.objects.filter(programme=programme, position=2).update(**second)


def test_the_database_refuses_to_reopen_a_stage_under_a_later_one(programme):
    Stage.objects.filter(programme=programme, position=1).update(started_on=MARCH, finished_on=JUNE)
    Stage.objects.filter(programme=programme, position=2).update(started_on=JUNE)

    with pytest.raises(IntegrityError, match="A stage starts only when the one before it"), transaction.atomic():
        Stage.objects.filter(programme=programme, position=1).update(finished_on=None)


def test_the_operation_refuses_a_start_before_its_gate_is_passed():
    programme = make_programme()
    first = stages_of([programme.pk])[programme.pk][0]

    with pytest.raises(Refused, match="record that decision first"):
        act(start_stage, programme, first, make_manager(programme), on=MARCH)

    assert told(programme) == []


def start_by_sql(programme):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE programmes_stage SET started_on = %s WHERE programme_id = %s AND position = 1",
            [MARCH, programme.pk],
        )


def start_by_update(programme):
    Stage.objects.filter(programme=programme, position=1).update(started_on=MARCH)


def start_by_bulk_update(programme):
    stage = Stage.objects.get(programme=programme, position=1)
    stage.started_on = MARCH
    Stage.objects.bulk_update([stage], ["started_on"])


def start_by_bulk_create(programme):
    first = Stage.objects.filter(programme=programme).order_by("position").first()
    assert first is not None
    Stage.objects.filter(programme=programme).delete()
    first.pk, first.started_on = uuid4(), MARCH
    Stage.objects.bulk_create([first])


@pytest.mark.parametrize("start", [start_by_sql, start_by_update, start_by_bulk_update, start_by_bulk_create])
def test_the_database_refuses_every_other_way_past_a_gate(start):
    programme = make_programme()

    with pytest.raises(IntegrityError, match="only when the gate before it has been passed"), transaction.atomic():
        start(programme)

    assert not Stage.objects.exclude(started_on=None).exists()


@pytest.mark.parametrize("start", [start_by_sql, start_by_update, start_by_bulk_update])
def test_the_database_lets_a_stage_start_past_its_gate(programme, start):
    start(programme)

    assert Stage.objects.get(programme=programme, position=1).started_on == MARCH


@pytest.mark.parametrize(
    ("results", "starts"),
    [
        ([(MARCH, "proceed")], True),
        ([(MARCH, "with_conditions")], True),
        ([(date(2026, 3, 3), "proceed")], False),
        ([(date(2026, 2, 2), "proceed"), (MARCH, "pause")], False),
        ([(MARCH, "proceed"), (date(2026, 2, 2), "stop")], True),
        ([(MARCH, "stop"), (MARCH, "proceed")], True),
        ([(MARCH, "proceed"), (MARCH, "stop")], False),
    ],
)
def test_the_rule_and_the_database_agree_on_a_gate(results, starts):
    programme = make_programme()
    stage = Stage.objects.get(programme=programme, position=1)
    for on, result in results:
        conditions = "Two a shift." if result == "with_conditions" else ""
        decide_gate(stage, GateResult(result), on=on, conditions=conditions)

    def passes(start):
        try:
            with transaction.atomic():
                start()
                transaction.set_rollback(True)
        except (IntegrityError, Refused):
            return False
        return True

    first, *_ = found = stages_of([programme.pk])[programme.pk]
    gates = gates_of([programme.pk])[stage.pk]
    by_rule = passes(lambda: check_start(found, first, gates=gates, on=MARCH, today=MARCH))

    assert (by_rule, passes(lambda: start_by_sql(programme))) == (starts, starts)


@pytest.mark.parametrize("count", [1, 3])
def test_gates_of_is_one_query(django_assert_num_queries, count):
    ids = [pass_gates(make_programme()).pk for _ in range(count)]

    with django_assert_num_queries(1):
        found = gates_of(ids)

    assert [len(gates) for gates in found.values()] == [1] * 3 * count
