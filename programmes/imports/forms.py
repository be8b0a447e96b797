from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import BOXES, DateField
from partners.files.rules.tables import LARGEST_FILE_BYTES
from partners.people.forms import LineField, PersonField
from programmes.imports.enums import BulkAct
from programmes.imports.rules.several import Edit
from programmes.register.rules import OUT_OF_DATE
from programmes.workstreams.enums import Rating
from programmes.workstreams.rules import REASON_LENGTH, ReportState, Standing

SHOW = [
    ("open", "All that are open"),
    *Rating.choices,
    *((standing.value, standing.label) for standing in Standing if standing != Standing.REPORTED),
]
REPORTS = [("", "Any report"), *((state.value, state.label) for state in ReportState)]
EDIT_INPUTS = {"act", "person", "reason", *(f"{day}_{box}" for day in ("from_on", "to_on") for box in BOXES)}
LARGEST_CHOICE = 400_000
STALE = dict.fromkeys(("required", "invalid"), OUT_OF_DATE)


class UploadForm(forms.Form):
    """A file of rows."""

    file = forms.FileField(
        label="CSV or Excel file",
        widget=forms.FileInput({"accept": ".csv,.xlsx"}),
        help_text="Up to 10 MB and 20,000 rows.",
        max_length=200,
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def clean_file(self) -> Any:
        uploaded = self.cleaned_data["file"]
        if uploaded.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError("The file is larger than 10 MB. Split it and import the parts one by one")
        return uploaded


class ConfirmForm(forms.Form):
    """Which preview is confirmed, and when it was shown."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class NarrowForm(forms.Form):
    """What the list of workstreams may be narrowed by; ``portfolios`` by the id of their scope, where there are several.

    ``report`` counts in the list of one programme.
    """

    portfolio = forms.TypedChoiceField(coerce=UUID, empty_value=None, required=False, label="Portfolio")
    show = forms.ChoiceField(choices=SHOW, required=False, label="Show")
    report = forms.ChoiceField(choices=REPORTS, required=False, widget=forms.HiddenInput)
    q = forms.CharField(max_length=100, required=False, label="Name or lead")

    def __init__(self, portfolios: Sequence[tuple[UUID, str]], data: Any) -> None:
        super().__init__(data)
        named = [(str(pk), name) for pk, name in portfolios]
        self.fields["portfolio"].choices = [("", "All that you may see"), *named]  # type: ignore[attr-defined]
        if len(named) < 2:
            del self.fields["portfolio"]


class OfWorkstreamForm(forms.Form):
    workstream = forms.UUIDField(required=False)


class EditForm(forms.Form):
    """What is to become of the workstreams that are ticked."""

    act = forms.ChoiceField(choices=BulkAct.choices, widget=forms.RadioSelect, label="What do you want to do?")
    person = PersonField(
        required=False, label="Who leads or reviews", help_text="Name or email address. Leave empty for nobody."
    )
    reason = LineField(
        required=False, max_length=REASON_LENGTH, label="Reason", help_text="Needed to close and to exempt."
    )
    from_on = DateField(required=False, label="First reporting day", help_text="Needed to exempt.")
    to_on = DateField(required=False, label="Last reporting day", help_text="Needed to exempt.")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        act = said.get("act")
        if act in (BulkAct.CLOSE, BulkAct.EXEMPT) and "reason" in said and not said["reason"]:
            self.add_error("reason", "Enter the reason")
        for day in ("from_on", "to_on"):
            if act == BulkAct.EXEMPT and day in said and not said[day]:
                self.add_error(day, f"Enter the {'first' if day == 'from_on' else 'last'} reporting day")
        return said

    def edit(self, name_of: Callable[[UUID], str]) -> Edit:
        """What was chosen; parts that the act does not need are left out."""
        said, act = self.cleaned_data, BulkAct(self.cleaned_data["act"])
        sets_person, is_exempting = act in (BulkAct.LEAD, BulkAct.REVIEWER), act == BulkAct.EXEMPT
        person_id = said["person"] if sets_person else None
        return Edit(
            act=act,
            person_id=person_id,
            person_name=name_of(person_id) if person_id else "",
            reason="" if sets_person else said["reason"],
            from_on=said["from_on"] if is_exempting else None,
            to_on=said["to_on"] if is_exempting else None,
        )


class ChosenForm(forms.Form):
    """Which workstreams were looked at, in which version; and the key of the change."""

    chosen = forms.CharField(max_length=LARGEST_CHOICE, widget=forms.HiddenInput, error_messages=STALE)
    several_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def clean_chosen(self) -> dict[UUID, int]:
        try:
            pairs = [each.split(":") for each in self.cleaned_data["chosen"].split(",")]
            return {UUID(pk): int(version) for pk, version in pairs}
        except ValueError:
            raise forms.ValidationError(OUT_OF_DATE) from None
