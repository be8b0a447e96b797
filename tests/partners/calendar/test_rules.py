from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partners.calendar.rules import (
    BeyondCalendar,
    ClosedDays,
    ClosureRefused,
    WorkingCalendar,
    bank_holidays,
    check_closure,
    financial_year,
)

CALENDAR = WorkingCalendar()
CHRISTMAS = ClosedDays("Christmas closure", date(2026, 12, 21), date(2027, 1, 1))
CLOSED = WorkingCalendar(closures=(CHRISTMAS,))
FIRST, LAST = CALENDAR.first_known_on, CALENDAR.last_known_on
DAYS = st.dates(FIRST + timedelta(days=40), LAST - timedelta(days=40))

# Three windows of 56 days: in autumn with the end of summer time, over Christmas, over Easter with its beginning.
# Golden values: counted by hand from the calendar and the bank holidays published on GOV.UK.
GOLDEN: dict[str, dict[str, Any]] = {
    "autumn": {
        "launch": date(2026, 9, 15),
        "close": date(2026, 11, 10),
        "working_days": 40,
        "launch+10": date(2026, 9, 29),
        "midpoint": date(2026, 10, 13),
        "close-10": date(2026, 10, 27),
        "close-5": date(2026, 11, 3),
        "close-1": date(2026, 11, 9),
        "launch+40": date(2026, 11, 10),
    },
    "christmas": {
        "launch": date(2026, 11, 24),
        "close": date(2027, 1, 19),
        "working_days": 37,
        "launch+10": date(2026, 12, 8),
        "midpoint": date(2026, 12, 18),
        "close-10": date(2027, 1, 5),
        "close-5": date(2027, 1, 12),
        "close-1": date(2027, 1, 18),
        "launch+40": date(2027, 1, 22),
    },
    "easter": {
        "launch": date(2027, 3, 2),
        "close": date(2027, 4, 27),
        "working_days": 38,
        "launch+10": date(2027, 3, 16),
        "midpoint": date(2027, 3, 31),
        "close-10": date(2027, 4, 13),
        "close-5": date(2027, 4, 20),
        "close-1": date(2027, 4, 26),
        "launch+40": date(2027, 4, 29),
    },
}


@pytest.mark.parametrize("name", GOLDEN)
def test_eight_weeks_in_working_days(name):
    golden = GOLDEN[name]
    launch, close = golden["launch"], golden["close"]
    count = CALENDAR.count(launch, close)

    assert (close - launch).days == 56
    assert {
        "launch": launch,
        "close": close,
        "working_days": count,
        "launch+10": CALENDAR.add(launch, 10),
        "midpoint": CALENDAR.add(launch, count // 2),
        "close-10": CALENDAR.add(close, -10),
        "close-5": CALENDAR.add(close, -5),
        "close-1": CALENDAR.add(close, -1),
        "launch+40": CALENDAR.add(launch, 40),
    } == golden


def test_a_closure_takes_its_working_days():
    assert CLOSED.count(date(2026, 11, 24), date(2027, 1, 19)) == 30
    assert CLOSED.add(date(2026, 12, 18), 1) == date(2027, 1, 4)
    assert CLOSED.add(date(2027, 1, 4), -1) == date(2026, 12, 18)


def test_notice_of_a_poll_is_25_working_days_before():
    """Two polls whose last day for the notice is published: Thursday 6 May 2027 and Thursday 2 May 2024."""
    assert CALENDAR.add(date(2027, 5, 6), -25) == date(2027, 3, 31)
    assert CALENDAR.add(date(2024, 5, 2), -25) == date(2024, 3, 26)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 12, 24), None),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "Saturday"),
        (date(2026, 12, 28), "Boxing Day"),
        (date(2027, 3, 26), "Good Friday"),
        (date(2027, 3, 28), "Sunday"),
        (date(2027, 3, 29), "Easter Monday"),
        (date(2022, 9, 19), "Bank Holiday for the State Funeral of Queen Elizabeth II"),
        (date(2012, 6, 5), "Queen's Diamond Jubilee"),
        (date(2011, 4, 29), "Royal wedding"),
        (date(2028, 2, 29), None),
    ],
)
def test_reason_closed(day, reason):
    assert CALENDAR.reason_closed(day) == reason
    assert CALENDAR.is_working(day) is (reason is None)


@pytest.mark.parametrize(("day", "is_working"), [(20, False), (21, False), (31, False), (18, True)])
def test_both_ends_of_a_closure_are_closed(day, is_working):
    assert CLOSED.is_working(date(2026, 12, day)) is is_working
    assert CLOSED.reason_closed(date(2026, 12, 21)) == "Christmas closure"
    assert CLOSED.is_working(date(2027, 1, 4))


