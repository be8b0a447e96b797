from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.rules import Refused
from programmes.scheduling.enums import GateResult
from programmes.scheduling.rules import (
    Gate,
    StageDates,
    against_plan,
    check_finish,
    check_order_of_plans,
    check_plan,
    check_start,
    check_undo,
    current_stage,
    days_late,
    gate_on,
    is_late,
    last_step,
    next_step,
    plan_warnings,
)

TODAY = date(2026, 9, 16)
ONE, TWO, THREE = "Technology", "Information", "Business"


def day(n: int) -> date:
    """``n`` days before (negative) or after today."""
    return TODAY + timedelta(days=n)


def stage(position: int, **dates: int) -> StageDates:
    title = (ONE, TWO, THREE)[position - 1]
    on: dict[str, Any] = {f"{name}_on": day(n) for name, n in dates.items()}
    return StageDates(UUID(int=position), position, title.lower(), title, **on)


def life(first=None, second=None, third=None) -> list[StageDates]:
    return [stage(n, **(dates or {})) for n, dates in enumerate((first, second, third), 1)]


def planned(*days: tuple[int, int] | None) -> list[StageDates]:
    return life(*({"planned_start": each[0], "planned_finish": each[1]} if each else None for each in days))


def gate(n: int, result: str = "proceed", *, number: int = 1) -> Gate:
    """What was decided ``n`` days from today."""
    return Gate(
        stage_id=UUID(int=1),
        number=number,
        result=result,
        title=GateResult(result).label,
        conditions="Two officers a shift." if result == "with_conditions" else "",
        decided_on=day(n),
        decision_id=UUID(int=9),
        office_title="Chief Constable",
        holder_name="Ola Brand",
        recorded_at=datetime(2026, 9, 16, tzinfo=UTC),
    )


PASSED = [gate(-30000)]
FINISHED = {"started": -30, "finished": -10}
UNDER_WAY = {"started": -5}


@pytest.mark.parametrize(
    ("stages", "current", "following", "latest"),
    [
        (life(), ONE, (ONE, "start"), None),
        (life(UNDER_WAY), ONE, (ONE, "finish"), (ONE, "start")),
        (life(FINISHED), TWO, (TWO, "start"), (ONE, "finish")),
        (life(FINISHED, UNDER_WAY), TWO, (TWO, "finish"), (TWO, "start")),
        (life(FINISHED, FINISHED, FINISHED), None, None, (THREE, "finish")),
        ([], None, None, None),
    ],
)
def test_the_steps_of_a_life_cycle(stages, current, following, latest):
    found = current_stage(stages)

    assert (found.title if found else None) == current
    assert [(s.stage.title, s.kind) if s else None for s in (next_step(stages), last_step(stages))] == [
        following,
        latest,
    ]


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"planned_start": 5}, "planned_finish_technology"),
        ({"planned_finish": 5}, "planned_start_technology"),
        ({"planned_start": 5, "planned_finish": 4}, "planned_finish_technology"),
        ({"planned_start": -20000, "planned_finish": 4}, "planned_start_technology"),
        ({"planned_start": 5, "planned_finish": 40000}, "planned_finish_technology"),
    ],
)
def test_a_plan_out_of_order_is_refused_where_it_is_wrong(dates, field):
    with pytest.raises(Refused) as refused:
        check_plan(stage(1, **dates))

    assert refused.value.field == field


@pytest.mark.parametrize(
    "dates", [{}, {"planned_start": 5, "planned_finish": 5}, {"planned_start": -5, "planned_finish": 9}]
)
def test_a_plan_in_order_or_empty_is_allowed(dates):
    check_plan(stage(1, **dates))


@pytest.mark.parametrize(
    ("stages", "position", "on", "sentence"),
    [
        (life(UNDER_WAY), 1, 0, "already. To change the day, undo the start first."),
        (life(UNDER_WAY), 2, 0, "Information can start when Technology is finished. Record that finish first."),
        (life(), 3, 0, "Business can start when Information is finished."),
        (life(FINISHED), 2, -11, "Technology finished on Sunday 6 September 2026. Choose that day or a later one."),
        (life(FINISHED), 2, 1, "The day must be today or in the past. Today is Wednesday 16 September 2026."),
        (life(), 1, -20000, "Check the year."),
    ],
)
def test_a_start_out_of_order_is_refused(stages, position, on, sentence):
    with pytest.raises(Refused) as refused:
        check_start(stages, stages[position - 1], gates=PASSED, on=day(on), today=TODAY)

    assert sentence in refused.value.sentence


