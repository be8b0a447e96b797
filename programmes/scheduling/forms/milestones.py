from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import DateField
from partners.people.forms import LineField, VersionForm
from programmes.register.rules import REASON_LENGTH
from programmes.scheduling.models import DeliveryMilestone
from programmes.scheduling.rules import MILESTONE_NAME_LENGTH
from programmes.workstreams.models import Workstream

WHOLE = "The programme as a whole"


class MilestoneForm(forms.Form):
    """``for_whole``: it may be of the programme as a whole, too."""

    name = LineField(max_length=MILESTONE_NAME_LENGTH, help_text="What is achieved, such as “First site goes live”.")
    workstream = forms.TypedChoiceField(coerce=UUID, empty_value=None, label="Achieved by")
    is_critical = forms.BooleanField(
        required=False,
        label="It is critical: the programme is late if it is",
        help_text="A workstream that reports Green while one of these is late has to say why.",
    )

    def __init__(self, workstreams: Sequence[Workstream], data: Any = None, *, for_whole: bool, **options: Any) -> None:
        super().__init__(data, **options)
        field: Any = self.fields["workstream"]
        here = [(str(row.pk), row.name) for row in workstreams]
        field.choices, field.required = [("", WHOLE), *here] if for_whole else here, not for_whole


class AddMilestoneForm(MilestoneForm):
    baseline_on = DateField(
        label="Day first agreed", help_text="For example, 27 3 2026. It never changes; the day expected can."
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ChangeMilestoneForm(MilestoneForm, VersionForm):
    """The workstream it has stays on offer, although that has closed."""

    def __init__(self, milestone: DeliveryMilestone, workstreams: Sequence[Workstream], data: Any, *, for_whole: bool):
        saved = {part: getattr(milestone, part) for part in ("name", "is_critical", "version")}
        kept = milestone.workstream
        offered = [*workstreams, *([kept] if kept and kept not in workstreams else [])]
        super().__init__(
            offered, data, for_whole=for_whole, initial=saved | {"workstream": str(milestone.workstream_id or "")}
        )

    def differences(self, milestone: DeliveryMilestone) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        entered, names = self.cleaned_data, dict(self.fields["workstream"].choices)  # type: ignore[attr-defined]
        rows = [
            ("Name", entered["name"], milestone.name),
            ("Achieved by", names[str(entered["workstream"] or "")], str(milestone.workstream or WHOLE)),
            ("Critical", "Yes" if entered["is_critical"] else "No", "Yes" if milestone.is_critical else "No"),
        ]
        return [row for row in rows if row[1] != row[2]]


class ReasonForm(forms.Form):
    reason = LineField(max_length=REASON_LENGTH, label="Why", help_text="The history keeps it.")


class ForecastForm(ReasonForm, VersionForm):
    field_order = ("forecast_on", "reason", "version")
    forecast_on = DateField(label="Day now expected", help_text="For example, 27 3 2026.")


class AchieveForm(forms.Form):
    achieved_on = DateField(label="Day it was achieved", help_text="Today or a day in the past, such as 27 3 2026.")


class DropForm(ReasonForm, VersionForm):
    """Why it is not wanted any more."""


class MilestoneFilterForm(forms.Form):
    """Of which workstream milestones are shown."""

    workstream = forms.TypedChoiceField(coerce=UUID, empty_value=None, required=False, label="Achieved by")

    def __init__(self, workstreams: Sequence[Workstream], data: Any) -> None:
        super().__init__(data)
        here = [(str(row.pk), row.name) for row in workstreams]
        self.fields["workstream"].choices = [("", "Anybody"), *here]  # type: ignore[attr-defined]
