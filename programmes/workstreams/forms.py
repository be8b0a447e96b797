from typing import Any

from django import forms
from django.core.validators import RegexValidator

from partners.people.forms import LineField, LinesField, PersonField
from partners.people.rules import plain_line_breaks
from programmes.register.rules import OUT_OF_DATE, VERSION
from programmes.workstreams.enums import Frequency, Rating, Weekday
from programmes.workstreams.models import ReportingSettings, Workstream
from programmes.workstreams.rules import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
)

SHOW = [
    ("open", "All that are open"),
    *reversed(Rating.choices),
    ("silent", "Silent"),
    ("not_due", "Not due yet"),
    ("closed", "Closed"),
]
STALE = dict.fromkeys(("required", "invalid"), OUT_OF_DATE)


class WorkstreamForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH)
    description = LinesField(
        max_length=DESCRIPTION_LENGTH, required=False, help_text="What it will have delivered when it is done."
    )
    lead = PersonField(
        required=False,
        label="Lead (optional)",
        help_text="The name or work email address of the person who reports on it. "
        "They get the role of workstream lead here.",
    )


class ChangeWorkstreamForm(WorkstreamForm):
    version = forms.IntegerField(widget=forms.HiddenInput, validators=[RegexValidator(VERSION)], error_messages=STALE)

    def __init__(self, workstream: Workstream, data: Any = None) -> None:
        self.workstream = workstream
        super().__init__(data, initial={**self._saved(workstream), "version": workstream.version})
        self.fields["lead"].keeps = workstream.lead  # type: ignore[attr-defined]

    def differences(self, workstream: Workstream) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = self._saved(workstream)
        typed = {key: plain_line_breaks(str(self[key].value() or "")).strip() for key in saved}
        return [(str(self[key].label), typed[key], saved[key]) for key in saved if typed[key] != saved[key]]

    @staticmethod
    def _saved(workstream: Workstream) -> dict[str, str]:
        return {
            "name": workstream.name,
            "description": workstream.description,
            "lead": workstream.lead.email if workstream.lead else "",
        }


class ReasonForm(forms.Form):
    reason = LineField(max_length=REASON_LENGTH, label="Why?", help_text="The history keeps it.")


class FilterForm(forms.Form):
    """What the list of workstreams may be narrowed by."""

    show = forms.ChoiceField(choices=SHOW, required=False, label="Show")
    q = forms.CharField(max_length=100, required=False, label="Name or lead")


class ReportingForm(forms.Form):
    frequency = forms.ChoiceField(choices=Frequency.choices, widget=forms.RadioSelect, label="How often")
    weekday = forms.ChoiceField(choices=Weekday.choices, widget=forms.RadioSelect, label="Reporting day")
    version = forms.IntegerField(widget=forms.HiddenInput, validators=[RegexValidator(VERSION)], error_messages=STALE)

    @classmethod
    def showing(cls, settings: ReportingSettings) -> "ReportingForm":
        """The form filled with what is saved."""
        return cls(initial={"frequency": settings.frequency, "weekday": settings.weekday, "version": settings.version})
