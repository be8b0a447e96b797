from rest_framework import serializers

from programmes.reviews.enums import MilestoneState, ReviewState


class ReviewFilter(serializers.Serializer):
    """What a list of reviews may be narrowed by."""

    programme = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=ReviewState.choices, required=False)


class DatesIn(serializers.Serializer):
    """When a review runs: a start, and either a length in weeks or a closing day."""

    starts_on = serializers.DateField()
    weeks = serializers.IntegerField(required=False, min_value=1, max_value=100)
    closes_on = serializers.DateField(required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if "weeks" in attrs and "closes_on" in attrs:
            raise serializers.ValidationError("Give a length in weeks or a closing day, not both.")
        return attrs


class PlanQuery(DatesIn):
    guarantee_working_days = serializers.IntegerField(required=False, min_value=1, max_value=200)


class OpenReviewIn(DatesIn):
    programme = serializers.UUIDField()
    title = serializers.CharField(max_length=200)
    purpose = serializers.CharField(max_length=5000)


class CancelReviewIn(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class ReviewOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=ReviewState.choices)


class MilestoneOut(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    due_at = serializers.DateTimeField()
    due_reason = serializers.CharField()
    state = serializers.ChoiceField(choices=MilestoneState.choices)
    skip_reason = serializers.CharField()


class ReviewDetailOut(ReviewOut):
    purpose = serializers.CharField()
    cancel_reason = serializers.CharField()
    milestones = MilestoneOut(many=True)


class PlannedMilestoneOut(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    due_at = serializers.DateTimeField()
    reason = serializers.CharField()


class PlanOut(serializers.Serializer):
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    closes_reason = serializers.CharField()
    working_days = serializers.IntegerField()
    milestones = PlannedMilestoneOut(many=True)
    advice = serializers.ListField(child=serializers.CharField())
