from django import forms
from django.core.validators import RegexValidator

from partners.clock.forms import DateField
from partners.people.forms import LineField, LinesField, PersonField
from partners.people.rules import plain_line_breaks
from programmes.register.enums import DeliveryModel, PositionKind
from programmes.register.models import Programme
from programmes.register.rules import (
    CONSTRAINT_LENGTH,
    LESSON_LENGTH,
    NAME_LENGTH,
    OUT_OF_DATE,
    POSITION_LENGTH,
    SOURCE_LENGTH,
    SUMMARY_LENGTH,
    VERSION,
)


class ProgrammeForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH)
    summary = LinesField(
        max_length=SUMMARY_LENGTH, required=False, help_text="What will be different for officers, staff or the public."
    )
    owner = PersonField(label="Owner", help_text="The name or work email address of the person who answers for it.")
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(VERSION)],
        error_messages=dict.fromkeys(("required", "invalid"), OUT_OF_DATE),
    )

    @classmethod
    def showing(cls, programme: Programme) -> "ProgrammeForm":
        """The form filled with what is saved."""
        return cls(
            initial={
                "name": programme.name,
                "summary": programme.summary,
                "owner": programme.owner.email if programme.owner else "",
                "version": programme.version,
            }
        )

    def differences(self, programme: Programme) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = {
            "name": programme.name,
            "summary": programme.summary,
            "owner": programme.owner.email if programme.owner else "",
        }
        typed = {key: str(self[key].value() or "").strip() for key in saved}
        typed["summary"] = plain_line_breaks(typed["summary"])
        return [(str(self[key].label), typed[key], saved[key]) for key in saved if typed[key] != saved[key]]


class ConstraintForm(forms.Form):
    text = LinesField(
        max_length=CONSTRAINT_LENGTH,
        label="Constraint",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the programme must not become, or must keep to, in one sentence.",
    )
    source = LineField(
        max_length=SOURCE_LENGTH,
        required=False,
        label="Source",
        help_text="Where it comes from, such as the paper of a board and its date.",
    )


class LessonForm(forms.Form):
    title = LineField(
        max_length=NAME_LENGTH, help_text="The lesson in one sentence, such as “Train at the time of the shift”."
    )
    text = LinesField(
        max_length=LESSON_LENGTH,
        label="What was learned",
        help_text="What happened, and what another programme should do because of it.",
    )
    learned_on = DateField(label="Day it was learned", help_text="For example, 27 3 2026.")


class PositionForm(forms.Form):
    kind = forms.ChoiceField(
        choices=PositionKind.choices, widget=forms.RadioSelect, label="What it is", initial=PositionKind.POSITION
    )
    holder = LineField(
        max_length=NAME_LENGTH,
        label="Who said it, in which role",
        help_text="For example, “Ama Mensah, chief information officer”.",
    )
    text = LinesField(
        max_length=POSITION_LENGTH,
        label="What was said",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In their words where you can.",
    )
    stated_on = DateField(label="Day it was said", help_text="For example, 27 3 2026.")
    source = LineField(
        max_length=SOURCE_LENGTH, help_text="Where it can be read or who heard it, such as a minute or a news report."
    )
    request_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), OUT_OF_DATE)
    )


class LessonFilterForm(forms.Form):
    """What the list of lessons may be narrowed by."""

    delivery_model = forms.ChoiceField(
        choices=[("", "Any"), *DeliveryModel.choices], required=False, label="Delivery model of the programme"
    )
    q = forms.CharField(
        max_length=200,
        required=False,
        label="Words",
        help_text="Of the lesson or its programme, in any order.",
        widget=forms.TextInput({"type": "search"}),
    )

    @property
    def sought(self) -> dict[str, str]:
        """What is asked for; nothing in place of what cannot be."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
