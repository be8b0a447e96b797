from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY


class ClosureOut(serializers.Serializer):
    """Days on which the organisation is shut; both days inclusive."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    version = serializers.IntegerField()


class ClosureIn(serializers.Serializer):
    name = serializers.CharField(max_length=100, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)])
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class ClosureChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    name = serializers.CharField(max_length=100, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)], required=False)
    first_on = serializers.DateField(required=False)
    last_on = serializers.DateField(required=False)
