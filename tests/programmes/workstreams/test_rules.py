"""Reporting days, silence and roll-up: plain values, each boundary from both sides."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.calendar.rules import ClosedDays, WorkingCalendar
from partners.clock.rules import UK, instant
from programmes.workstreams.rules import (
    Excepted,
    Overall,
    ReportingDay,
    ReportingPattern,
    ReportingRule,
    Rollup,
    Said,
    Standing,
    TrendMark,
    end_of,
    period_for,
    reporting_days_around,
    rollup_of,
    standing_of,
    trend_of,
    words_for_due,
    words_for_standing,
)

FRIDAYS = ReportingPattern("weekly", 4)
LAST_FRIDAY = ReportingPattern("monthly", 4)
FORTNIGHTS = ReportingPattern("fortnightly", 4, date(2026, 9, 9))
CALENDAR = WorkingCalendar()
SECOND = timedelta(seconds=1)


def days_at(now, pattern=FRIDAYS, calendar=CALENDAR):
    days = reporting_days_around(now, pattern, calendar)
    return days.previous_on, days.last_on, days.next_on


def shut(first, last):
    return WorkingCalendar(closures=(ClosedDays("Move", first, last),))


# Reporting days


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (instant(date(2026, 9, 10), time(12)), (date(2026, 8, 28), date(2026, 9, 4), date(2026, 9, 11))),  # day before
        (instant(date(2026, 9, 11), time(0)), (date(2026, 8, 28), date(2026, 9, 4), date(2026, 9, 11))),  # it begins
        (end_of(date(2026, 9, 11)) - SECOND, (date(2026, 8, 28), date(2026, 9, 4), date(2026, 9, 11))),  # last second
        (end_of(date(2026, 9, 11)), (date(2026, 9, 4), date(2026, 9, 11), date(2026, 9, 18))),  # midnight: it is over
        (instant(date(2026, 9, 12), time(12)), (date(2026, 9, 4), date(2026, 9, 11), date(2026, 9, 18))),
    ],
)
def test_reporting_days_around_a_friday_end_at_midnight(now, expected):
    assert days_at(now) == expected


def test_reporting_days_around_christmas_moves_to_the_working_day_before():
    wednesday = instant(date(2026, 12, 23), time(12))

    assert days_at(wednesday) == (date(2026, 12, 11), date(2026, 12, 18), date(2026, 12, 24))


def test_reporting_days_around_a_moved_day_is_over_a_day_earlier():
    before, after = end_of(date(2026, 12, 24)) - SECOND, end_of(date(2026, 12, 24))

    assert days_at(before)[1:] == (date(2026, 12, 18), date(2026, 12, 24))
    # Friday 1 January 2027 is New Year's Day.
    assert days_at(after) == (date(2026, 12, 18), date(2026, 12, 24), date(2026, 12, 31))


def test_reporting_days_around_good_friday_moves_to_thursday():
    assert days_at(instant(date(2026, 3, 30), time(9)))[2] == date(2026, 4, 2)


def test_reporting_days_around_a_bank_holiday_monday_moves_into_the_week_before():
    mondays = ReportingPattern("weekly", 0)
    saturday = instant(date(2026, 8, 29), time(12))  # Monday 31 August 2026 is a bank holiday

    assert days_at(saturday, mondays) == (date(2026, 8, 24), date(2026, 8, 28), date(2026, 9, 7))


def test_reporting_days_around_a_whole_week_shut_has_none_in_it():
    calendar = shut(date(2026, 9, 5), date(2026, 9, 11))

    assert days_at(instant(date(2026, 9, 9), time(9)), calendar=calendar) == (
        date(2026, 8, 28),
        date(2026, 9, 4),
        date(2026, 9, 18),
    )


@pytest.mark.parametrize(
    ("sunday", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)],
)
def test_reporting_days_around_a_clock_change_end_at_local_midnight(sunday, hours):
    sundays_end = end_of(sunday)

    assert sundays_end - instant(sunday, time(0)) == timedelta(hours=hours)
    assert sundays_end.astimezone(UK).time() == time(0)


def test_reporting_days_around_in_summer_is_over_an_hour_before_utc_midnight():
    assert end_of(date(2026, 7, 3)) == datetime(2026, 7, 3, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 9, 24), (date(2026, 7, 31), date(2026, 8, 28), date(2026, 9, 25))),
        (date(2026, 9, 25), (date(2026, 7, 31), date(2026, 8, 28), date(2026, 9, 25))),
        (date(2026, 9, 26), (date(2026, 8, 28), date(2026, 9, 25), date(2026, 10, 30))),
        (date(2026, 12, 31), (date(2026, 11, 27), date(2026, 12, 24), date(2027, 1, 29))),  # Christmas, year end
        (date(2027, 1, 1), (date(2026, 11, 27), date(2026, 12, 24), date(2027, 1, 29))),
        (date(2028, 3, 1), (date(2028, 1, 28), date(2028, 2, 25), date(2028, 3, 31))),  # a leap year
    ],
)
def test_reporting_days_around_by_month_is_the_last_such_day(today, expected):
    assert days_at(instant(today, time(12)), LAST_FRIDAY) == expected


def test_reporting_days_around_beyond_the_calendar_keeps_the_day_of_the_pattern():
    assert days_at(instant(date(2031, 12, 24), time(12))) == (
        date(2031, 12, 12),
        date(2031, 12, 19),
        date(2031, 12, 26),
    )


def test_reporting_days_between_tells_why_a_day_moved():
    rule = ReportingRule(FRIDAYS, CALENDAR)

    assert rule.between(date(2026, 12, 18), date(2026, 12, 31)) == [
        ReportingDay(date(2026, 12, 18), date(2026, 12, 18)),
        ReportingDay(date(2026, 12, 25), date(2026, 12, 24), "Christmas Day"),
        ReportingDay(date(2027, 1, 1), date(2026, 12, 31), "New Year's Day"),
    ]


PATTERNS = st.builds(
    ReportingPattern,
    st.sampled_from(["weekly", "fortnightly", "monthly"]),
    st.integers(0, 4),
    st.dates(date(2013, 1, 1), date(2030, 12, 31)),
)
MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
CLOSURES = st.lists(
    st.builds(
        lambda first, length: ClosedDays("Shut", first, first + timedelta(days=length)),
        st.dates(date(2013, 1, 1), date(2028, 1, 1)),
        st.integers(0, 40),
    ),
    max_size=4,
)


@given(MOMENTS, PATTERNS, CLOSURES)
def test_reporting_days_around_any_instant_are_in_order_about_it(now, pattern, closures):
    calendar = WorkingCalendar(closures=tuple(closures))

    days = reporting_days_around(now, pattern, calendar)

    assert days.previous_on < days.last_on < days.next_on
    assert days.previous_deadline < days.last_deadline <= now < days.next_deadline
    for day in (days.previous_on, days.last_on, days.next_on):
        assert day > calendar.last_known_on or calendar.is_working(day)


@given(MOMENTS, PATTERNS, st.integers(1, 10_000_000))
def test_reporting_days_around_move_on_only_when_a_day_ends(now, pattern, seconds):
    later = now + timedelta(seconds=seconds)

    before, after = (reporting_days_around(moment, pattern, CALENDAR) for moment in (now, later))

    assert (before.next_on == after.next_on) == (later < before.next_deadline)


def test_reporting_days_around_by_fortnight_leave_out_every_second_week():
    assert days_at(instant(date(2026, 9, 11), time(12)), FORTNIGHTS) == (
        date(2026, 8, 14),
        date(2026, 8, 28),
        date(2026, 9, 11),
    )
    assert days_at(instant(date(2026, 9, 18), time(12)), FORTNIGHTS) == (
        date(2026, 8, 28),
        date(2026, 9, 11),
        date(2026, 9, 25),
    )


# Standing

DAYS = reporting_days_around(instant(date(2026, 9, 16), time(10)), FRIDAYS, CALENDAR)
LONG_AGO = instant(date(2026, 1, 5), time(9))


@pytest.mark.parametrize(
    ("period_on", "expected"),
    [
        (None, Standing.SILENT),
        (DAYS.previous_on, Standing.SILENT),
        (DAYS.last_on - timedelta(days=1), Standing.SILENT),
        (DAYS.last_on, Standing.REPORTED),
        (DAYS.next_on, Standing.REPORTED),
    ],
)
def test_standing_of_depends_on_the_reporting_day_that_was_reported_for(period_on, expected):
    assert standing_of(started_at=LONG_AGO, period_on=period_on, days=DAYS) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (end_of(date(2026, 9, 11)) - SECOND, Standing.REPORTED),  # the day is not over
        (end_of(date(2026, 9, 11)), Standing.LATE),
        (end_of(date(2026, 9, 15)) - SECOND, Standing.LATE),  # Monday and Tuesday are the two working days
        (end_of(date(2026, 9, 15)), Standing.SILENT),
    ],
)
def test_standing_of_is_late_for_two_working_days_and_then_silent(now, expected):
    days = reporting_days_around(now, FRIDAYS, CALENDAR)

    assert standing_of(started_at=LONG_AGO, period_on=date(2026, 9, 4), days=days) == expected


def test_the_grace_leaves_out_days_that_are_not_worked():
    christmas = reporting_days_around(instant(date(2026, 12, 27), time(9)), FRIDAYS, CALENDAR)

    assert (christmas.last_on, christmas.grace_on) == (date(2026, 12, 24), date(2026, 12, 30))


def test_the_grace_beyond_the_calendar_counts_weekdays():
    days = reporting_days_around(instant(date(2098, 3, 8), time(9)), FRIDAYS, CALENDAR)

    assert (days.last_on, days.grace_on) == (date(2098, 3, 7), date(2098, 3, 11))


@pytest.mark.parametrize(
    ("now", "period_on", "owes_last", "expected"),
    [
        (instant(date(2026, 9, 14), time(9)), date(2026, 9, 4), True, (date(2026, 9, 11), True)),
        (instant(date(2026, 9, 14), time(9)), None, True, (date(2026, 9, 11), True)),
        (instant(date(2026, 9, 14), time(9)), date(2026, 9, 11), True, (date(2026, 9, 18), False)),
        (instant(date(2026, 9, 14), time(9)), None, False, (date(2026, 9, 18), False)),  # it started since
        (end_of(date(2026, 9, 15)), date(2026, 9, 4), True, (date(2026, 9, 18), False)),  # too late to make up
        (instant(date(2026, 9, 11), time(9)), date(2026, 9, 4), True, (date(2026, 9, 11), False)),
    ],
)
def test_period_for_makes_up_for_the_last_day_while_it_may(now, period_on, owes_last, expected):
    days = reporting_days_around(now, FRIDAYS, CALENDAR)

    assert period_for(days, period_on, now, owes_last=owes_last) == expected


@given(MOMENTS, PATTERNS)
def test_a_report_made_now_stands_until_the_next_day_that_it_does_not_cover_ends(now, pattern):
    rule = ReportingRule(pattern, CALENDAR)
    days = rule.around(now)
    period_on, is_late = period_for(days, None, now)
    covered = rule.around(end_of(period_on))

    def at(moment):
        return standing_of(started_at=datetime(2011, 1, 1, tzinfo=UTC), period_on=period_on, days=rule.around(moment))

    assert is_late == (period_on == days.last_on)
    assert at(now) == at(covered.next_deadline - SECOND) == Standing.REPORTED
    assert at(covered.next_deadline) in (Standing.LATE, Standing.SILENT)


@pytest.mark.parametrize(
    ("started_at", "expected"),
    [
        (DAYS.last_deadline - SECOND, Standing.SILENT),
        (DAYS.last_deadline, Standing.NOT_DUE),
        (DAYS.last_deadline + SECOND, Standing.NOT_DUE),
    ],
)
def test_standing_of_one_that_started_after_the_last_day_is_not_due(started_at, expected):
    assert standing_of(started_at=started_at, period_on=None, days=DAYS) == expected


def test_standing_of_one_reopened_is_not_due_until_the_next_day():
    said: dict[str, Any] = {"started_at": LONG_AGO, "period_on": DAYS.previous_on, "days": DAYS}

    assert standing_of(**said, reopened_at=DAYS.last_deadline) == Standing.NOT_DUE
    assert standing_of(**said, reopened_at=DAYS.last_deadline - SECOND) == Standing.SILENT


def test_standing_of_one_not_due_that_reports_is_reported():
    at = DAYS.last_deadline + SECOND

    assert standing_of(started_at=at, period_on=DAYS.next_on, days=DAYS) == Standing.REPORTED


def test_standing_of_a_closed_one_is_closed():
    assert standing_of(started_at=LONG_AGO, period_on=None, closed_at=LONG_AGO, days=DAYS) == Standing.CLOSED


# Words


def test_words_for_standing_of_a_silent_one_are_what_it_last_said():
    now = instant(date(2026, 9, 16), time(10))

    words = words_for_standing(
        "silent", last_rating="On track", reported_at=instant(date(2026, 8, 10), time(16)), now=now
    )

    assert words == "last said: On track, 5 weeks ago"


def test_words_for_standing_count_midnights_in_the_uk():
    now = instant(date(2026, 9, 16), time(0, 30))

    assert words_for_standing("reported", last_rating="At risk", reported_at=now - timedelta(hours=1), now=now) == (
        "yesterday"
    )


def test_words_for_standing_without_a_report_say_so():
    assert words_for_standing("not_due", last_rating=None, reported_at=None, now=LONG_AGO) == "nothing reported yet"


def test_words_for_due_name_the_day():
    assert words_for_due("late", DAYS) == "Late since the end of Friday 11 September 2026"
    assert words_for_due("silent", DAYS) == "Silent since the end of Friday 11 September 2026"
    assert words_for_due("reported", DAYS) == "Due by the end of Friday 18 September 2026"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (FRIDAYS, "Every Friday"),
        (FORTNIGHTS, "Every second Friday"),
        (LAST_FRIDAY, "The last Friday of every month"),
    ],
)
def test_words_of_a_pattern(pattern, words):
    assert pattern.words == words


# Roll-up


@pytest.mark.parametrize(
    ("rollup", "overall"),
    [
        (Rollup(), Overall.NONE),
        (Rollup(not_due=3), Overall.NOT_DUE),
        (Rollup(green=3), Overall.GREEN),
        (Rollup(green=3, not_due=1), Overall.GREEN),
        (Rollup(green=3, amber=1), Overall.AMBER),
        (Rollup(green=3, silent=1), Overall.AMBER_OR_WORSE),
        (Rollup(green=1, silent=1), Overall.AMBER_OR_WORSE),  # half have reported
        (Rollup(green=1, silent=2), Overall.NOT_KNOWN),
        (Rollup(silent=2), Overall.NOT_KNOWN),
        (Rollup(green=9, red=1), Overall.RED),
        (Rollup(red=1, silent=10), Overall.RED),
        (Rollup(green=1, late=1), Overall.AMBER_OR_WORSE),
        (Rollup(green=1, withheld=1), Overall.AMBER_OR_WORSE),
        (Rollup(green=1, late=1, withheld=1), Overall.NOT_KNOWN),
        (Rollup(green=1, exempt=5), Overall.GREEN),
        (Rollup(exempt=1), Overall.NOT_DUE),
    ],
)
def test_overall_is_the_worst_and_never_green_while_somebody_is_silent(rollup, overall):
    assert rollup.overall == overall


@pytest.mark.parametrize(
    ("rollup", "words"),
    [
        (Rollup(), "No workstreams"),
        (Rollup(green=9, silent=2), "9 of 11 reported, 2 silent"),
        (Rollup(green=2, amber=1, red=1), "4 of 4 reported"),
        (Rollup(green=1, silent=1, not_due=1), "1 of 2 reported, 1 silent, 1 not due yet"),
        (Rollup(not_due=2), "2 not due yet"),
        (Rollup(exempt=1), "1 exempt"),
        (
            Rollup(green=9, late=1, withheld=1, exempt=1, not_due=1),
            "9 of 11 reported, 1 late, 1 withheld, 1 exempt, 1 not due yet",
        ),
    ],
)
def test_coverage_words_say_who_is_missing(rollup, words):
    assert rollup.coverage_words == words


EVERY = ["red", "amber", "green", "late", "silent", "withheld", "not_due", "exempt", "closed"]
SHOWN = st.lists(st.sampled_from(EVERY), min_size=1, max_size=30)


@given(SHOWN, st.data())
def test_removing_a_report_never_improves_the_rollup(shown, data):
    reported = [n for n, one in enumerate(shown) if one in ("red", "amber", "green")]
    if not reported:
        return
    without = list(shown)
    without[data.draw(st.sampled_from(reported))] = data.draw(st.sampled_from(["late", "silent", "withheld"]))

    before, after = rollup_of(shown), rollup_of(without)

    assert after.overall.badness >= before.overall.badness
    assert after.overall != Overall.GREEN
    assert after.reported / after.due < before.reported / before.due


@given(SHOWN, st.data())
def test_a_worse_report_never_improves_the_rollup(shown, data):
    place = data.draw(st.integers(0, len(shown) - 1))
    better, worse = [*shown], [*shown]
    better[place], worse[place] = data.draw(st.sampled_from([("green", "amber"), ("green", "red"), ("amber", "red")]))

    assert rollup_of(worse).overall.badness >= rollup_of(better).overall.badness


@given(SHOWN)
def test_green_is_said_only_when_all_that_are_due_said_it(shown):
    due = [one for one in shown if one not in ("not_due", "exempt", "closed")]

    assert (rollup_of(shown).overall == Overall.GREEN) == (bool(due) and set(due) == {"green"})


@given(SHOWN, SHOWN)
def test_rollups_add_up(first, second):
    assert rollup_of(first) + rollup_of(second) == rollup_of([*first, *second])


def test_worst_first_puts_red_before_silence_before_amber_before_green():
    rollups = [
        Rollup(green=3),
        Rollup(green=2, amber=1),
        Rollup(green=2, silent=1),
        Rollup(green=2, red=1),
        Rollup(green=1, red=2),
        Rollup(not_due=1),
    ]

    assert sorted(rollups, key=lambda rollup: rollup.worst_first) == [
        Rollup(green=1, red=2),
        Rollup(green=2, red=1),
        Rollup(green=2, silent=1),
        Rollup(green=2, amber=1),
        Rollup(green=3),
        Rollup(not_due=1),
    ]


@pytest.mark.parametrize("overall", Overall)
def test_every_overall_has_a_word(overall):
    assert overall.label


# Trend

FOUR_FRIDAYS = [date(2026, 8, 28), date(2026, 9, 4), date(2026, 9, 11), date(2026, 9, 18)]
WEDNESDAY = instant(date(2026, 9, 16), time(10))


def said(rating, day, hour=12, *, for_on, is_late=False):
    return Said(rating, instant(day, time(hour)), for_on, is_late)


def marks_of(reports, now=WEDNESDAY, **more):
    rule = ReportingRule(FRIDAYS, CALENDAR)
    common: dict[str, Any] = {"started_at": LONG_AGO, "grace_after": rule.grace_after} | more
    return trend_of(reports, FOUR_FRIDAYS, now=now, **common)


def test_trend_of_shows_silence_where_nothing_was_said():
    marks = marks_of([said("green", date(2026, 9, 3), for_on=date(2026, 9, 4))])

    assert marks == [TrendMark(date(2026, 9, 4), "green"), TrendMark(date(2026, 9, 11), "silent")]


def test_trend_of_takes_the_last_word_for_a_day_and_what_was_said_since():
    marks = marks_of(
        [
            said("red", date(2026, 9, 16), 9, for_on=date(2026, 9, 18)),
            said("amber", date(2026, 9, 14), for_on=date(2026, 9, 11), is_late=True),
            said("green", date(2026, 9, 8), for_on=date(2026, 9, 11)),
        ]
    )

    assert marks == [
        TrendMark(date(2026, 9, 4), "silent"),
        TrendMark(date(2026, 9, 11), "amber", is_late=True),
        TrendMark(date(2026, 9, 18), "red"),
    ]


def test_trend_of_is_late_and_not_silent_while_the_grace_lasts():
    marks = marks_of([], now=instant(date(2026, 9, 15), time(23, 59)), started_at=instant(date(2026, 9, 7), time(9)))

    assert marks == [TrendMark(date(2026, 9, 11), "late")]


def test_trend_of_shows_what_is_excepted_whatever_was_reported():
    reports = [said("green", date(2026, 9, 8), for_on=date(2026, 9, 11))]

    marks = marks_of(reports, excepted=[Excepted("withheld", date(2026, 9, 11), date(2026, 9, 18))])

    assert marks == [TrendMark(date(2026, 9, 4), "silent"), TrendMark(date(2026, 9, 11), "withheld")]


def test_trend_of_keeps_back_a_report_for_a_withheld_day_that_is_not_over():
    reports = [said("red", date(2026, 9, 16), 9, for_on=date(2026, 9, 18))]

    marks = marks_of(reports, excepted=[Excepted("withheld", date(2026, 9, 18), date(2026, 9, 18))])

    assert marks[-1] == TrendMark(date(2026, 9, 18), "withheld")


def test_trend_of_begins_with_the_start_and_ends_with_the_closing():
    started_at = instant(date(2026, 9, 7), time(9))

    assert marks_of([], started_at=started_at) == [TrendMark(date(2026, 9, 11), "silent")]
    assert marks_of([], started_at=started_at, closed_at=instant(date(2026, 9, 9), time(9))) == []
