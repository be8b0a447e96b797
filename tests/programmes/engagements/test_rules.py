from datetime import date

import pytest

from partners.audit.rules import Refused
from programmes.engagements.rules import check_last_day, check_period, in_several

STARTS, TODAY = date(2026, 9, 10), date(2026, 9, 16)


def last_day(on, *, starts_on=STARTS, today=TODAY):
    try:
        check_last_day(on, who="Team A", starts_on=starts_on, today=today)
    except Refused as refused:
        return refused.field, refused.sentence
    return "allowed"


def test_a_last_day_is_that_of_the_start_or_later_once_it_has_begun():
    assert last_day(STARTS) == "allowed"
    assert last_day(date(2027, 1, 1)) == "allowed"
    assert last_day(date(2026, 9, 9)) == (
        "ended_on",
        "Team A started on Thursday 10 September 2026. Choose that day or a later one.",
    )


def test_what_has_not_begun_may_be_called_off():
    assert last_day(TODAY, starts_on=date(2026, 9, 17)) == "allowed"
    assert last_day(date(2026, 9, 15), starts_on=TODAY)[0] == "ended_on"


def test_a_year_that_must_be_a_slip_is_refused():
    assert last_day(date(1926, 9, 10))[0] == last_day(date(3026, 9, 10))[0] == "ended_on"


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({}, None),
        ({"planned_end_on": STARTS}, None),
        ({"planned_end_on": date(2026, 9, 9)}, "planned_end_on"),
        ({"planned_end_on": date(2226, 9, 9)}, "planned_end_on"),
        ({"starts_on": date(1999, 12, 31)}, "starts_on"),
        ({"ended_on": STARTS}, None),
        ({"ended_on": date(2026, 9, 9)}, "starts_on"),
    ],
)
def test_days_are_in_order(days, field):
    period = {"starts_on": STARTS, "planned_end_on": None, "ended_on": None} | days
    found = None
    try:
        check_period(who="Team A", **period)
    except Refused as refused:
        found = refused.field

    assert found == field


def test_in_several_names_who_stands_in_more_than_one_bid():
    assert in_several([["A", "B"], ["B"], ["C", "A", "A"], ["D", "D"]]) == ["A", "B"]
    assert in_several([]) == []