@pytest.mark.parametrize("day", [date(2010, 12, 31), LAST + timedelta(days=1), date(2050, 1, 3)])
def test_a_day_beyond_the_known_years_is_refused(day):
    with pytest.raises(
        BeyondCalendar, match="Bank holidays are known from Saturday 1 January 2011 to Tuesday 26 December 2028"
    ):
        CALENDAR.is_working(day)


def test_walking_off_the_calendar_is_refused():
    with pytest.raises(BeyondCalendar):
        CALENDAR.add(date(2028, 12, 20), 10)
    with pytest.raises(BeyondCalendar):
        CALENDAR.on_or_before(date(2011, 1, 3))
    with pytest.raises(BeyondCalendar):
        CALENDAR.count(date(2028, 12, 20), date(2029, 1, 10))


def test_every_year_that_is_known_has_its_eight_bank_holidays():
    years = [day.year for day in bank_holidays()]

    assert {year: years.count(year) >= 8 for year in range(2011, 2029)} == dict.fromkeys(range(2011, 2029), True)


@given(DAYS, st.integers(-25, 25))
def test_add_lands_on_a_working_day_and_back_again(day, number):
    assume(number)
    landed = CLOSED.add(day, number)

    assert CLOSED.is_working(landed)
    assert (landed > day) is (number > 0)
    start = CLOSED.on_or_before(day) if number > 0 else CLOSED.on_or_after(day)
    assert CLOSED.add(landed, -number) == start


@given(DAYS, st.integers(1, 25))
def test_add_and_count_agree(day, number):
    landed = CLOSED.add(day, number)

    assert CLOSED.count(day + timedelta(days=1), landed + timedelta(days=1)) == number


@given(DAYS)
def test_on_or_after_and_on_or_before_are_the_nearest_working_days(day):
    after, before = CLOSED.on_or_after(day), CLOSED.on_or_before(day)

    assert CLOSED.is_working(after)
    assert CLOSED.is_working(before)
    assert before <= day <= after
    assert CLOSED.count(day, after) == 0
    assert (before == day) is (after == day) is CLOSED.is_working(day)


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_count_adds_up(day, first, second):
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)
    assume(end <= LAST)

    assert CLOSED.count(day, end) == CLOSED.count(day, middle) + CLOSED.count(middle, end)
    assert CLOSED.count(end, day) == 0


def test_add_nothing_stays_where_it_is():
    assert CALENDAR.add(date(2026, 12, 25), 0) == date(2026, 12, 25)


# Wall clocks


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2013, 3, 31), "2012-13"),
        (date(2013, 4, 1), "2013-14"),
        (date(1999, 4, 1), "1999-00"),
        (date(2024, 2, 29), "2023-24"),
    ],
)
def test_financial_year(day, year):
    assert financial_year(day) == year


# Closures


@pytest.mark.parametrize(
    ("first", "last", "field", "sentence"),
    [
        (date(2026, 6, 2), date(2026, 6, 1), "last_on", "The last day is before the first"),
        (date(2029, 1, 1), date(2029, 1, 2), "first_on", "known until Tuesday 26 December 2028"),
        (date(2028, 12, 24), date(2062, 1, 2), "last_on", "known until Tuesday 26 December 2028"),
        (
            date(2027, 1, 1),
            date(2027, 1, 5),
            "first_on",
            "These days overlap Christmas closure, Monday 21 December 2026",
        ),
        (date(2026, 12, 1), date(2026, 12, 21), "first_on", "overlap Christmas closure"),
        (date(2026, 12, 24), date(2026, 12, 24), "first_on", "overlap Christmas closure"),
        (date(2026, 12, 1), date(2027, 2, 1), "first_on", "overlap Christmas closure"),
    ],
)
def test_check_closure_refuses_at_the_day_to_mend(first, last, field, sentence):
    with pytest.raises(ClosureRefused) as refused:
        check_closure(ClosedDays("New", first, last), CLOSED)

    assert (refused.value.field, sentence in refused.value.sentence) == (field, True)


@pytest.mark.parametrize(
    ("first", "last"), [(date(2027, 1, 2), date(2027, 1, 2)), (date(2026, 12, 20), date(2026, 12, 20))]
)
def test_check_closure_takes_days_beside_another(first, last):
    check_closure(ClosedDays("New", first, last), CLOSED)
