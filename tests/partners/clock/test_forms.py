from datetime import date

import pytest
from django import forms
from django.http import QueryDict

from partners.clock.forms import DateField


class StartForm(forms.Form):
    starts_on = DateField(label="Planned start")
    ends_on = DateField(required=False)


def boxes(day: str, month: str, year: str) -> dict[str, str]:
    return {"starts_on_day": day, "starts_on_month": month, "starts_on_year": year}


def errors_of(data: dict[str, str]) -> list[tuple[str, str]]:
    form = StartForm(data)
    assert not form.is_valid()
    return [(str(error.message), str(error.code)) for error in form.errors.as_data()["starts_on"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("3", "11", "2026"), date(2026, 11, 3)),
        ((" 03 ", "11", "2026"), date(2026, 11, 3)),
        (("3", "November", "2026"), date(2026, 11, 3)),
        (("3", "nov.", "2026"), date(2026, 11, 3)),
        (("29", "2", "2028"), date(2028, 2, 29)),
    ],
)
def test_three_boxes_that_name_a_day_become_a_date(typed: tuple[str, str, str], expected: date) -> None:
    form = StartForm(boxes(*typed))

    assert form.is_valid()
    assert form.cleaned_data == {"starts_on": expected, "ends_on": None}


@pytest.mark.parametrize(
    ("typed", "sentence", "wrong_boxes"),
    [
        (("3", "", "2026"), "Planned start must include a month", "month"),
        (("", "", "2026"), "Planned start must include a day and a month", "day month"),
        (("29", "2", "2027"), "Planned start must be a real date", "day month year"),
        (("31", "11", "2026"), "Planned start must be a real date", "day month year"),
        (("0", "1", "2026"), "Planned start must be a real date", "day month year"),
        (("3", "11", "26"), "Planned start: the year must have 4 numbers, such as 2026", "year"),
        (("3", "11", "0000"), "Planned start must be a real date", "day month year"),
        (("3", "13", "2026"), "Planned start: the month must be a number from 1 to 12", "month"),
        (("3", "ju", "2026"), "Planned start: the month must be a number from 1 to 12", "month"),
        (("x", "11", "2026"), "Planned start: the day must be a number", "day"),
        (("²", "11", "2026"), "Planned start: the day must be a number", "day"),
        (("9" * 5000, "11", "2026"), "Planned start must be a real date", "day month year"),
    ],
)
def test_a_wrong_date_is_told_by_its_box(typed: tuple[str, str, str], sentence: str, wrong_boxes: str) -> None:
    assert errors_of(boxes(*typed)) == [(sentence, wrong_boxes)]


def test_empty_boxes_are_a_missing_date() -> None:
    assert errors_of({}) == [("This field is required.", "required")]


def test_a_field_without_a_label_is_named_after_itself() -> None:
    form = StartForm(boxes("3", "11", "2026") | {"ends_on_day": "3"})

    assert form.errors == {"ends_on": ["Ends on must include a month and a year"]}


def test_what_was_typed_is_shown_again() -> None:
    form = StartForm(boxes("31", "2", "2026"))

    assert form["starts_on"].value() == ["31", "2", "2026"]


def test_a_whole_date_in_a_link_fills_the_boxes() -> None:
    form = StartForm(QueryDict("starts_on=2026-11-03&ends_on=rubbish"))

    assert form.is_valid()
    assert form.cleaned_data == {"starts_on": date(2026, 11, 3), "ends_on": None}


def test_an_unchanged_date_counts_as_unchanged() -> None:
    initial = {"starts_on": date(2026, 11, 3)}

    assert StartForm(boxes("03", "11", "2026"), initial=initial).changed_data == []
    assert StartForm(boxes("4", "11", "2026"), initial=initial).changed_data == ["starts_on"]
    assert StartForm(boxes("4", "", "2026"), initial=initial).changed_data == ["starts_on"]