@pytest.mark.parametrize(
    ("stages", "position", "on"), [(life(), 1, 0), (life(FINISHED), 2, -10), (life(FINISHED), 2, 0)]
)
def test_a_start_in_order_is_allowed(stages, position, on):
    check_start(stages, stages[position - 1], gates=PASSED, on=day(on), today=TODAY)


@pytest.mark.parametrize(
    ("gates", "sentence"),
    [
        ([], "The gate before Technology has not been passed on or before Wednesday 16 September 2026."),
        ([gate(1)], "record that decision first."),
        (
            [gate(-9), gate(-1, "pause", number=2)],
            "Chief Constable (Ola Brand) paused the programme at the gate before",
        ),
        ([gate(-9, number=1), gate(-9, "stop", number=2)], "stopped the programme at the gate before Technology on"),
    ],
)
def test_a_start_before_its_gate_is_passed_is_refused(gates, sentence):
    with pytest.raises(Refused) as refused:
        check_start(life(), life()[0], gates=gates, on=TODAY, today=TODAY)

    assert (sentence in refused.value.sentence, refused.value.field) == (True, "on")


@pytest.mark.parametrize(
    "gates",
    [
        [gate(0)],
        [gate(-3, "with_conditions")],
        [gate(-9, "stop"), gate(-3, number=2)],
        [gate(-3), gate(-9, "stop", number=2)],
        [gate(-3), gate(1, "stop", number=2)],
    ],
)
def test_a_start_on_a_day_on_which_the_gate_is_passed_is_allowed(gates):
    check_start(life(), life()[0], gates=gates, on=TODAY, today=TODAY)


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(1, 3)), max_size=6))
def test_what_counts_at_a_gate_is_the_last_decision_by_day_then_by_number(decided):
    gates = [gate(n, number=number) for n, number in decided]

    found = gate_on(gates, TODAY)

    due = [each for each in gates if each.decided_on <= TODAY]
    assert (found is None) == (not due)
    assert all((each.decided_on, each.number) <= (found.decided_on, found.number) for each in due if found)


@pytest.mark.parametrize(
    ("dates", "on", "sentence"),
    [
        ({}, 0, "Technology has not started. Record its start first."),
        (FINISHED, 0, "already. To change the day, undo the finish first."),
        (UNDER_WAY, -6, "Technology started on Friday 11 September 2026. Choose that day or a later one."),
        (UNDER_WAY, 1, "must be today or in the past"),
    ],
)
def test_a_finish_out_of_order_is_refused(dates, on, sentence):
    with pytest.raises(Refused) as refused:
        check_finish(stage(1, **dates), on=day(on), today=TODAY)

    assert sentence in refused.value.sentence


@pytest.mark.parametrize("on", [-5, 0])
def test_a_finish_on_or_after_the_start_is_allowed(on):
    check_finish(stage(1, **UNDER_WAY), on=day(on), today=TODAY)


@pytest.mark.parametrize(
    ("stages", "position", "step", "sentence"),
    [
        (life(), 1, "start", "Nothing has started, so there is nothing to undo."),
        (life(FINISHED), 1, "start", "Only that can be undone: the finish of Technology."),
        (life(FINISHED, UNDER_WAY), 1, "finish", "Only that can be undone: the start of Information."),
        (life(FINISHED, UNDER_WAY), 2, "finish", "Only that can be undone: the start of Information."),
    ],
)
def test_undoing_anything_but_the_latest_step_is_refused(stages, position, step, sentence):
    with pytest.raises(Refused) as refused:
        check_undo(stages, stages[position - 1], step=step)

    assert sentence in refused.value.sentence


def test_planned_stages_that_overlap_are_warned_of():
    stages = life(
        {"planned_start": 0, "planned_finish": 10},
        {"planned_start": 10, "planned_finish": 20},
        {"planned_start": 19, "planned_finish": 30},
    )

    assert plan_warnings(stages) == [
        "Business is planned to start on Monday 5 October 2026, before Information is planned to finish on "
        "Tuesday 6 October 2026."
    ]


