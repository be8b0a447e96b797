from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.calendar.rules import BeyondCalendar, ClosedDays, WorkingCalendar
from partners.clock.rules import UK, local_date
from programmes.reviews.rules import plan_review, skip_reason, words_for_time_left

CALENDAR = WorkingCalendar()
SENDS = {"heads_up", "reminder_1", "midpoint", "organisations", "one_week_left", "closes_tomorrow", "closed_notice"}
IN_ORDER = [
    "heads_up",
    "opens",
    "uptake",
    "reminder_1",
    "midpoint",
    "organisations",
    "one_week_left",
    "closes_tomorrow",
    "last_day",
    "closes",
    "closed_notice",
]


def plan(starts_on, **more):
    return plan_review(starts_on, calendar=more.pop("calendar", CALENDAR), **more)


def days_of(found):
    """The local day of each step."""
    return {step.key: local_date(step.due_at) for step in found.milestones}


def test_plan_review_across_the_end_of_summer_time_keeps_local_times():
    found = plan(date(2026, 9, 15))

    assert (found.opens_at, found.closes_at) == (
        datetime(2026, 9, 15, 9, tzinfo=UTC),
        datetime(2026, 11, 10, 17, tzinfo=UTC),
    )
    assert (found.working_days, found.advice) == (40, ())
    assert days_of(found) == {
        "heads_up": date(2026, 9, 8),
        "opens": date(2026, 9, 15),
        "uptake": date(2026, 9, 22),
        "reminder_1": date(2026, 9, 29),
        "midpoint": date(2026, 10, 13),
        "organisations": date(2026, 10, 27),
        "one_week_left": date(2026, 11, 3),
        "closes_tomorrow": date(2026, 11, 9),
        "last_day": date(2026, 11, 10),
        "closes": date(2026, 11, 10),
        "closed_notice": date(2026, 11, 11),
    }
    assert [step.key for step in found.milestones] == IN_ORDER
    assert next(s.due_at for s in found.milestones if s.key == "organisations") == datetime(
        2026, 10, 27, 10, tzinfo=UTC
    )


def test_plan_review_across_christmas_proposes_two_more_weeks():
    """Without a configured closure the midpoint stays on the last Friday before Christmas. A product that moves it
    past the holiday would need a rule of its own; here a closure simply does not count as working days."""
    found = plan(date(2026, 11, 24))

    days = days_of(found)
    assert days["closes"] == date(2027, 1, 19)
    assert found.working_days == 37
    assert [days[key] for key in ("reminder_1", "midpoint", "organisations", "one_week_left", "closes_tomorrow")] == [
        date(2026, 12, 8),
        date(2026, 12, 18),
        date(2027, 1, 5),
        date(2027, 1, 12),
        date(2027, 1, 18),
    ]
    assert found.advice == (
        "Christmas falls inside it. Consider two more weeks, to close on Tuesday 2 February 2027. "
        "Passing the limit needs a recorded decision.",
        "It has 37 working days, fewer than 40. With 40 it would close on Friday 22 January 2027.",
    )


def test_plan_review_across_christmas_with_a_closure_counts_thirty_days():
    shut = ClosedDays("Christmas closure", date(2026, 12, 21), date(2027, 1, 1))
    found = plan(date(2026, 11, 24), calendar=WorkingCalendar(closures=(shut,)))

    assert found.working_days == 30
    assert days_of(found)["midpoint"] == date(2026, 12, 15)
    assert days_of(found)["organisations"] == date(2027, 1, 5)


def test_plan_review_across_easter_names_what_is_not_counted():
    found = plan(date(2027, 3, 2))

    days = days_of(found)
    assert found.closes_at == datetime(2027, 4, 27, 16, tzinfo=UTC)
    assert found.working_days == 38
    assert [days[key] for key in ("reminder_1", "midpoint", "organisations", "one_week_left", "closes_tomorrow")] == [
        date(2027, 3, 16),
        date(2027, 3, 31),
        date(2027, 4, 13),
        date(2027, 4, 20),
        date(2027, 4, 26),
    ]
    midpoint = next(step for step in found.milestones if step.key == "midpoint")
    assert midpoint.reason == (
        "Half of the working days, rounded down: 19 working days after the review opens, "
        "not counting Good Friday and Easter Monday"
    )


@pytest.mark.parametrize(
    ("starts_on", "closes_on"),
    [
        (date(2026, 9, 15), date(2026, 11, 10)),
        (date(2026, 11, 24), date(2027, 1, 22)),
        (date(2027, 3, 2), date(2027, 4, 29)),
    ],
)
def test_plan_review_with_forty_days_guaranteed_closes_later_where_needed(starts_on, closes_on):
    found = plan(starts_on, guarantee_working_days=40)

    assert (local_date(found.closes_at), found.working_days) == (closes_on, 40)


def test_plan_review_of_the_case_in_2012():
    found = plan(date(2012, 12, 3))

    assert found.closes_at == datetime(2013, 1, 28, 17, tzinfo=UTC)
    assert found.working_days == 37
    assert days_of(found)["closes_tomorrow"] == date(2013, 1, 25)  # 27 January is a Sunday
    assert found.advice[0] == "It opens on a Monday. A Tuesday, Wednesday or Thursday reaches more people."


def test_plan_review_that_would_close_on_a_bank_holiday_says_why_it_moved():
    found = plan(date(2027, 11, 2))

    assert found.closes_at == datetime(2027, 12, 29, 17, tzinfo=UTC)
    assert (
        found.closes_reason
        == "Eight weeks after it opens, moved from Tuesday 28 December 2027 because it is a substitute day for Boxing Day"
    )


