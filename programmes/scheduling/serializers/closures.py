from typing import Any

from rest_framework import serializers

from partners.people.serializers import LineField
from programmes.scheduling.serializers.stages import MovedDateOut


class ClosureOut(serializers.Serializer):
    """Days on which the organisation is shut; both days inclusive."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    version = serializers.IntegerField()


class ClosureIn(serializers.Serializer):
    """``expected``: the fingerprint of what you saw that it moves."""

    expected = serializers.CharField(max_length=64, default=None, allow_null=True)
    name = LineField(max_length=100)
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class ClosureChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read, ``expected`` the fingerprint of what you saw that it moves."""

    expected = serializers.CharField(max_length=64, default=None, allow_null=True)

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    name = LineField(max_length=100, required=False)
    first_on = serializers.DateField(required=False)
    last_on = serializers.DateField(required=False)


class ClosureEffectIn(serializers.Serializer):
    """A closure to add, or to put in place of another (``instead_of``); without days that one is taken out."""

    name = LineField(max_length=100, default="The closure")
    first_on = serializers.DateField(default=None, allow_null=True)
    last_on = serializers.DateField(default=None, allow_null=True)
    instead_of = serializers.UUIDField(default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["first_on"] is None) != (attrs["last_on"] is None):
            raise serializers.ValidationError({"last_on": ["Give both days, or none."]})
        if attrs["first_on"] is None and attrs["instead_of"] is None:
            raise serializers.ValidationError({"first_on": ["Give the days, or the closure that is taken out."]})
        return attrs


class ProgrammeMovesOut(serializers.Serializer):
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    moved = MovedDateOut(many=True)


class ClosureEffectOut(serializers.Serializer):
    fingerprint = serializers.CharField()
    programmes = ProgrammeMovesOut(many=True)
