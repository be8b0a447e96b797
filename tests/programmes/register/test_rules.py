from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.people.rules.typed import check_day, lines, one_line

TODAY = date(2026, 9, 16)


@pytest.mark.parametrize(
    "typed", ["two\nlines", "two\rlines", "a\tb", "a\x00b", "a\x85b", "a\u2028b", "a\u202eb", "a\u2066b"]
)
def test_one_line_with_a_break_or_control_character_is_refused(typed):
    with pytest.raises(Refused) as refused:
        one_line(typed, limit=200, field="name", named="a name")

    assert (refused.value.sentence, refused.value.field) == (
        "Write this on one line, without tabs or other control characters.",
        "name",
    )


@pytest.mark.parametrize("typed", ["Café – “Zoë”", "Програма", "👩🏽‍🚒 crew"])
def test_one_line_keeps_the_letters_of_any_language(typed):
    assert one_line(f" {typed} ", limit=200, field="name", named="a name") == typed


@pytest.mark.parametrize("length", [1, 199, 200])
def test_one_line_within_its_length_is_kept(length):
    assert one_line("x" * length, limit=200, field="name", named="the name") == "x" * length


def test_one_line_above_its_length_is_refused():
    with pytest.raises(Refused, match=r"^Shorten the name: 200 characters at most, this has 201\.$"):
        one_line("x" * 201, limit=200, field="name", named="the name")


@pytest.mark.parametrize("typed", ["", "   "])
def test_one_line_that_is_missing_is_refused(typed):
    with pytest.raises(Refused, match=r"^Enter a name\.$"):
        one_line(typed, limit=200, field="name", named="a name")


def test_lines_have_one_character_for_each_break():
    assert lines("one\r\ntwo\rthree\n", limit=13, field="text", named="the text") == "one\ntwo\nthree"


@pytest.mark.parametrize("typed", ["a\x00b", "a\x1bb", "a\u202eb"])
def test_lines_with_control_characters_are_refused(typed):
    with pytest.raises(Refused, match="control characters"):
        lines(typed, limit=200, field="text", named="the text")


@given(st.text(max_size=300))
def test_one_line_either_refuses_or_gives_one_line(typed):
    try:
        text = one_line(typed, limit=200, field="name", named="a name")
    except Refused:
        return

    assert 1 <= len(text) <= 200
    assert text.splitlines() == [text]


@pytest.mark.parametrize("day", [date(2000, 1, 1), TODAY])
def test_check_day_takes_days_of_this_century_up_to_today(day):
    check_day(day, field="on", named="The day", today=TODAY)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(1999, 12, 31), "The day must be between 2000 and 2099. Check the year."),
        (date(2026, 9, 17), "The day must be today or in the past. Today is Wednesday 16 September 2026."),
    ],
)
def test_check_day_refuses_other_days(day, sentence):
    with pytest.raises(Refused) as refused:
        check_day(day, field="on", named="The day", today=TODAY)

    assert (refused.value.sentence, refused.value.field) == (sentence, "on")


def test_check_day_without_today_takes_the_future():
    check_day(date(2099, 12, 31), field="on", named="The day")

    with pytest.raises(Refused):
        check_day(date(2100, 1, 1), field="on", named="The day")
