"""Where planned days go: by hand, and when other days are worked."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.calendar.rules import ClosedDays, WorkingCalendar
from programmes.scheduling.rules import (
    PlanDays,
    StageDates,
    fingerprint_of,
    replan,
    replan_for_calendar,
    with_moves,
)

CHRISTMAS = ClosedDays("Christmas closure", date(2026, 12, 29), date(2026, 12, 31))
PLAIN, SHUT = WorkingCalendar(), WorkingCalendar(closures=(CHRISTMAS,))
DAYS, SHUT_DAYS = PlanDays(PLAIN), PlanDays(SHUT)
TITLES = ("Technology", "Information", "Business")
# Each closure of its own makes a calendar of its own, which takes its time.
unhurried = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
any_day = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def stage(position, start=None, finish=None, **more):
    title = TITLES[position - 1]
    return StageDates(UUID(int=position), position, title.lower(), title, start, finish, **more)


def chain(first_on, *lengths, days=DAYS):
    """Planned stages that follow each other at once, of so many working days."""
    stages, start = [], days.on_or_after(first_on)
    for position, length in enumerate(lengths, 1):
        finish = days.last_of(start, length)
        stages.append(stage(position, start, finish))
        start = days.next_after(finish)
    return stages


def spans(stages):
    return [(each.planned_start_on, each.planned_finish_on) for each in stages]


def lengths(stages, days):
    return [days.count(each.planned_start_on, each.planned_finish_on) for each in stages]


def told(moved):
    return [(move.stage.title, move.is_finish, move.to_on, move.reason) for move in moved]


def test_what_follows_starts_the_next_working_day_and_says_why():
    stages = chain(date(2026, 12, 1), 10, 5)

    moved = replan(stages, {stages[0].id: (date(2026, 12, 1), date(2026, 12, 24))}, DAYS)

    assert told(moved) == [
        ("Technology", True, date(2026, 12, 24), "Entered"),
        (
            "Information",
            False,
            date(2026, 12, 29),
            "Starts on the next working day after Technology finishes on Thursday 24 December 2026",
        ),
        ("Information", True, date(2027, 1, 5), "Keeps its 5 working days"),
    ]


def test_a_closure_over_christmas_is_walked_around():
    stages = chain(date(2026, 12, 1), 10, 5, days=SHUT_DAYS)

    moved = replan(stages, {stages[0].id: (date(2026, 12, 1), date(2026, 12, 24))}, SHUT_DAYS)

    assert [move.to_on for move in moved] == [date(2026, 12, 24), date(2027, 1, 4), date(2027, 1, 8)]


def test_a_day_that_is_not_worked_becomes_the_next_one_and_says_so():
    stages = [stage(1)]

    moved = replan(stages, {stages[0].id: (date(2026, 12, 25), date(2027, 1, 10))}, DAYS)

    assert told(moved) == [
        (
            "Technology",
            False,
            date(2026, 12, 29),
            "Entered as Friday 25 December 2026, which is not a working day (Christmas Day): the next one is taken",
        ),
        (
            "Technology",
            True,
            date(2027, 1, 11),
            "Entered as Sunday 10 January 2027, which is not a working day (Sunday): the next one is taken",
        ),
    ]
    assert not any(move.is_as_entered for move in moved)


def test_skipped_stages_keep_their_days_and_the_order_goes_on():
    first, second, third = chain(date(2026, 3, 2), 5, 5, 5)
    stages = [first, replace(second, is_active=False), third]

    moved = replan(stages, {first.id: (first.planned_start_on, date(2026, 4, 1))}, DAYS)

    assert [move.stage.title for move in moved] == ["Technology", "Business", "Business"]
    assert moved[1].to_on == date(2026, 4, 2)
    assert moved[1].reason == (
        "Starts on the next working day after Technology finishes on Wednesday 1 April 2026; Information is skipped"
    )


def test_days_of_a_skipped_stage_are_refused():
    first, second = chain(date(2026, 3, 2), 5, 5)
    stages = [first, replace(second, is_active=False)]

    with pytest.raises(Refused, match="Information is skipped and keeps its days"):
        replan(stages, {second.id: (date(2026, 5, 1), date(2026, 5, 4))}, DAYS)


def test_a_finish_before_its_start_is_refused_and_not_repaired():
    stages = chain(date(2026, 3, 2), 5, 5)

    with pytest.raises(Refused, match="is planned to finish before it starts"):
        replan(stages, {stages[0].id: (date(2026, 3, 6), date(2026, 3, 2))}, DAYS)


def test_what_has_started_or_is_planned_by_hand_does_not_move_along():
    first, second, third = chain(date(2026, 3, 2), 5, 5, 5)
    wanted = {first.id: (first.planned_start_on, date(2026, 3, 20)), second.id: (date(2026, 3, 16), date(2026, 4, 1))}

    moved = replan([first, second, third], wanted, DAYS)

    started = [replace(first, started_on=first.planned_start_on, finished_on=date(2026, 3, 20)), second, third]
    of_what_is_over = replan(started, {first.id: (first.planned_start_on, date(2026, 3, 13))}, DAYS)
    assert [(move.stage.title, move.is_entered) for move in moved] == [
        ("Technology", True),
        ("Information", True),
        ("Information", True),
        ("Business", False),
        ("Business", False),
    ]
    assert [move.stage.title for move in of_what_is_over] == ["Technology"]


def test_keeping_only_what_was_typed_leaves_the_rest():
    stages = chain(date(2026, 3, 2), 5, 5)
    wanted = {stages[0].id: (stages[0].planned_start_on, date(2026, 3, 9))}

    mine = replan(stages, wanted, DAYS, move_following=False)

    assert [move.stage.title for move in mine] == ["Technology"]
    assert fingerprint_of(mine) != fingerprint_of(replan(stages, wanted, DAYS))


def test_stages_out_of_their_order_are_refused_when_nothing_follows():
    stages = chain(date(2026, 3, 2), 5, 5)

    with pytest.raises(Refused, match="Stages come in this order"):
        replan(stages, {stages[0].id: (date(2026, 5, 1), date(2026, 5, 29))}, DAYS, move_following=False)


def test_a_plan_beyond_the_known_bank_holidays_goes_by_weekdays():
    stages = chain(date(2031, 12, 1), 5, 5)

    moved = replan(stages, {stages[0].id: (date(2031, 12, 1), date(2031, 12, 24))}, DAYS)

    assert moved[1].to_on == date(2031, 12, 25)


def test_a_plan_beyond_what_is_kept_is_refused():
    stages = chain(date(2026, 3, 2), 5, 200)

    with pytest.raises(Refused, match="beyond 2099"):
        replan(stages, {stages[0].id: (date(2026, 3, 2), date(2099, 12, 1))}, DAYS)


@unhurried
@given(any_day, st.lists(st.integers(1, 60), min_size=2, max_size=3), st.integers(0, 60), st.integers(1, 60))
def test_what_follows_keeps_its_working_days_and_follows_at_once(first_on, takes, later, longer):
    stages = chain(first_on, *takes, days=SHUT_DAYS)
    start = SHUT_DAYS.on_or_after(stages[0].planned_start_on + timedelta(days=later))
    wanted = {stages[0].id: (start, SHUT_DAYS.last_of(start, longer))}

    after = with_moves(stages, replan(stages, wanted, SHUT_DAYS))

    assert spans(after)[0] == wanted[stages[0].id]
    assert lengths(after[1:], SHUT_DAYS) == takes[1:]
    for before, each in pairwise(after):
        assert before.planned_finish_on is not None
        assert each.planned_start_on == SHUT_DAYS.next_after(before.planned_finish_on)
    assert all(SHUT_DAYS.is_working(day) for span in spans(after) for day in span)
    assert replan(after, {stages[0].id: spans(after)[0]}, SHUT_DAYS) == []


@unhurried
@given(
    any_day,
    st.lists(st.integers(1, 60), min_size=3, max_size=3),
    st.integers(0, 2),
    st.integers(1, 60),
    st.integers(1, 2),
)
def test_skipped_and_earlier_stages_never_move(first_on, takes, skipped, longer, planned):
    stages = chain(first_on, *takes)
    stages[skipped] = replace(stages[skipped], is_active=False)
    if planned == skipped:
        return
    start = stages[planned].planned_start_on
    wanted = {stages[planned].id: (start, DAYS.last_of(start, longer))}

    moved = replan(stages, wanted, DAYS)

    assert {move.stage.position for move in moved}.isdisjoint({skipped + 1, *range(1, planned + 1)})
    assert all(move.reason for move in moved)


@unhurried
@given(any_day, st.lists(st.integers(1, 60), min_size=1, max_size=3), any_day, st.integers(0, 10))
def test_other_working_days_keep_lengths_and_what_followed_at_once(first_on, takes, shut_on, length):
    closure = ClosedDays("Closed", shut_on, shut_on + timedelta(days=length))
    new = PlanDays(WorkingCalendar(closures=(closure,)))
    stages = chain(first_on, *takes)

    moved = replan_for_calendar(stages, DAYS, new)

    after = with_moves(stages, moved)
    assert lengths(after, new) == takes
    for before, each in pairwise(after):
        assert before.planned_finish_on is not None
        assert each.planned_start_on == new.next_after(before.planned_finish_on)
    assert replan_for_calendar(after, new, new) == []
    touched = stages[0].planned_start_on <= closure.last_on and closure.first_on <= stages[-1].planned_finish_on
    assert touched or not moved
    assert all(move.reason for move in moved)


@unhurried
@given(any_day, st.lists(st.integers(1, 60), min_size=2, max_size=3))
def test_a_closure_taken_out_again_restores_what_follows(first_on, takes):
    stages = chain(first_on, *takes)
    if DAYS.on_or_after(stages[0].planned_start_on) != SHUT_DAYS.on_or_after(stages[0].planned_start_on):
        return

    there = with_moves(stages, replan_for_calendar(stages, DAYS, SHUT_DAYS))

    assert spans(with_moves(there, replan_for_calendar(there, SHUT_DAYS, DAYS))) == spans(stages)


def test_a_closure_says_why_each_day_moves():
    stages = [
        stage(1, date(2026, 12, 14), date(2026, 12, 29)),
        stage(2, date(2026, 12, 30), date(2027, 1, 8)),
    ]

    moved = replan_for_calendar(stages, DAYS, SHUT_DAYS)

    assert told(moved) == [
        ("Technology", True, date(2027, 1, 4), "Keeps its 10 working days"),
        (
            "Information",
            False,
            date(2027, 1, 5),
            "Starts on the next working day after Technology finishes on Monday 4 January 2027",
        ),
        ("Information", True, date(2027, 1, 13), "Keeps its 7 working days"),
    ]


def test_a_closure_moves_a_start_on_its_days_and_leaves_gaps_overlaps_and_what_is_over():
    gap = [stage(1, date(2026, 12, 1), date(2026, 12, 10)), stage(2, date(2026, 12, 29), date(2027, 1, 8))]
    overlap = [stage(1, date(2026, 12, 1), date(2026, 12, 24)), stage(2, date(2026, 12, 14), date(2026, 12, 24))]
    over = [
        stage(
            1,
            date(2026, 12, 1),
            date(2026, 12, 30),
            started_on=date(2026, 12, 1),
            finished_on=date(2026, 12, 24),
        )
    ]

    moved = replan_for_calendar(gap, DAYS, SHUT_DAYS)

    assert moved[0].to_on == date(2027, 1, 4)
    assert moved[0].reason == (
        "Tuesday 29 December 2026 is not a working day any more (Christmas closure): the next one is taken"
    )
    assert replan_for_calendar(overlap, DAYS, SHUT_DAYS) == []
    assert replan_for_calendar(over, DAYS, SHUT_DAYS) == []
