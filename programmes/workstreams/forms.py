from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator

from partners.clock.forms import DateField
from partners.clock.rules import words_for_date
from partners.people.forms import LineField, LinesField, PersonField
from partners.people.rules import plain_line_breaks
from programmes.register.models import Programme
from programmes.register.rules import LARGEST_VERSION, OUT_OF_DATE, VERSION
from programmes.workstreams.enums import (
    DeliveryConfidence,
    ExceptionKind,
    Frequency,
    Rating,
    Scale,
    Weekday,
)
from programmes.workstreams.models import PortfolioReporting, ReportingSettings, Workstream
from programmes.workstreams.rules import (
    ASSURANCE_LENGTH,
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
)

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
    reviewer = PersonField(
        required=False,
        label="Reviewer (optional)",
        help_text="Who reads and acknowledges its reports: somebody else than the lead, who may see this programme. "
        "Without one, the programme manager does.",
    )


class ChangeWorkstreamForm(WorkstreamForm):
    version = forms.IntegerField(widget=forms.HiddenInput, validators=[RegexValidator(VERSION)], error_messages=STALE)

    def __init__(self, workstream: Workstream, data: Any = None) -> None:
        self.workstream = workstream
        super().__init__(data, initial={**self._saved(workstream), "version": workstream.version})
        for part in ("lead", "reviewer"):
            self.fields[part].keeps = getattr(workstream, part)  # type: ignore[attr-defined]

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
            "reviewer": workstream.reviewer.email if workstream.reviewer else "",
        }


class ReasonForm(forms.Form):
    reason = LineField(max_length=REASON_LENGTH, label="Why?", help_text="The history keeps it.")


class ReportingForm(forms.Form):
    frequency = forms.ChoiceField(choices=Frequency.choices, widget=forms.RadioSelect, label="How often")
    weekday = forms.ChoiceField(choices=Weekday.choices, widget=forms.RadioSelect, label="Reporting day")
    first_on = DateField(
        required=False,
        label="A day in one of the weeks in which reports are due",
        help_text="For every second week only.",
    )
    version = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_VERSION,
        widget=forms.HiddenInput,
        error_messages=STALE | dict.fromkeys(("min_value", "max_value"), OUT_OF_DATE),
    )

    @classmethod
    def showing(cls, choice: ReportingSettings | PortfolioReporting) -> "ReportingForm":
        """The form filled with what is saved."""
        return cls(
            initial={
                "frequency": choice.frequency,
                "weekday": choice.weekday,
                "first_on": choice.first_on,
                "version": choice.version,
            }
        )

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as the operations take it."""
        said = self.cleaned_data
        return {
            "frequency": Frequency(said["frequency"]),
            "weekday": Weekday(said["weekday"]),
            "first_on": said["first_on"],
            "version": said["version"],
        }


class ExceptionForm(forms.Form):
    """For which of these reporting days nothing is owed, or the rating is kept back."""

    kind = forms.ChoiceField(choices=ExceptionKind.choices, widget=forms.RadioSelect, label="What is it?")
    from_on = forms.TypedChoiceField(coerce=date.fromisoformat, label="First reporting day")
    to_on = forms.TypedChoiceField(coerce=date.fromisoformat, label="Last reporting day")
    reason = LineField(
        max_length=REASON_LENGTH, label="Why?", help_text="Everyone who may see this workstream sees this."
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def __init__(self, data: Any = None, *, days: Sequence[date]) -> None:
        super().__init__(data)
        for name in ("from_on", "to_on"):
            self.fields[name].choices = [(day.isoformat(), words_for_date(day)) for day in days]  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """Which of these workstreams is needed, and for what."""

    provider = forms.ChoiceField(label="Workstream")
    what = LineField(max_length=NAME_LENGTH, label="What is needed from it?")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def __init__(self, data: Any = None, *, workstreams: Iterable[Workstream]) -> None:
        super().__init__(data)
        self.fields["provider"].choices = [(str(one.pk), one.name) for one in workstreams]  # type: ignore[attr-defined]


class ProviderProgrammeForm(forms.Form):
    """Of which programme a workstream is needed."""

    programme = forms.ChoiceField(required=False, label="Programme")

    def __init__(self, data: Any = None, *, programmes: Iterable[Programme]) -> None:
        super().__init__(data)
        self.fields["programme"].choices = [(str(one.pk), one.name) for one in programmes]  # type: ignore[attr-defined]


class AssuranceForm(forms.Form):
    """What somebody independent thinks of a programme."""

    scale = forms.ChoiceField(choices=Scale.choices, widget=forms.RadioSelect, label="Scale")
    rating = forms.ChoiceField(choices=DeliveryConfidence.choices, widget=forms.RadioSelect, label="Rating")
    words = LinesField(max_length=ASSURANCE_LENGTH, label="What was found?", widget=forms.Textarea(attrs={"rows": 4}))
    assured_by = LineField(
        max_length=NAME_LENGTH, label="Who gave the rating?", help_text="A team or a person outside the programme."
    )
    assured_on = DateField(label="When was it given?")
    expires_on = DateField(label="Until when does it count?", help_text="The last day on which it stands.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)


class OverrideForm(forms.Form):
    """What is shown for a programme in place of its own rating."""

    rating = forms.ChoiceField(choices=Rating.choices, widget=forms.RadioSelect, label="Rating to show")
    reason = LineField(
        max_length=REASON_LENGTH, label="Why?", help_text="Everyone who may see this programme sees this."
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)
