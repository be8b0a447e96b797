from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.clock.rules import (
    UK,
    instant,
    local_date,
    words_for_age,
    words_for_date,
    words_for_days,
    words_for_instant,
    words_for_time,
)


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2026, 9, 15), time(10), datetime(2026, 9, 15, 9, tzinfo=UTC)),
        (date(2026, 11, 10), time(10), datetime(2026, 11, 10, 10, tzinfo=UTC)),
        # The clocks go back on 25 October 2026: 1.30am comes twice, and the first is meant.
        (date(2026, 10, 25), time(0, 30), datetime(2026, 10, 24, 23, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
        # They go forward on 28 March 2027: 1.30am does not exist, and the same moment is 2.30am.
        (date(2027, 3, 28), time(0, 30), datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),
        (date(2027, 3, 28), time(1, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_instant_of_a_wall_clock(day, at, utc):
    assert instant(day, at) == utc
    assert instant(day, at).tzinfo is UTC


def test_days_are_added_before_the_clock_is_read():
    launch, close = date(2026, 9, 15), date(2026, 9, 15) + timedelta(days=56)

    assert instant(close, time(10)) - instant(launch, time(10)) == timedelta(days=56, hours=1)
    assert words_for_instant(instant(close, time(10))).startswith("10am")


@given(st.dates(date(2011, 1, 1), date(2028, 12, 26)), st.times(time(2), time(23, 59)))
def test_instant_and_local_date_agree(day, at):
    assert local_date(instant(day, at)) == day
    assert instant(day, at).astimezone(ZoneInfo("Europe/London")).time() == at


def test_local_date_on_both_sides_of_midnight_in_summer():
    assert local_date(datetime(2026, 7, 1, 22, 59, tzinfo=UTC)) == date(2026, 7, 1)
    assert local_date(datetime(2026, 7, 1, 23, 0, tzinfo=UTC)) == date(2026, 7, 2)
    assert UK.key == "Europe/London"


# Words


def test_words():
    assert words_for_date(date(2026, 11, 3)) == "Tuesday 3 November 2026"
    assert words_for_instant(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "1:30am on Sunday 25 October 2026, UK time"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(9, 30), "9:30am"),
        (time(12), "midday"),
        (time(12, 1), "12:01pm"),
        (time(17), "5pm"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_words_for_time(at, words):
    assert words_for_time(at) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "today"), (0, "today"), (1, "yesterday"), (2, "2 days ago"), (20, "20 days ago"), (21, "3 weeks ago")],
)
def test_words_for_age(days, words):
    assert words_for_age(days) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 3), date(2026, 11, 3), "Tuesday 3 November 2026"),
        (date(2026, 11, 2), date(2026, 11, 3), "Monday 2 to Tuesday 3 November 2026"),
        (date(2026, 10, 30), date(2026, 11, 3), "Friday 30 October to Tuesday 3 November 2026"),
        (date(2026, 12, 31), date(2027, 1, 1), "Thursday 31 December 2026 to Friday 1 January 2027"),
        (date(2026, 1, 1), date(2027, 1, 1), "Thursday 1 January 2026 to Friday 1 January 2027"),
    ],
)
def test_words_for_days_say_no_month_or_year_twice(first, last, words):
    assert words_for_days(first, last) == words