@pytest.mark.parametrize(
    ("first", "second", "third", "sentence", "field"),
    [
        (
            (0, 10),
            (-1, 20),
            None,
            "Information is planned to start on Tuesday 15 September 2026, before Technology is planned to start on "
            "Wednesday 16 September 2026. Stages come in this order: plan Information to start on that day or later, or "
            "Technology earlier.",
            "planned_start_information",
        ),
        (
            (0, 10),
            (0, 9),
            None,
            "Information is planned to finish on Friday 25 September 2026, before Technology is planned to finish on "
            "Saturday 26 September 2026. Stages come in this order: plan Information to finish on that day or later, or "
            "Technology earlier.",
            "planned_finish_information",
        ),
        ((0, 10), None, (-1, 20), "Business is planned to start", "planned_start_business"),
        (None, (0, 10), (5, 9), "Business is planned to finish", "planned_finish_business"),
    ],
)
def test_plans_out_of_the_order_of_the_stages_are_refused(first, second, third, sentence, field):
    with pytest.raises(Refused) as refused:
        check_order_of_plans(planned(first, second, third))

    assert (refused.value.sentence.startswith(sentence), refused.value.field) == (True, field)


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [(None, None, None), ((0, 10), (0, 10), (0, 10)), ((0, 10), (1, 10), (5, 30)), ((0, 10), None, (0, 10))],
)
def test_plans_that_overlap_in_order_are_allowed(first, second, third):
    check_order_of_plans(planned(first, second, third))


def test_an_unplanned_stage_in_between_hides_no_overlap():
    stages = life({"planned_start": 0, "planned_finish": 10}, None, {"planned_start": 9, "planned_finish": 30})

    assert len(plan_warnings(stages)) == 1


@pytest.mark.parametrize(
    ("planned", "actual", "late"),
    [
        (None, None, None),
        (None, 0, None),
        (0, None, None),
        (1, None, None),
        (-1, None, 1),
        (-5, -5, 0),
        (-5, -2, 3),
        (-5, -9, -4),
    ],
)
def test_days_late(planned, actual, late):
    assert days_late(None if planned is None else day(planned), None if actual is None else day(actual), TODAY) == late


@pytest.mark.parametrize(
    ("dates", "words", "late"),
    [
        ({}, [], False),
        ({"planned_start": 0, "planned_finish": 9}, [], False),
        ({"planned_start": -1, "planned_finish": 9}, ["Late: it should have started 1 day ago"], True),
        (
            {"planned_start": -9, "planned_finish": -2, "started": -9},
            ["Started on the planned day", "Late: it should have finished 2 days ago"],
            True,
        ),
        (
            {"planned_start": -9, "planned_finish": -2, "started": -7, "finished": -3},
            ["Started 2 days late", "Finished 1 day early"],
            False,
        ),
    ],
)
def test_against_plan_is_said_in_words(dates, words, late):
    assert (against_plan(stage(1, **dates), TODAY), is_late(stage(1, **dates), TODAY)) == (words, late)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["start", "finish", "undo_start", "undo_finish"]), st.integers(0, 2), st.integers(-400, 5)
    ),
    max_size=25,
)


def acted(stages: list[StageDates], act: tuple[str, int, int]) -> list[StageDates]:
    """The stages after the act, or as they were when a rule refuses it."""
    kind, index, offset = act
    found, on = stages[index], day(offset)
    values = {name: getattr(found, name) for name in ("started_on", "finished_on")}
    try:
        match kind:
            case "start":
                check_start(stages, found, gates=PASSED, on=on, today=TODAY)
                values["started_on"] = on
            case "finish":
                check_finish(found, on=on, today=TODAY)
                values["finished_on"] = on
            case "undo_start":
                check_undo(stages, found, step="start")
                values["started_on"] = None
            case "undo_finish":
                check_undo(stages, found, step="finish")
                values["finished_on"] = None
    except Refused:
        return stages
    changed = StageDates(found.id, found.position, found.kind, found.title, **values)
    return [changed if other.id == found.id else other for other in stages]


@given(ACTS)
def test_no_sequence_of_allowed_acts_puts_stages_out_of_order(acts):
    stages = life()
    for act in acts:
        stages = acted(stages, act)

        steps = [step for each in stages for step in (each.started_on, each.finished_on)]
        done = [step for step in steps if step]
        assert steps == done + [None] * (len(steps) - len(done))
        assert done == sorted(done)
        assert all(step <= TODAY for step in done)


@given(ACTS)
def test_the_latest_step_can_always_be_undone_and_is_then_next(acts):
    stages = life()
    for act in acts:
        stages = acted(stages, act)

    while step := last_step(stages):
        stages = acted(stages, (f"undo_{step.kind}", step.stage.position - 1, 0))
        following = next_step(stages)
        assert following is not None
        assert (following.stage.id, following.kind) == (step.stage.id, step.kind)
    assert all(earlier.state == later.state == "not_started" for earlier, later in pairwise(stages))
