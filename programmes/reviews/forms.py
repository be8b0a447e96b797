from uuid import uuid4

from django import forms

from partners.clock.forms import DateField
from partners.people.forms import LinesField
from programmes.reviews.rules import DEFAULT_REVIEW_LIMIT_WEEKS

LENGTHS = [(n, f"{n} week{'' if n == 1 else 's'}") for n in range(DEFAULT_REVIEW_LIMIT_WEEKS, 0, -1)]


class OpenReviewForm(forms.Form):
    """A review to be planned or opened. A closing day wins over the length."""

    title = forms.CharField(max_length=200, help_text="What is looked at, such as “Autumn review of custody”.")
    purpose = LinesField(
        max_length=5000,
        help_text="Why you look now, and what has not been decided yet. People who are asked read this.",
    )
    starts_on = DateField(
        label="Opening day",
        help_text="A working day, such as 15 9 2026. It opens at 10am. Tuesday to Thursday reaches most people.",
    )
    weeks = forms.TypedChoiceField(choices=LENGTHS, coerce=int, label="Length", initial=DEFAULT_REVIEW_LIMIT_WEEKS)
    closes_on = DateField(
        label="Closing day (optional)",
        required=False,
        help_text="Leave this empty to close at 5pm on the same weekday after the length above.",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    dates_shown = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)

    @property
    def dates(self) -> str:
        """The dates as entered, to know whether the plan on the page is still theirs."""
        found = self.cleaned_data
        return f"{found['starts_on']}/{found['closes_on'] or found['weeks']}"


class CancelReviewForm(forms.Form):
    reason = forms.CharField(
        max_length=300, label="Why it is cancelled", help_text="People who were asked read this. Up to 300 characters."
    )
