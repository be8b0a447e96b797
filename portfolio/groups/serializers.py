from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import LINES, LINES_ONLY, ONE_LINE, ONE_LINE_ONLY
from programmes.register.enums import DeliveryModel
from programmes.register.rules import LARGEST_VERSION, NAME_LENGTH, SUMMARY_LENGTH
from programmes.scheduling.enums import StageState
from programmes.scheduling.queries import stage_kinds

LONGEST_SEARCH = 100


class NameField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class TextField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SUMMARY_LENGTH, allow_blank=True, **options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


class PortfolioIn(serializers.Serializer):
    name = NameField()
    description = TextField(default="")
    organisation = NameField(default="", allow_blank=True, help_text="Whose it is, if not your own organisation's.")
    record_until = serializers.DateField(
        default=None, allow_null=True, help_text="For a record of days past: it is shown as at this day."
    )


class PortfolioChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    name = NameField(required=False)
    description = TextField(required=False)
    organisation = NameField(required=False, allow_blank=True)
    record_until = serializers.DateField(required=False, allow_null=True)


class PortfolioOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    organisation = serializers.CharField()
    record_until = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class SetUpIn(serializers.Serializer):
    """A programme to be set up. ``owner`` and ``manager`` are ids of people; the default life cycle unless one is given."""

    name = NameField()
    summary = TextField(default="")
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    owner = serializers.UUIDField()
    manager = serializers.UUIDField()
    life_cycle = serializers.UUIDField(default=None, allow_null=True)


class ProgrammeRowOut(serializers.Serializer):
    """A programme in the list. ``stage`` is the first that is not finished, ``finished`` when all are.

    ``ended_on`` is the last day on which it ran, empty while it runs.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    summary = serializers.CharField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    stage = serializers.CharField()
    portfolio = serializers.UUIDField()
    portfolio_name = serializers.CharField()
    owner = serializers.UUIDField(allow_null=True)
    owner_name = serializers.CharField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class ProgrammeFilter(serializers.Serializer):
    """What the list of programmes may be narrowed by. ``q`` is a part of the name; those that ended on request only.

    ``stage`` is a key of a stage of any life cycle, or ``finished``.
    """

    portfolio = serializers.UUIDField(required=False)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
    stage = serializers.SlugField(required=False)
    q = serializers.CharField(max_length=LONGEST_SEARCH, required=False, allow_blank=True)
    ended = serializers.BooleanField(default=False)

    def validate_stage(self, value: str) -> str:
        if value != StageState.FINISHED and value not in stage_kinds():
            raise serializers.ValidationError("No life cycle has such a stage. Use the key of one, or finished.")
        return value
