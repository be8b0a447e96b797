from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import LINES, LINES_ONLY, ONE_LINE, ONE_LINE_ONLY
from programmes.register.rules import LARGEST_VERSION
from programmes.scheduling.rules import (
    DESCRIPTION_LENGTH,
    KEY_LENGTH,
    LIFE_CYCLE_NAME_LENGTH,
    MOST_QUESTIONS,
    MOST_STAGES,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    STAGE_TITLE_LENGTH,
)


class OneLineField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class DescriptionField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=DESCRIPTION_LENGTH, allow_blank=True, **options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


class StageDefinitionOut(serializers.Serializer):
    """A stage of a version, and what the gate before it asks."""

    key = serializers.CharField()
    title = serializers.CharField()
    gate_title = serializers.CharField()
    checklist = serializers.ListField(child=serializers.CharField())


class StageDefinitionIn(serializers.Serializer):
    """A stage; ``key`` is that of the version before where it goes on from there, empty for a new one."""

    key = serializers.SlugField(max_length=KEY_LENGTH, default="", allow_blank=True)
    title = OneLineField(max_length=STAGE_TITLE_LENGTH)
    gate_title = OneLineField(max_length=STAGE_TITLE_LENGTH)
    checklist = serializers.ListField(
        child=OneLineField(max_length=QUESTION_LENGTH), max_length=MOST_QUESTIONS, default=list
    )


class LifeCycleRowOut(serializers.Serializer):
    """A life cycle; ``newest`` is the number of its newest version, ``followed_by`` how many programmes follow it."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    is_default = serializers.BooleanField()
    is_offered = serializers.BooleanField()
    newest = serializers.IntegerField()
    followed_by = serializers.IntegerField()
    version = serializers.IntegerField()


class LifeCycleVersionOut(serializers.Serializer):
    """A version as it was published."""

    number = serializers.IntegerField(source="version.number")
    note = serializers.CharField(source="version.note")
    published_at = serializers.DateTimeField(source="version.published_at")
    stages = StageDefinitionOut(many=True)
    followed_by = serializers.IntegerField()


class LifeCycleOut(serializers.Serializer):
    """A life cycle with its versions, the newest first."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    is_default = serializers.BooleanField()
    is_offered = serializers.BooleanField()
    version = serializers.IntegerField()
    versions = LifeCycleVersionOut(many=True)


class LifeCycleIn(serializers.Serializer):
    name = OneLineField(max_length=LIFE_CYCLE_NAME_LENGTH)
    description = DescriptionField(default="")
    stages = serializers.ListField(child=StageDefinitionIn(), min_length=1, max_length=MOST_STAGES)
    request_key = serializers.UUIDField()


class LifeCycleChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    name = OneLineField(max_length=LIFE_CYCLE_NAME_LENGTH, required=False)
    description = DescriptionField(required=False)


class PublishIn(serializers.Serializer):
    """``based_on`` is the number of the newest version that you read."""

    based_on = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    note = OneLineField(max_length=NOTE_LENGTH)
    stages = serializers.ListField(child=StageDefinitionIn(), min_length=1, max_length=MOST_STAGES)


class OfferIn(serializers.Serializer):
    """Whether new programmes may choose it."""

    is_offered = serializers.BooleanField()


class ChooseLifeCycleIn(serializers.Serializer):
    life_cycle = serializers.UUIDField()
