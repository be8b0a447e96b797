from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import LINES, LINES_ONLY, ONE_LINE, ONE_LINE_ONLY
from programmes.register.rules import LARGEST_VERSION
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.rules.gates import (
    ADDRESS_LENGTH,
    CANCEL_LENGTH,
    NOTE_LENGTH,
    RECOMMENDATION_LENGTH,
    REVIEWERS_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
)
from programmes.workstreams.enums import DeliveryConfidence

ANSWERS = [(value, label) for value, label in CheckAnswer.choices if value]


def line(length: int, *, optional: bool = False) -> serializers.CharField:
    """One line without control characters."""
    validators = [RegexValidator(ONE_LINE, ONE_LINE_ONLY)]
    if optional:
        return serializers.CharField(
            max_length=length, validators=validators, required=False, allow_blank=True, default=""
        )
    return serializers.CharField(max_length=length, validators=validators)


def version() -> serializers.IntegerField:
    """The version of the review that was read."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class GateReviewIn(serializers.Serializer):
    """A review of the gate before a stage. A repeat with the same ``request_key`` returns the first."""

    stage = serializers.UUIDField()
    reviewers = line(REVIEWERS_LENGTH)
    planned_on = serializers.DateField()
    request_key = serializers.UUIDField()


class GateReviewChangeIn(serializers.Serializer):
    version = version()
    reviewers = line(REVIEWERS_LENGTH)
    planned_on = serializers.DateField()


class CheckIn(serializers.Serializer):
    """What was found on one line; every answer but "met" needs a note."""

    version = version()
    answer = serializers.ChoiceField(choices=ANSWERS)
    note = line(NOTE_LENGTH, optional=True)


class AddressIn(serializers.Serializer):
    """Evidence that is kept elsewhere."""

    title = line(TITLE_LENGTH)
    address = serializers.URLField(max_length=ADDRESS_LENGTH)
    request_key = serializers.UUIDField()


class DocumentIn(serializers.Serializer):
    """A file; what it is is told by its bytes."""

    title = line(TITLE_LENGTH)
    file = serializers.FileField(max_length=500)
    request_key = serializers.UUIDField()


class RecommendationIn(serializers.Serializer):
    """What is recommended, to somebody who may see the programme, by a day."""

    text = line(RECOMMENDATION_LENGTH)
    owner = serializers.UUIDField(source="owner_id")
    due_on = serializers.DateField()
    request_key = serializers.UUIDField()


class CompleteIn(serializers.Serializer):
    """``follow_up_on``, a working day, for a red or an amber/red rating and for no other."""

    version = version()
    rating = serializers.ChoiceField(choices=DeliveryConfidence.choices)
    summary = serializers.CharField(max_length=SUMMARY_LENGTH, validators=[RegexValidator(LINES, LINES_ONLY)])
    follow_up_on = serializers.DateField(required=False, allow_null=True, default=None)


class GateReviewCancelIn(serializers.Serializer):
    """Why the review will not be completed."""

    version = version()
    reason = line(CANCEL_LENGTH)


class ReadinessOut(serializers.Serializer):
    """How far the gate before a stage is prepared."""

    stage = serializers.UUIDField()
    words = serializers.CharField()
    met = serializers.IntegerField()
    asked = serializers.IntegerField()
    rating = serializers.ChoiceField(choices=DeliveryConfidence.choices, allow_blank=True)
    evidence = serializers.IntegerField()
    open_recommendations = serializers.IntegerField()
    review = serializers.UUIDField(source="review_id", allow_null=True)


class GateReviewOut(serializers.Serializer):
    """A gate review; ``rating`` is empty unless it is completed."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="stage.programme_id")
    stage = serializers.UUIDField(source="stage_id")
    gate = serializers.CharField(source="stage.definition.gate_title")
    number = serializers.IntegerField()
    reviewers = serializers.CharField()
    planned_on = serializers.DateField()
    rating = serializers.ChoiceField(choices=DeliveryConfidence.choices, allow_blank=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField()
    version = serializers.IntegerField()


class CheckOut(serializers.Serializer):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    question = serializers.CharField()
    answer = serializers.ChoiceField(choices=CheckAnswer.choices, allow_blank=True)
    note = serializers.CharField()


class EvidenceOut(serializers.Serializer):
    """A document with its name, or an address; ``sha256`` of the bytes, or of the address."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    file_name = serializers.CharField(source="document.name", default="")
    media_type = serializers.CharField(source="document.media_type", default="")
    size = serializers.IntegerField(source="document.size", default=None, allow_null=True)
    address = serializers.CharField()
    sha256 = serializers.CharField()
    added_at = serializers.DateTimeField()


class RecommendationOut(serializers.Serializer):
    """``action`` is the action that it became when the review was completed."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id")
    owner_name = serializers.CharField(source="owner.name")
    due_on = serializers.DateField()
    action = serializers.UUIDField(source="action.pk", default=None, allow_null=True)


class GateReviewMoreOut(serializers.Serializer):
    """What a review holds. ``is_unchanged``: whether a completed one still holds what it held then, computed anew."""

    summary = serializers.CharField(source="review.summary")
    completed_by_name = serializers.CharField(source="review.completed_by.name", default=None, allow_null=True)
    fingerprint = serializers.CharField(source="review.fingerprint")
    is_unchanged = serializers.BooleanField(allow_null=True)
    checks = CheckOut(many=True)
    evidence = EvidenceOut(many=True)
    recommendations = RecommendationOut(many=True)
    follow_up = serializers.UUIDField(allow_null=True)


class GateReviewDetailOut(GateReviewOut, GateReviewMoreOut):
    """A gate review with what it holds; ``follow_up`` is the action that follows a poor rating."""
