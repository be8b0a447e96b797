import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.calendar.rules import WorkingCalendar
from programmes.consultations.rules import (
    Step,
    UnitProgress,
    clean_answer,
    clean_options,
    contacts_of,
    missing_for_launch,
    new_receipt_code,
    progress_by_unit,
    with_units_below,
)
from programmes.reviews.rules import plan_review

OPTIONS = ["Worse", "The same", "Better"]
NOW = datetime(2026, 9, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["None", "NA", "n/a", "null", "0", "-", "false"])
@pytest.mark.parametrize("kind", ["short_text", "long_text"])
def test_clean_answer_keeps_answers_that_look_empty(kind, text):
    assert clean_answer(text, kind=kind, options=[]) == text


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("long_text", " One\r\nTwo\rThree \n", "One\nTwo\nThree"),
        ("short_text", "One\r\nTwo", "One Two"),
        ("short_text", None, ""),
        ("single_choice", "Better", "Better"),
        ("single_choice", "", ""),
        ("scale", "Worse", "Worse"),
        ("multiple_choice", ["Better", "Worse", "Better"], ["Worse", "Better"]),
        ("multiple_choice", "Better", ["Better"]),
        ("multiple_choice", None, []),
        ("multiple_choice", [], []),
        ("long_text", "x" * 5000, "x" * 5000),
        ("long_text", ("x" * 99 + "\r\n") * 50, (("x" * 99 + "\n") * 50).strip()),
    ],
)
def test_clean_answer_stores_plain_values(kind, value, stored):
    assert clean_answer(value, kind=kind, options=OPTIONS) == stored


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("single_choice", "Best", "Choose one of the options shown."),
        ("single_choice", ["Better"], "Send the answer as text."),
        ("scale", 3, "Send the answer as text."),
        ("multiple_choice", ["Best"], "Choose from the options shown."),
        ("multiple_choice", [{"a": 1}], "Choose from the options shown."),
        ("multiple_choice", {"a": 1}, "Choose from the options shown."),
        ("long_text", {"a": 1}, "Send the answer as text."),
        ("long_text", "x" * 5001, "The answer must be 5,000 characters or fewer. You have used 5,001."),
        ("short_text", "x" * 301, "The answer must be 300 characters or fewer. You have used 301."),
        ("short_text", "a\x00b", "Take the control characters out of this text."),
        ("long_text", "a\x07b", "Take the control characters out of this text."),
        ("long_text", "a\ud800b", "Take the control characters out of this text."),
    ],
)
def test_clean_answer_refuses_with_a_sentence(kind, value, sentence):
    with pytest.raises(Refused) as refusal:
        clean_answer(value, kind=kind, options=OPTIONS)

    assert (refusal.value.sentence, refusal.value.field) == (sentence, "answer")


def test_clean_options_takes_one_a_line_and_drops_empty_ones():
    assert clean_options(["  Yes  indeed ", "", "No"], kind="single_choice") == ["Yes indeed", "No"]
    assert clean_options(["Yes", "No"], kind="long_text") == []


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["Yes", " "], "Give at least two options, one on each line."),
        ([str(n) for n in range(21)], "Give up to 20 options. You gave 21."),
        (["Yes", "x" * 201], "Each option must be 200 characters or fewer."),
        (["Yes", "yes "], "Two options are the same. Change one of them."),
    ],
)
def test_clean_options_refuses_with_a_sentence(lines, sentence):
    with pytest.raises(Refused) as refusal:
        clean_options(lines, kind="multiple_choice")

    assert refusal.value.sentence == sentence


def missing(**more):
    ready: dict[str, Any] = {
        "is_launched": False,
        "has_introduction": True,
        "questions": 1,
        "people": 1,
        "cancelled": False,
        "closes_at": NOW + timedelta(days=1),
        "now": NOW,
    }
    return missing_for_launch(**(ready | more))


def test_missing_for_launch_of_a_ready_one_is_empty():
    assert missing() == []


@pytest.mark.parametrize(
    ("lack", "beginning"),
    [
        ({"is_launched": True}, "This consultation is launched already."),
        ({"cancelled": True}, "The review is cancelled."),
        ({"closes_at": NOW}, "The review closed at 10am on Wednesday 16 September 2026, UK time."),
        ({"has_introduction": False}, "There is no introduction."),
        ({"questions": 0}, "There are no questions."),
        ({"people": 0}, "Nobody is asked"),
    ],
)
def test_missing_for_launch_names_each_lack_in_a_sentence(lack, beginning):
    found = missing(**lack)

    assert len(found) == 1
    assert found[0].startswith(beginning)


