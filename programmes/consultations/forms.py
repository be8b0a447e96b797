from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.people.forms import LineField, LinesField
from programmes.consultations.enums import WITH_OPTIONS, Ground, QuestionKind, Verdict
from programmes.consultations.models import Question
from programmes.consultations.queries import Audience, Choices, CommentRow
from programmes.consultations.rules import (
    HELP_LENGTH,
    INTRODUCTION_LENGTH,
    LONG_TEXT_LENGTH,
    OPTION_LENGTH,
    OPTION_LIMIT,
    QUESTION_LENGTH,
    REASON_LENGTH,
    REMOVED,
    SHORT_TEXT_LENGTH,
)
from programmes.register.rules import LARGEST_VERSION, NAME_LENGTH

OPTIONS_LENGTH = OPTION_LIMIT * (OPTION_LENGTH + 1) * 2
LEFT_OUT = ("", "Leave this question out")
ANSWER_NEEDED = "Answer this question, or choose “Save and come back later”"


class ConsultationForm(forms.Form):
    title = forms.CharField(max_length=NAME_LENGTH, help_text="What people are asked about, in their words.")
    introduction = LinesField(
        max_length=INTRODUCTION_LENGTH,
        help_text="Why you ask, what is not decided yet, how long it takes, and what happens with the answers.",
    )


class DraftConsultationForm(ConsultationForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class EditConsultationForm(ConsultationForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_VERSION)


class QuestionForm(forms.Form):
    text = forms.CharField(max_length=QUESTION_LENGTH, label="Question")
    help_text = forms.CharField(
        max_length=HELP_LENGTH, required=False, label="Help text (optional)", help_text="Shown below the question."
    )
    kind = forms.ChoiceField(choices=QuestionKind, widget=forms.RadioSelect, label="How it is answered")
    options = LinesField(
        max_length=OPTIONS_LENGTH,
        required=False,
        label="Options, one on each line",
        help_text="For “one of several”, “any of several” and “a scale” only; a scale from the least to the most.",
    )
    is_required = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No, it may be left out")],
        coerce=lambda choice: choice == "yes",
        initial="yes",
        widget=forms.RadioSelect,
        label="Must it be answered?",
    )

    is_shared = forms.TypedChoiceField(
        choices=[("no", "No, only those who run the programme read it"), ("yes", "Yes, without names")],
        coerce=lambda choice: choice == "yes",
        initial="no",
        widget=forms.RadioSelect,
        label="Is the answer shown to everybody asked?",
        help_text="For answers in words only. A moderator reads each one before it is shown.",
    )

    def clean_options(self) -> list[str]:
        return str(self.cleaned_data["options"]).split("\n")


class AddQuestionForm(QuestionForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ChangeQuestionForm(QuestionForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_VERSION)

    @staticmethod
    def values_of(question: Question) -> dict[str, object]:
        return {
            "text": question.text,
            "help_text": question.help_text,
            "kind": question.kind,
            "options": "\n".join(question.options),
            "is_required": "yes" if question.is_required else "no",
            "is_shared": "yes" if question.is_shared else "no",
        }


class MoveQuestionForm(forms.Form):
    position = forms.IntegerField()


class AudienceForm(forms.Form):
    """Whom to choose from comes as an argument."""

    units = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Units whose people are asked",
        help_text="People of the units below a chosen one are asked too.",
    )
    organisations = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Organisations whose contacts are asked",
    )
    consortia = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Consortia whose members are asked",
        help_text="The contacts of those that are members on the day of launch.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_VERSION)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ("units", "organisations", "consortia"):
            offered = [(str(each.id), each.name) for each in getattr(choices, kind)]
            self.fields[kind].choices = offered  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, list[UUID]]:
        """Ids by the names that the operation gives them."""
        entered = self.cleaned_data
        return {
            "unit_ids": [UUID(pk) for pk in entered["units"]],
            "organisation_ids": [UUID(pk) for pk in entered["organisations"]],
            "consortium_ids": [UUID(pk) for pk in entered["consortia"]],
        }

    @staticmethod
    def values_of(audience: Audience) -> dict[str, list[str]]:
        return {
            "units": [str(each.pk) for each in audience.units],
            "organisations": [str(each.pk) for each in audience.organisations],
            "consortia": [str(each.pk) for each in audience.consortia],
        }


class VerdictForm(forms.Form):
    """What others read of a comment."""

    verdict = forms.TypedChoiceField(
        choices=[
            (Verdict.SHOWN, "Show it as it is"),
            (Verdict.REDACTED, "Show a part of it"),
            (Verdict.WITHHELD, "Do not show it"),
        ],
        coerce=Verdict,
        widget=forms.RadioSelect,
        label="What do others read?",
    )
    shown_text = LinesField(
        max_length=LONG_TEXT_LENGTH,
        required=False,
        label="The part that is shown",
        help_text=f"Replace what is not to be shown by {REMOVED}, and leave the other words as they are.",
    )
    ground = forms.TypedChoiceField(
        choices=Ground, coerce=Ground, empty_value=None, required=False, widget=forms.RadioSelect
    )
    reason = LineField(
        max_length=REASON_LENGTH, required=False, help_text="One line. Moderators read it beside the verdict."
    )
    seen_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST_VERSION)

    @classmethod
    def of(cls, comment: CommentRow, *, original: str = "") -> "VerdictForm":
        """The form for a comment as it stands; ``original`` where it was opened."""
        return cls(initial={"shown_text": original or comment.text, "seen_number": comment.number})


class OpenSealedForm(forms.Form):
    why = LineField(max_length=REASON_LENGTH, label="Why do you need to read it?", help_text="It is kept on record.")


class SubmitForm(forms.Form):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class AnswerForm(forms.Form):
    """One question as one field, ``answer``. ``needs_answer`` is false where the person comes back later.

    A choice that may be left out can be taken back once it was made, as a radio button cannot be.
    """

    seen_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, question: Question, needs_answer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = _answer_field(question)
        field.label = question.text if question.is_required else f"{question.text} (optional)"
        field.help_text = question.help_text
        field.required = question.is_required and needs_answer
        self._is_required = question.is_required
        field.error_messages["required"] = ANSWER_NEEDED
        if not question.is_required and self.initial.get("answer") and isinstance(field.widget, forms.RadioSelect):
            field.choices = [*field.choices, LEFT_OUT]  # type: ignore[attr-defined]
        self.fields["answer"] = field

    def clean(self) -> dict[str, Any]:
        """Shown again, the question reads as it did, also where it need not be answered now."""
        self.fields["answer"].required = self._is_required
        return self.cleaned_data


def _answer_field(question: Question) -> forms.Field:
    options = [(option, option) for option in question.options]
    if question.kind == QuestionKind.MULTIPLE_CHOICE:
        return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple)
    if question.kind in WITH_OPTIONS:
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect)
    if question.kind == QuestionKind.LONG_TEXT:
        return LinesField(max_length=LONG_TEXT_LENGTH)
    return forms.CharField(max_length=SHORT_TEXT_LENGTH)
