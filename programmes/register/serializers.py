from typing import Any

from rest_framework import serializers

from partners.people.serializers import LineField, LinesField
from programmes.register.enums import DeliveryModel, PositionKind
from programmes.register.rules import (
    CONSTRAINT_LENGTH,
    LARGEST_VERSION,
    LESSON_LENGTH,
    NAME_LENGTH,
    POSITION_LENGTH,
    SOURCE_LENGTH,
    SUMMARY_LENGTH,
)

BY_DECISION = "Only a decision changes how a programme is delivered. Draft one, and leave this out."


class ProgrammeOut(serializers.Serializer):
    """A programme. ``owner`` is the id of the person who answers for it; ``ended_on`` the last day on which it ran."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    summary = serializers.CharField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    owner = serializers.UUIDField(source="owner_id", allow_null=True)
    owner_name = serializers.CharField(source="owner.name", default=None, allow_null=True)
    set_up_at = serializers.DateTimeField()
    ended_on = serializers.DateField(allow_null=True)
    end_reason = serializers.CharField()
    version = serializers.IntegerField()


class ProgrammeChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read. Only a decision changes how a programme is delivered."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    name = LineField(max_length=NAME_LENGTH, required=False)
    summary = LinesField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True)
    owner = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "delivery_model" in self.initial_data:
            raise serializers.ValidationError({"delivery_model": [BY_DECISION]})
        return attrs


class DeliveryModelOut(serializers.Serializer):
    """How a programme is delivered from a day on. ``decision`` is empty for the model that it was set up with."""

    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    from_on = serializers.DateField()
    decision = serializers.UUIDField(source="decision_id", allow_null=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")


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


class PositionIn(serializers.Serializer):
    """What somebody said. ``holder`` says who and in which role; repeat ``request_key`` to be sure of one."""

    kind = serializers.ChoiceField(choices=PositionKind.choices)
    holder = LineField(max_length=NAME_LENGTH)
    text = LinesField(max_length=POSITION_LENGTH)
    stated_on = serializers.DateField()
    source = LineField(max_length=SOURCE_LENGTH)  # type: ignore[assignment]
    request_key = serializers.UUIDField()


class PositionOut(serializers.Serializer):
    """A view that somebody stated, never a decision. It is shown, or was until ``withdrawn_at``."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    kind = serializers.ChoiceField(choices=PositionKind.choices)
    holder = serializers.CharField()
    text = serializers.CharField()
    stated_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class LessonFilter(serializers.Serializer):
    """What the list of lessons may be narrowed by; ``q`` are words that a lesson or its programme holds."""

    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
    q = serializers.CharField(max_length=200, required=False)
