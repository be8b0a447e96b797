"""Scores, days of reminders, and who is named in a text."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.calendar.rules import ClosedDays, WorkingCalendar
from partners.clock.rules import local_date
from programmes.raid.rules import Facts, Score, check_score, heat_map, named_in, notices_of, parts_for, score_of

AMA, AMAL, OTHER_AMA = uuid4(), uuid4(), uuid4()
PEOPLE = {AMA: ("Ama Mensah", "ama@example.org"), AMAL: ("Ama Mensah-Lee", "amal@example.org")}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "Low, 1 of 25"),
        (4, "Low, 4 of 25"),
        (5, "Medium, 5 of 25"),
        (9, "Medium, 9 of 25"),
        (10, "High, 10 of 25"),
        (12, "High, 12 of 25"),
        (15, "Very high, 15 of 25"),
        (25, "Very high, 25 of 25"),
    ],
)
def test_a_score_is_said_in_words(value, words):
    assert Score(value).words == words


def test_every_band_has_a_shape_of_its_own():
    assert len({Score(value).look for value in (1, 5, 10, 15)}) == 4


def test_a_score_needs_both_parts():
    assert (score_of(4, 3), score_of(None, 3), score_of(4, None)) == (Score(12), None, None)


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("risk", {"impact": 3}, "likelihood"),
        ("risk", {"likelihood": 3}, "impact"),
        ("risk", {"likelihood": 6, "impact": 3}, "likelihood"),
        ("risk", {"likelihood": 0, "impact": 3}, "likelihood"),
        ("risk", {"likelihood": 3, "impact": 3, "residual_impact": 1}, "residual_likelihood"),
        ("risk", {"likelihood": 3, "impact": 3, "residual_likelihood": 1}, "residual_impact"),
        ("issue", {}, "impact"),
        ("issue", {"impact": 3, "likelihood": 1}, "likelihood"),
        ("issue", {"impact": 3, "response": "avoid"}, "response"),
        ("assumption", {"impact": 3}, "impact"),
        ("action", {"residual_likelihood": 3}, "residual_likelihood"),
    ],
)
def test_a_score_that_is_not_of_its_kind_is_refused_at_the_part_to_mend(kind, said, field):
    with pytest.raises(Refused) as refused:
        check_score(kind, Facts(title="Late", **said))

    assert refused.value.field == field


def test_what_becomes_an_action_takes_a_day_of_its_own_and_no_score():
    said = {"title": "Late", "impact": 3, "likelihood": None, "response": "", "due_on": date(2026, 9, 1), "owner": AMA}

    assert parts_for("action", said) == {"title": "Late", "owner": AMA}
    assert parts_for("issue", said) == {"title": "Late", "impact": 3, "due_on": date(2026, 9, 1), "owner": AMA}


@pytest.mark.parametrize(
    ("due_on", "days"),
    [
        (date(2026, 9, 23), [date(2026, 9, 18), date(2026, 9, 23), date(2026, 9, 25)]),
        (date(2026, 9, 26), [date(2026, 9, 23), date(2026, 9, 25), date(2026, 9, 29)]),  # a Saturday
        (date(2026, 12, 28), [date(2026, 12, 22), date(2026, 12, 24), date(2026, 12, 30)]),  # a bank holiday
        (date(2060, 9, 25), [date(2060, 9, 22), date(2060, 9, 24), date(2060, 9, 28)]),  # a Saturday, no holidays known
    ],
)
def test_reminders_fall_on_working_days(due_on, days):
    notices = notices_of(due_on, calendar=WorkingCalendar())

    assert [local_date(each.due_at) for each in notices] == days
    assert [each.to_owner for each in notices] == [True, True, False]


def test_a_closure_moves_the_reminders_too():
    calendar = WorkingCalendar(closures=(ClosedDays("Move", date(2026, 9, 21), date(2026, 9, 24)),))

    days = [local_date(each.due_at) for each in notices_of(date(2026, 9, 23), calendar=calendar)]

    assert days == [date(2026, 9, 16), date(2026, 9, 18), date(2026, 9, 28)]


@given(st.dates(date(2013, 1, 10), date(2026, 11, 30)))
def test_reminders_are_in_order_and_each_is_useful_for_a_while(due_on):
    notices = notices_of(due_on, calendar=WorkingCalendar())

    assert [each.due_at for each in notices] == sorted({each.due_at for each in notices})
    assert all(each.due_at < each.valid_until for each in notices)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ama Mensah please look", [AMA]),
        ("Is it so, @ama mensah?", [AMA]),
        ("(@ama@example.org)", [AMA]),
        ("@Ama Mensah-Lee and @Ama Mensah, and again @Ama Mensah", [AMAL, AMA]),
        ("Write to ama@example.org @ 10am", []),
        ("Nobody", []),
    ],
)
def test_a_text_names_people_by_name_or_address(text, named):
    assert named_in(text, PEOPLE) == named


def test_somebody_unknown_is_refused_by_the_word_as_written():
    with pytest.raises(Refused, match="Nobody called Bob may see this programme"):
        named_in("@Bob, look", PEOPLE)


def test_a_name_that_several_have_asks_for_the_address():
    twins = {AMA: ("Ama Mensah", "ama@example.org"), OTHER_AMA: ("Ama Mensah", "second@example.org")}

    with pytest.raises(Refused, match=r"ama@example.org and second@example.org"):
        named_in("@Ama Mensah", twins)
    assert named_in("@second@example.org", twins) == [OTHER_AMA]


def test_a_heat_map_has_the_most_likely_first_and_the_worst_last():
    rows = heat_map({(5, 5): 2, (1, 1): 1})

    assert [row.likelihood for row in rows] == [5, 4, 3, 2, 1]
    assert [cell.count for cell in rows[0].cells] == [0, 0, 0, 0, 2]
    assert [cell.score.value for cell in rows[4].cells] == [1, 2, 3, 4, 5]
    assert sum(cell.count for row in rows for cell in row.cells) == 3
