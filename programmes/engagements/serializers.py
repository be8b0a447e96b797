from rest_framework import serializers

from partners.people.serializers import LineField, LinesField
from programmes.engagements.enums import EngagementKind, EngagementState
from programmes.engagements.rules import HOLDER_LENGTH, REASON_LENGTH, TASK_LENGTH, WHO_LENGTH, WORDS_LENGTH
from programmes.register.rules import LARGEST_VERSION, SOURCE_LENGTH


class EngagementFilter(serializers.Serializer):
    """What the list may be narrowed by. ``on`` is the day that states are told of, today without one."""

    on = serializers.DateField(required=False)
    state = serializers.ChoiceField(choices=EngagementState.choices, required=False)
    kind = serializers.ChoiceField(choices=EngagementKind.choices, required=False)
    organisation = serializers.UUIDField(required=False)


class EngagementIn(serializers.Serializer):
    """Who works on the programme. Days inclusive; a repeat with the same ``request_key`` returns the first."""

    request_key = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EngagementKind.choices)
    who = LineField(max_length=WHO_LENGTH)
    organisation = serializers.UUIDField(required=False, allow_null=True, default=None)
    workstream = serializers.UUIDField(required=False, allow_null=True, default=None)
    task = LineField(max_length=TASK_LENGTH)
    starts_on = serializers.DateField()
    planned_end_on = serializers.DateField(required=False, allow_null=True, default=None)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True, default="")  # type: ignore[assignment]


class EngagementChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    kind = serializers.ChoiceField(choices=EngagementKind.choices, required=False)
    who = LineField(max_length=WHO_LENGTH, required=False)
    organisation = serializers.UUIDField(required=False, allow_null=True)
    workstream = serializers.UUIDField(required=False, allow_null=True)
    task = LineField(max_length=TASK_LENGTH, required=False)
    starts_on = serializers.DateField(required=False)
    planned_end_on = serializers.DateField(required=False, allow_null=True)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]


class EngagementOut(serializers.Serializer):
    """An engagement. ``ended_on`` is its last day as decided; before ``starts_on`` it was called off and never ran."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    kind = serializers.ChoiceField(choices=EngagementKind.choices)
    who = serializers.CharField()
    organisation = serializers.UUIDField(source="organisation_id", allow_null=True)
    organisation_name = serializers.CharField(source="organisation.name", default=None, allow_null=True)
    workstream = serializers.UUIDField(source="workstream_id", allow_null=True)
    workstream_name = serializers.CharField(source="workstream.name", default=None, allow_null=True)
    task = serializers.CharField()
    starts_on = serializers.DateField()
    planned_end_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    end_reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=EngagementState.choices)
    version = serializers.IntegerField()


class RollOffIn(serializers.Serializer):
    """The last day, inclusive, and why. It may lie ahead; before the first day it calls off what has not begun."""

    ended_on = serializers.DateField()
    reason = LineField(max_length=REASON_LENGTH)


class UndoRollOffIn(serializers.Serializer):
    reason = LineField(max_length=REASON_LENGTH)


class BidIn(serializers.Serializer):
    """Who was named as a bidder: a relationship of the programme's portfolio."""

    request_key = serializers.UUIDField()
    relationship = serializers.UUIDField()
    named_on = serializers.DateField()
    source = LineField(max_length=SOURCE_LENGTH)  # type: ignore[assignment]


class BidMemberOut(serializers.Serializer):
    organisation = serializers.UUIDField(source="organisation_id")
    name = serializers.CharField()
    role = serializers.CharField()


class BidOut(serializers.Serializer):
    """A bid, with its members as they were on the day it was named."""

    id = serializers.UUIDField()
    relationship = serializers.UUIDField(source="relationship_id")
    party = serializers.CharField()
    is_alone = serializers.BooleanField()
    named_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    members = BidMemberOut(many=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class AcknowledgementIn(serializers.Serializer):
    """What was said in recognition of work done. ``holder`` is the name and role of who said it."""

    request_key = serializers.UUIDField()
    holder = LineField(max_length=HOLDER_LENGTH)
    office = serializers.UUIDField(required=False, allow_null=True, default=None)
    words = LinesField(max_length=WORDS_LENGTH)
    given_on = serializers.DateField()
    engagement = serializers.UUIDField(required=False, allow_null=True, default=None)
    source = LineField(max_length=SOURCE_LENGTH)  # type: ignore[assignment]


class AcknowledgementOut(serializers.Serializer):
    id = serializers.UUIDField()
    holder = serializers.CharField()
    office = serializers.UUIDField(source="office_id", allow_null=True)
    office_title = serializers.CharField(source="office.title", default=None, allow_null=True)
    words = serializers.CharField()
    given_on = serializers.DateField()
    engagement = serializers.UUIDField(source="engagement_id", allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")
