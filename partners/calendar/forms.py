from typing import Any

from django import forms
from django.core.validators import RegexValidator

from partners.audit.rules import Refused
from partners.calendar.models import Closure
from partners.calendar.rules import parse_year
from partners.clock.forms import DateField
from partners.people.forms import LineField
from partners.people.rules import ONE_LINE, ONE_LINE_ONLY

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


class ClosureForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)],
        help_text="Shown where a date is explained, such as “Headquarters closed after Christmas”.",
    )
    first_on = DateField(label="First day closed", help_text="For example, 29 12 2026.")
    last_on = DateField(label="Last day closed", help_text="For one day, enter the same day again.")


class ChangeClosureForm(ClosureForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    @classmethod
    def showing(cls, closure: Closure) -> "ChangeClosureForm":
        """The form filled with what is saved."""
        saved = {"name": closure.name, "first_on": closure.first_on, "last_on": closure.last_on}
        return cls(initial=saved | {"version": closure.version})