def test_missing_for_launch_names_everything_at_once():
    assert len(missing(has_introduction=False, questions=0, people=0)) == 3


CALENDAR = WorkingCalendar()
PLAN = plan_review(date(2026, 9, 15), calendar=CALENDAR)
STEPS = [Step(step.key, step.due_at, step.reason) for step in PLAN.milestones]


def contacts(now):
    return contacts_of(STEPS, opens_at=PLAN.opens_at, closes_at=PLAN.closes_at, now=now, calendar=CALENDAR)


def test_contacts_of_an_early_launch_are_an_invitation_and_four_reminders():
    found = contacts(PLAN.opens_at - timedelta(days=3))

    assert [(c.key, c.due_at.date(), c.is_urgent) for c in found] == [
        ("invitation", date(2026, 9, 15), False),
        ("reminder_1", date(2026, 9, 29), False),
        ("midpoint", date(2026, 10, 13), False),
        ("one_week_left", date(2026, 11, 3), False),
        ("closes_tomorrow", date(2026, 11, 9), True),
    ]
    assert [c.valid_until for c in found] == [c.due_at for c in found[1:]] + [PLAN.closes_at]
    assert found[0].due_reason == "When the review opens"


def test_contacts_of_a_late_launch_leave_out_what_would_come_too_soon():
    found = contacts(datetime(2026, 9, 28, 12, tzinfo=UTC))

    assert [c.key for c in found] == ["invitation", "midpoint", "one_week_left", "closes_tomorrow"]
    assert found[0].due_reason == "At once, because the review is open already"


def test_contacts_of_a_launch_on_the_last_day_is_the_invitation_alone():
    found = contacts(PLAN.closes_at - timedelta(milliseconds=1))

    assert [(c.key, c.valid_until) for c in found] == [("invitation", PLAN.closes_at)]


@given(st.integers(0, 70 * 24))
def test_contacts_of_any_launch_are_in_order_spaced_and_end_with_the_close(hours):
    now = PLAN.opens_at - timedelta(days=14) + timedelta(hours=hours)
    if now >= PLAN.closes_at:
        return

    found = contacts(now)

    assert len(found) <= 5
    for earlier, later in itertools.pairwise(found):
        assert earlier.due_at < earlier.valid_until == later.due_at
    assert found[-1].due_at < found[-1].valid_until == PLAN.closes_at


def test_with_units_below_walks_the_tree_once_even_in_a_circle():
    a, b, c, d = (UUID(int=n) for n in range(1, 5))

    assert with_units_below([a], {a: None, b: a, c: b, d: None}) == {a, b, c}
    assert with_units_below([a], {a: b, b: a}) == {a, b}
    assert with_units_below([], {a: None}) == set()


def units(*sizes):
    return [UnitProgress(f"Unit {n}", size, size // 2) for n, size in enumerate(sizes)]


def test_progress_by_unit_of_ten_and_of_nine_people():
    assert progress_by_unit(units(10, 30)) == [UnitProgress("Unit 0", 10, 5), UnitProgress("Unit 1", 30, 15)]
    assert progress_by_unit(units(9, 30)) == []
    assert progress_by_unit(units(9, 10, 30)) == [
        UnitProgress("Unit 2", 30, 15),
        UnitProgress("Others, counted together", 19, 9),
    ]
    assert progress_by_unit(units(9, 9, 30)) == [
        UnitProgress("Unit 2", 30, 15),
        UnitProgress("Others, counted together", 18, 8),
    ]
    assert progress_by_unit([]) == []


@given(st.lists(st.integers(1, 40), max_size=12))
def test_progress_by_unit_never_shows_fewer_than_ten_people_nor_their_difference(sizes):
    found = progress_by_unit(units(*sizes))

    assert all(row.asked >= 10 for row in found)
    if found:
        assert sum(row.asked for row in found) == sum(sizes)


def test_new_receipt_code_is_easy_to_read_out():
    codes = {new_receipt_code() for _ in range(200)}

    assert len(codes) == 200
    assert all(len(code) == 14 and set(code) <= set("23456789ABCDEFGHJKMNPQRSTVWXYZ-") for code in codes)
