from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from programmes.register.rules import LARGEST_VERSION, REASON_LENGTH
from programmes.scheduling.rules import MILESTONE_NAME_LENGTH

STATES = ["achieved", "late", "slipping", "on_track", "dropped"]


class ReasonField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=REASON_LENGTH, **options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class MilestoneNameField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MILESTONE_NAME_LENGTH, **options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class VersionField(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_VERSION, **options)


class DeliveryMilestoneOut(serializers.Serializer):
    """A milestone as it stands today. ``slip``: working days behind the day first agreed, negative when ahead."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    workstream = serializers.UUIDField(source="workstream_id", allow_null=True)
    name = serializers.CharField()
    is_critical = serializers.BooleanField()
    baseline_on = serializers.DateField()
    forecast_on = serializers.DateField()
    achieved_on = serializers.DateField(allow_null=True)
    drop_reason = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    slip = serializers.IntegerField()
    words = serializers.CharField()
    version = serializers.IntegerField()


class MilestoneIn(serializers.Serializer):
    """A milestone to add; of the programme as a whole without a workstream."""

    name = MilestoneNameField()
    workstream = serializers.UUIDField(allow_null=True, default=None)
    is_critical = serializers.BooleanField(default=False)
    baseline_on = serializers.DateField()
    request_key = serializers.UUIDField()


class MilestoneChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = VersionField()
    name = MilestoneNameField(required=False)
    workstream = serializers.UUIDField(allow_null=True, required=False)
    is_critical = serializers.BooleanField(required=False)


class ForecastIn(serializers.Serializer):
    version = VersionField()
    forecast_on = serializers.DateField()
    reason = ReasonField()


class AchieveIn(serializers.Serializer):
    achieved_on = serializers.DateField()


class TakeBackIn(serializers.Serializer):
    reason = ReasonField()


class DropIn(serializers.Serializer):
    version = VersionField()
    reason = ReasonField()


class MilestoneFilter(serializers.Serializer):
    """``workstream`` narrows the list to what is of one."""

    workstream = serializers.UUIDField(required=False)
