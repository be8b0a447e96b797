from typing import Any

from django import forms

from partners.calendar.models import Closure
from partners.calendar.rules import ClosedDays
from partners.clock.forms import DateField
from partners.people.forms import LineField


class ClosureForm(forms.Form):
    name = LineField(
        max_length=100,
        help_text="Shown where a date is explained, such as “Headquarters closed after Christmas”.",
    )
    first_on = DateField(label="First day closed", help_text="For example, 29 12 2026.")
    last_on = DateField(label="Last day closed", help_text="For one day, enter the same day again.")

    @property
    def days(self) -> ClosedDays:
        """What was typed, once it is valid."""
        entered = self.cleaned_data
        return ClosedDays(entered["name"], entered["first_on"], entered["last_on"])

    @property
    def as_query(self) -> dict[str, Any]:
        """What was typed, for the address of the page that shows what it moves."""
        return {name: str(value) for name, value in self.cleaned_data.items()}


class ChangeClosureForm(ClosureForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    @classmethod
    def showing(cls, closure: Closure) -> "ChangeClosureForm":
        """The form filled with what is saved."""
        saved = {"name": closure.name, "first_on": closure.first_on, "last_on": closure.last_on}
        return cls(initial=saved | {"version": closure.version})
