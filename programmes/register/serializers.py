from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import LINES, LINES_ONLY, ONE_LINE, ONE_LINE_ONLY
from programmes.register.enums import DeliveryModel
from programmes.register.rules import (
    CONSTRAINT_LENGTH,
    LARGEST_VERSION,
    LESSON_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
    SOURCE_LENGTH,
    SUMMARY_LENGTH,
)


class LineField(serializers.CharField):
    """One line without control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class LinesField(serializers.CharField):
    """Several lines without control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


class ProgrammeOut(serializers.Serializer):
    """A programme. ``owner`` is the id of the person who answers for it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    summary = serializers.CharField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    owner = serializers.UUIDField(source="owner_id", allow_null=True)
    owner_name = serializers.CharField(source="owner.name", default=None, allow_null=True)
    set_up_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class ProgrammeChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read; ``reason`` is needed when the delivery model changes."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    name = LineField(max_length=NAME_LENGTH, required=False)
    summary = LinesField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
    owner = serializers.UUIDField(required=False)
    reason = LineField(max_length=REASON_LENGTH, required=False, allow_blank=True)


class ConstraintIn(serializers.Serializer):
    text = LinesField(max_length=CONSTRAINT_LENGTH)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]


class ConstraintOut(serializers.Serializer):
    """A constraint that holds, or held until ``withdrawn_at``."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class LessonIn(serializers.Serializer):
    title = LineField(max_length=NAME_LENGTH)
    text = LinesField(max_length=LESSON_LENGTH)
    learned_on = serializers.DateField()


class LessonOut(serializers.Serializer):
    """A lesson that is shown, or was until ``withdrawn_at``."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    title = serializers.CharField()
    text = serializers.CharField()
    learned_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class LessonFilter(serializers.Serializer):
    """What the list of lessons may be narrowed by."""

    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
