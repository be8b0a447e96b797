from typing import Any

from django import forms

from partners.audit.rules import Refused
from partners.calendar.rules import parse_year
from partners.people.forms import LineField

LONGEST_YEAR = 9


class YearField(LineField):
    """A financial year typed as 2012-13; cleans to the year in which it begins."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_YEAR, **options)

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        try:
            return parse_year(typed, field="") if typed else None
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None
