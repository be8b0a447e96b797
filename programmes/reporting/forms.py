from typing import Any
from uuid import uuid4

from django import forms

from partners.audit.rules import Refused
from partners.people.forms import LineField, LinesField
from programmes.register.rules import OUT_OF_DATE
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.rules import ASK_LENGTH, CHANGED_LENGTH, NEXT_STEPS_LENGTH, REASON_LENGTH, report_text

RATING_HINTS = {
    Rating.GREEN: "It will deliver what was agreed, when it was agreed.",
    Rating.AMBER: "Something threatens it, and you have a plan.",
    Rating.RED: "It will not deliver as agreed unless somebody acts.",
}
STALE = dict.fromkeys(("required", "invalid"), OUT_OF_DATE)


class StatusForm(forms.Form):
    """A report. It opens with what was said last time, so that the author changes what is different."""

    rating = forms.ChoiceField(choices=Rating.choices, widget=forms.RadioSelect, label="How is it going?")
    changed = LinesField(
        max_length=CHANGED_LENGTH,
        label="What has changed?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In a sentence or two: what was done, what moved, what surprised you.",
    )
    next_steps = LinesField(
        max_length=NEXT_STEPS_LENGTH,
        label="What happens next?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who does what by when. If it is not on track: what brings it back.",
    )
    ask_kind = forms.ChoiceField(
        choices=Ask.choices, widget=forms.RadioSelect, label="What do you need from above?", initial=Ask.NONE
    )
    ask = LinesField(
        max_length=ASK_LENGTH,
        label="Your ask",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leave this empty if you need nothing. Otherwise say what you need, from whom and by when.",
    )
    based_on = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages=STALE)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def __init__(self, data: Any = None, *, latest: StatusUpdate | None) -> None:
        self.latest = latest
        super().__init__(data, initial=self._said(latest) if latest else None)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if {"changed", "next_steps", "ask_kind", "ask"} <= said.keys():
            # What is left of the last ask counts as cleared once the author needs nothing.
            if said["ask_kind"] == Ask.NONE and self.latest and said["ask"].strip() == self.latest.ask:
                said["ask"] = ""
            try:
                report_text(
                    changed=said["changed"], next_steps=said["next_steps"], ask_kind=said["ask_kind"], ask=said["ask"]
                )
            except Refused as refused:
                self.add_error(refused.field, refused.sentence)
        return said

    @property
    def report(self) -> dict[str, Any]:
        """What was said, as the operations take it."""
        said = self.cleaned_data
        return {
            "rating": Rating(said["rating"]),
            "changed": said["changed"],
            "next_steps": said["next_steps"],
            "ask_kind": Ask(said["ask_kind"]),
            "ask": said["ask"],
            "request_key": said["request_key"],
        }

    @staticmethod
    def _said(latest: StatusUpdate) -> dict[str, Any]:
        return {
            "rating": latest.rating,
            "next_steps": latest.next_steps,
            "ask_kind": latest.ask_kind,
            "ask": latest.ask,
            "based_on": latest.pk,
        }


class CorrectionForm(StatusForm):
    """A report in place of another: it opens with every word of that one."""

    reason = LineField(
        max_length=REASON_LENGTH,
        label="Why is it corrected?",
        help_text="For example, “the date was that of another site”. Everyone who sees the status sees this.",
    )

    @staticmethod
    def _said(latest: StatusUpdate) -> dict[str, Any]:
        return StatusForm._said(latest) | {"changed": latest.changed}


class SameStatusForm(forms.Form):
    """That nothing has changed: which status is repeated."""

    based_on = forms.UUIDField(widget=forms.HiddenInput, error_messages=STALE)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)
