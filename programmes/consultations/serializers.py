from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from programmes.consultations.enums import ConsultationState, Ground, QuestionKind, TaskState, Verdict
from programmes.consultations.rules import (
    HELP_LENGTH,
    INTRODUCTION_LENGTH,
    LONG_TEXT_LENGTH,
    OPTION_LENGTH,
    OPTION_LIMIT,
    QUESTION_LENGTH,
    QUESTION_LIMIT,
    REASON_LENGTH,
)
from programmes.register.rules import LARGEST_VERSION, NAME_LENGTH

ANSWER_SCHEMA = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


@extend_schema_field(ANSWER_SCHEMA)
class AnswerField(serializers.Field):
    """Text, an option, or a list of options where several may be chosen; empty takes the answer back."""

    def to_internal_value(self, data: Any) -> str | list[str]:
        if isinstance(data, str):
            return data
        if isinstance(data, list) and all(isinstance(option, str) for option in data):
            return data
        raise serializers.ValidationError("Send text, or a list of options where several may be chosen.")

    def to_representation(self, value: str | list[str]) -> str | list[str]:
        return value


class DraftConsultationIn(serializers.Serializer):
    title = serializers.CharField(max_length=NAME_LENGTH)
    introduction = serializers.CharField(max_length=INTRODUCTION_LENGTH)


class EditConsultationIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    title = serializers.CharField(max_length=NAME_LENGTH, required=False)
    introduction = serializers.CharField(max_length=INTRODUCTION_LENGTH, required=False)


class QuestionIn(serializers.Serializer):
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    text = serializers.CharField(max_length=QUESTION_LENGTH)
    help_text = serializers.CharField(max_length=HELP_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]
    is_required = serializers.BooleanField(required=False)
    is_shared = serializers.BooleanField(required=False)
    options = serializers.ListField(
        child=serializers.CharField(max_length=OPTION_LENGTH), max_length=OPTION_LIMIT, required=False
    )


class ChangeQuestionIn(QuestionIn):
    """The whole question as it is to be; ``version`` is the consultation's."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class MoveQuestionIn(serializers.Serializer):
    position = serializers.IntegerField(min_value=1, max_value=QUESTION_LIMIT)


class AudienceIn(serializers.Serializer):
    """Everybody who is to be asked; a kind that is left out asks nobody. ``version`` is the consultation's."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    units = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)
    organisations = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)
    consortia = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)


class QuestionOut(serializers.Serializer):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    text = serializers.CharField()
    help_text = serializers.CharField()  # type: ignore[assignment]
    is_required = serializers.BooleanField()
    is_shared = serializers.BooleanField()
    options = serializers.ListField(child=serializers.CharField())


class ChosenOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ConsultationOut(serializers.Serializer):
    """A consultation with its questions; ``missing`` says what stands against a launch, ``advice`` what does not.

    ``audience`` are the units whose people are asked. ``partners`` of the ``people`` are contacts of organisations.
    """

    id = serializers.UUIDField()
    review = serializers.UUIDField()
    title = serializers.CharField()
    introduction = serializers.CharField()
    state = serializers.ChoiceField(choices=ConsultationState.choices)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    launched_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    questions = QuestionOut(many=True)
    audience = ChosenOut(many=True)
    organisations = ChosenOut(many=True)
    consortia = ChosenOut(many=True)
    people = serializers.IntegerField()
    partners = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    advice = serializers.ListField(child=serializers.CharField())


class ConsultationRowOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ConsultationState.choices)
    launched_at = serializers.DateTimeField(allow_null=True)


class UnitProgressOut(serializers.Serializer):
    name = serializers.CharField()
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()


class ProgressOut(serializers.Serializer):
    """How many have answered; no unit or organisation of fewer than ten people stands alone."""

    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    units = UnitProgressOut(many=True)


class TaskOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    review_title = serializers.CharField()
    programme_name = serializers.CharField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    consultation_state = serializers.ChoiceField(choices=ConsultationState.choices)
    has_unsent_answers = serializers.BooleanField()
    receipt_code = serializers.CharField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class TaskAnswerOut(serializers.Serializer):
    """A question with the answer that stands now, empty where there is none."""

    question = QuestionOut()
    value = AnswerField()
    is_unsent = serializers.BooleanField()


class TaskDetailOut(TaskOut):
    """``number_sent`` is how many times answers were submitted; send it along as ``seen_number``."""

    introduction = serializers.CharField()
    number_sent = serializers.IntegerField()
    answers = TaskAnswerOut(many=True)


class SaveAnswerIn(serializers.Serializer):
    value = AnswerField()
    seen_number = serializers.IntegerField(min_value=0, max_value=LARGEST_VERSION, required=False)


class SavedAnswerOut(serializers.Serializer):
    """``sent_meanwhile`` where answers were submitted after you had read the task: submit again to make this one count."""

    value = AnswerField()
    sent_meanwhile = serializers.BooleanField()


class ResponseAnswerOut(serializers.Serializer):
    question = serializers.UUIDField(source="question_id")
    value = AnswerField()


class ResponseOut(serializers.Serializer):
    """A submission of your own. The one with the highest number counts."""

    number = serializers.IntegerField()
    receipt_code = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    answers = ResponseAnswerOut(many=True)


class AnswerLinkOut(serializers.Serializer):
    """A contact's link to answer, never its secret. ``revoked_at`` is empty while it works."""

    id = serializers.UUIDField()
    person = serializers.UUIDField(source="task.person_id")
    name = serializers.CharField(source="task.person.name")
    organisation = serializers.CharField(source="task.unit_name")
    made_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class CommentOut(serializers.Serializer):
    """What may be read of an answer to a shared question: no name, no unit, no time."""

    question = serializers.UUIDField(source="answer.question_id")
    text = serializers.CharField(source="shown_text")


class QueueOut(serializers.Serializer):
    """How many comments of a consultation wait for a moderator, and how many are done."""

    consultation = serializers.UUIDField(source="consultation.pk")
    title = serializers.CharField(source="consultation.title")
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()


class QueueFilter(serializers.Serializer):
    show = serializers.ChoiceField(choices=[("waiting", "Waiting"), ("done", "Done")], required=False)


class CommentToModerateOut(serializers.Serializer):
    """``text`` is what may be read: the original until it is sealed, then what others are shown of it.

    ``number`` counts the verdicts so far; send it along as ``seen_number``.
    """

    id = serializers.IntegerField()
    question = serializers.CharField()
    text = serializers.CharField()
    is_sealed = serializers.BooleanField()
    number = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    ground = serializers.ChoiceField(choices=Ground.choices, allow_null=True)


class VerdictOut(serializers.Serializer):
    number = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    ground = serializers.CharField()
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    by = serializers.CharField(source="recorded_by.name")


class CommentDetailOut(CommentToModerateOut):
    """A comment with every verdict on it, the latest first."""

    verdicts = VerdictOut(many=True)


class VerdictIn(serializers.Serializer):
    """``ground`` and ``reason`` are needed unless all is shown; ``shown_text`` is the part that is, where it is one."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    ground = serializers.ChoiceField(choices=Ground.choices, required=False)
    reason = serializers.CharField(max_length=REASON_LENGTH, required=False, allow_blank=True)
    shown_text = serializers.CharField(max_length=LONG_TEXT_LENGTH, required=False, allow_blank=True)
    seen_number = serializers.IntegerField(min_value=0, max_value=LARGEST_VERSION)


class OpenSealedIn(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LENGTH)


class OriginalOut(serializers.Serializer):
    """The words of a sealed comment. That you read them, and why, is on record."""

    text = serializers.CharField()