@pytest.mark.parametrize(
    ("starts_on", "length", "sentence"),
    [
        (
            date(2026, 9, 19),
            {},
            "A review cannot open on Saturday 19 September 2026, which is not a working day. "
            "The next possible day is Monday 21 September 2026.",
        ),
        (
            date(2026, 12, 25),
            {},
            "A review cannot open on Friday 25 December 2026, which is Christmas Day. "
            "The next possible day is Tuesday 29 December 2026.",
        ),
        (
            date(2026, 9, 15),
            {"weeks": 9},
            "A review runs for up to eight weeks. Passing the limit needs a recorded decision.",
        ),
        (
            date(2026, 9, 15),
            {"closes_on": date(2026, 11, 11)},
            "A review runs for up to eight weeks. Passing the limit needs a recorded decision.",
        ),
        (date(2026, 9, 15), {"weeks": 0}, "A review runs for at least one week."),
        (
            date(2026, 9, 15),
            {"closes_on": date(2026, 9, 15)},
            "A review closes after it opens. Choose a day after Tuesday 15 September 2026.",
        ),
        (
            date(2026, 11, 24),
            {"closes_on": date(2027, 1, 1)},
            "A review cannot close on Friday 1 January 2027, which is New Year's Day. "
            "The next possible day is Monday 4 January 2027.",
        ),
        (
            date(2026, 9, 15),
            {"closes_on": date(2026, 10, 31)},
            "A review cannot close on Saturday 31 October 2026, which is not a working day. "
            "The next possible day is Monday 2 November 2026.",
        ),
    ],
)
def test_plan_review_refuses_what_cannot_be(starts_on, length, sentence):
    with pytest.raises(Refused) as refusal:
        plan(starts_on, **length)

    assert refusal.value.sentence == sentence


@pytest.mark.parametrize("starts_on", [date(2028, 11, 1), date(2040, 1, 3), date(2010, 6, 1), date(9999, 12, 30)])
def test_plan_review_beyond_the_known_holidays_is_refused(starts_on):
    with pytest.raises(
        BeyondCalendar, match="Bank holidays are known from Saturday 1 January 2011 to Tuesday 26 December"
    ):
        plan(starts_on)


@pytest.mark.parametrize(
    ("weeks", "contacts"),
    [
        (1, ["closes_tomorrow"]),
        (2, ["one_week_left", "closes_tomorrow"]),
        (3, ["one_week_left", "closes_tomorrow"]),
        (4, ["reminder_1", "one_week_left", "closes_tomorrow"]),
        (6, ["reminder_1", "midpoint", "one_week_left", "closes_tomorrow"]),
    ],
)
def test_plan_review_of_a_short_one_leaves_out_what_does_not_fit(weeks, contacts):
    found = plan(date(2026, 9, 15), weeks=weeks)

    reminders = {"reminder_1", "midpoint", "one_week_left", "closes_tomorrow"}
    assert [step.key for step in found.milestones if step.key in reminders] == contacts


def check_promises(found, starts_on, weeks):
    for step in found.milestones:
        local = step.due_at.astimezone(UK)
        assert CALENDAR.is_working(local.date())
        assert local.time() >= time(4)
        if step.key in SENDS:
            assert time(9, 30) <= local.time() < time(16)
        assert 0 < len(step.reason) <= 300
    instants = [step.due_at for step in found.milestones]
    assert instants == sorted(instants)
    by_key = {step.key: step.due_at for step in found.milestones}
    assert by_key["opens"] == found.opens_at < found.closes_at == by_key["closes"]
    assert found.closes_at.astimezone(UK).time() == time(17)
    assert local_date(found.closes_at) - starts_on >= timedelta(weeks=weeks)
    if found.working_days < 40:
        assert any("fewer than 40" in line for line in found.advice)


def test_plan_review_of_eight_weeks_from_every_day_of_three_years_keeps_its_promises():
    planned = 0
    for n in range(3 * 365 + 1):
        starts_on = date(2026, 1, 1) + timedelta(days=n)
        try:
            found = plan(starts_on)
        except Refused:
            continue
        planned += 1
        check_promises(found, starts_on, 8)
        assert [step.key for step in found.milestones] == IN_ORDER

    assert planned > 700


@settings(max_examples=200, deadline=None)
@given(starts_on=st.dates(date(2026, 1, 1), date(2028, 12, 31)), weeks=st.integers(1, 8))
def test_plan_review_of_any_day_and_length_keeps_its_promises(starts_on, weeks):
    try:
        found = plan(starts_on, weeks=weeks)
    except Refused:
        assume(False)

    check_promises(found, starts_on, weeks)


def test_skip_reason_tells_steps_that_are_past_but_never_the_window_itself():
    now = datetime(2026, 9, 15, 12, tzinfo=UTC)
    found = plan(date(2026, 9, 15))

    reasons = {step.key: skip_reason(step, now) for step in found.milestones}

    assert {key for key, reason in reasons.items() if reason} == {"heads_up"}
    assert reasons["heads_up"] == ("Already past when the review was set up, 1pm on Tuesday 15 September 2026, UK time")


CLOSE = datetime(2026, 11, 10, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(weeks=8), "8 weeks left"),
        (timedelta(days=14), "2 weeks left"),
        (timedelta(days=13, hours=23), "13 days left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(hours=23, minutes=59), "23 hours left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(minutes=59), "59 minutes left"),
        (timedelta(seconds=59), "less than a minute left"),
        (timedelta(0), "closed"),
    ],
)
def test_words_for_time_left_round_down(left, words):
    assert words_for_time_left(CLOSE, CLOSE - left) == words
