from typing import Any
from uuid import uuid4

from django import forms

from partners.organisations.enums import Sector
from partners.organisations.models import Organisation
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.forms import LineField, LinesField, VersionForm
from partners.people.rules import plain_line_breaks

PARTS = ("name", "sector", "about", "source")


class OrganisationForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH, help_text="As it signs letters and bids.")
    sector = forms.ChoiceField(choices=Sector.choices, widget=forms.RadioSelect)
    about = LinesField(
        max_length=ABOUT_LENGTH,
        required=False,
        label="About it",
        help_text="What it does, and how we came to deal with it. Its contacts do not read this.",
    )
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Where this comes from, with the day.")


class AddOrganisationForm(OrganisationForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ChangeOrganisationForm(OrganisationForm, VersionForm):
    @classmethod
    def showing(cls, organisation: Organisation) -> "ChangeOrganisationForm":
        """The form filled with what is saved."""
        return cls(initial={part: getattr(organisation, part) for part in (*PARTS, "version")})

    def differences(self, organisation: Organisation) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        typed = {part: plain_line_breaks(str(self[part].value() or "").strip()) for part in PARTS}
        saved = {part: str(getattr(organisation, part)) for part in PARTS}
        labels = dict(Sector.choices)
        return [
            (str(self[part].label), labels.get(typed[part], typed[part]), labels.get(saved[part], saved[part]))
            for part in PARTS
            if typed[part] != saved[part]
        ]


class OrganisationFilterForm(forms.Form):
    """What the list of organisations may be narrowed by."""

    q = LineField(max_length=NAME_LENGTH, required=False, label="Name", widget=forms.TextInput({"type": "search"}))
    sector = forms.ChoiceField(choices=[("", "Every sector"), *Sector.choices], required=False)

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked for; nothing where it cannot be read."""
        return {key: value for key, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class ContactForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH)
    email = forms.EmailField(
        max_length=254,
        label="Email address",
        help_text="Their address at the organisation. They sign in with it, and are asked for their views there.",
    )
    job_title = LineField(max_length=NAME_LENGTH, required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
