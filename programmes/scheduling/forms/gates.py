from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from partners.clock.forms import DateField
from partners.files.rules.kinds import LARGEST_BYTES, WANTED
from partners.people.forms import LineField, LinesField, PersonField, VersionForm
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateCheck, GateReview, Stage
from programmes.scheduling.rules.gates import (
    ADDRESS_LENGTH,
    CANCEL_LENGTH,
    FOLLOWED_UP,
    NOTE_LENGTH,
    RECOMMENDATION_LENGTH,
    REVIEWERS_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
)
from programmes.workstreams.enums import DeliveryConfidence

ANSWERS = [(value, label) for value, label in CheckAnswer.choices if value]
RATING_HINTS = {
    DeliveryConfidence.GREEN: "Delivery on time, at cost and as promised looks highly likely.",
    DeliveryConfidence.AMBER_GREEN: "It looks probable; attention is needed so that risks do not become issues.",
    DeliveryConfidence.AMBER: "It looks feasible, with significant issues that can be resolved now.",
    DeliveryConfidence.AMBER_RED: "It is in doubt, with major risks or issues in key areas.",
    DeliveryConfidence.RED: "It appears to be unachievable as things stand.",
}


class GateReviewForm(forms.Form):
    reviewers = LineField(
        max_length=REVIEWERS_LENGTH,
        help_text="Their names. They are independent of whoever runs the programme.",
    )
    planned_on = DateField(label="Planned for", help_text="For example, 27 3 2026.")


class OpenGateReviewForm(GateReviewForm):
    """Of the gate before one of these stages."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("stage", "reviewers", "planned_on")

    def __init__(self, stages: list[Stage], data: Any = None) -> None:
        offered = [(str(stage.pk), f"{stage.definition.gate_title} ({stage.title})") for stage in stages]
        first = offered[0][0] if offered else ""
        super().__init__(data, initial={"stage": first})
        self.fields["stage"] = forms.ChoiceField(choices=offered, widget=forms.RadioSelect, label="Which gate?")
        self.order_fields(self.field_order)


class ChangeGateReviewForm(GateReviewForm, VersionForm):
    @classmethod
    def showing(cls, review: GateReview) -> "ChangeGateReviewForm":
        """The form filled with what is saved."""
        return cls(initial={"reviewers": review.reviewers, "planned_on": review.planned_on, "version": review.version})


class AnswerForm(VersionForm):
    """What was found on one line of the checklist."""

    answer = forms.ChoiceField(choices=ANSWERS, widget=forms.RadioSelect, label="What was found?")
    note = LineField(max_length=NOTE_LENGTH, required=False, help_text="Needed for every answer but “Met”.")

    @classmethod
    def showing(cls, check: GateCheck, review: GateReview) -> "AnswerForm":
        """The form filled with what is saved."""
        return cls(initial={"answer": check.answer, "note": check.note, "version": review.version})


class EvidenceForm(forms.Form):
    title = LineField(max_length=TITLE_LENGTH, label="What it is", help_text="Such as “Business case, version 3”.")
    file = forms.FileField(
        required=False,
        max_length=500,
        help_text=f"{WANTED}, up to {LARGEST_BYTES // 1024**2} MB. Or give an address below.",
    )
    address = LineField(
        max_length=ADDRESS_LENGTH,
        required=False,
        label="Address",
        help_text="Where it is kept, such as https://example.org/plan. What stands there is not kept here.",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_file(self) -> Any:
        uploaded = self.cleaned_data["file"]
        if uploaded and uploaded.size > LARGEST_BYTES:
            raise forms.ValidationError(f"The file is larger than {LARGEST_BYTES // 1024**2} MB. Choose a smaller one")
        return uploaded


class RecommendationForm(forms.Form):
    text = LineField(max_length=RECOMMENDATION_LENGTH, label="What is recommended")
    owner = PersonField(
        label="Who does it", help_text="The name or work email address of somebody who sees the programme."
    )
    due_on = DateField(label="By when", help_text="Today or later, such as 27 3 2026.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class CompleteForm(VersionForm):
    rating = forms.ChoiceField(
        choices=DeliveryConfidence.choices, widget=forms.RadioSelect, label="How confident are you in delivery?"
    )
    summary = LinesField(
        max_length=SUMMARY_LENGTH,
        help_text="Is it justified, affordable and deliverable? It is shown as the assurance of the programme.",
        widget=forms.Textarea({"rows": 6}),
    )
    follow_up_on = DateField(
        required=False,
        label="Assurance of the action plan, by",
        help_text="Only for red and amber/red: a working day by which it is looked at what was done.",
    )

    def __init__(self, data: Any = None, *, version: int, follow_up_on: date) -> None:
        super().__init__(data, initial={"version": version, "follow_up_on": follow_up_on})

    def entered(self) -> dict[str, Any]:
        """What was typed, as the operation takes it. The day that the page offers counts only where one is asked for."""
        said = dict(self.cleaned_data)
        rating = DeliveryConfidence(said["rating"])
        return said | {"rating": rating, "follow_up_on": said["follow_up_on"] if rating in FOLLOWED_UP else None}


class CancelForm(VersionForm):
    reason = LineField(
        max_length=CANCEL_LENGTH, label="Why?", help_text="Everyone who may see this programme sees this."
    )


class EmptyForm(forms.Form):
    """Nothing but the button."""
