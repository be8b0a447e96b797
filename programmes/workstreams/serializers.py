from rest_framework import serializers

from partners.people.serializers import InstantField, LineField, LinesField
from programmes.register.rules import LARGEST_VERSION
from programmes.workstreams.enums import Ask, DeliveryConfidence, ExceptionKind, Frequency, Rating, Scale, Weekday
from programmes.workstreams.rules import (
    ASSURANCE_LENGTH,
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
    Overall,
    Source,
    Standing,
)

LONGEST_SEARCH = 100
OVERALLS = [(overall.value, overall.label) for overall in Overall]
SOURCES = [(source.value, source.label) for source in Source]
STANDINGS = [(standing.value, standing.label) for standing in Standing]


class WorkstreamFilter(serializers.Serializer):
    """What the list may be narrowed by. ``rating`` finds those that have reported it and are not silent since;
    ``closed`` is false unless you ask, and empty for both."""

    programme = serializers.UUIDField(required=False)
    lead = serializers.UUIDField(required=False)
    rating = serializers.ChoiceField(choices=Rating.choices, required=False)
    silent = serializers.BooleanField(required=False, allow_null=True, default=None)
    closed = serializers.BooleanField(required=False, allow_null=True, default=False)
    q = serializers.CharField(max_length=LONGEST_SEARCH, required=False, allow_blank=True)


class WorkstreamOut(serializers.Serializer):
    """A workstream in a list. ``rating`` is empty unless it has reported; ``last_rating`` may be old."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    programme = serializers.UUIDField()
    programme_name = serializers.CharField()
    lead = serializers.UUIDField(allow_null=True)
    lead_name = serializers.CharField(allow_null=True)
    reviewer = serializers.UUIDField(allow_null=True)
    reviewer_name = serializers.CharField(allow_null=True)
    standing = serializers.ChoiceField(choices=STANDINGS)
    rating = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    last_rating = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    last_reported_at = InstantField(allow_null=True)
    ask_kind = serializers.ChoiceField(choices=Ask.choices, allow_null=True)
    closed_at = InstantField(allow_null=True)
    version = serializers.IntegerField()


class UpdateOut(serializers.Serializer):
    """A published status. ``said_at`` is when it was first reported, which a correction keeps."""

    id = serializers.UUIDField()
    workstream = serializers.UUIDField(source="workstream_id")
    rating = serializers.ChoiceField(choices=Rating.choices)
    changed = serializers.CharField()
    ask_kind = serializers.ChoiceField(choices=Ask.choices)
    ask = serializers.CharField()
    said_at = InstantField()
    reported_at = InstantField()
    reported_by = serializers.UUIDField(source="reported_by_id")
    reported_by_name = serializers.CharField(source="reported_by.name")
    supersedes = serializers.UUIDField(source="supersedes_id", allow_null=True)
    superseded_by = serializers.UUIDField(source="superseded_by.pk", default=None, allow_null=True)
    correction_reason = serializers.CharField()


class WorkstreamDetailOut(serializers.Serializer):
    """One workstream with the update that stands, unless its rating is withheld from you."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme.name")
    lead = serializers.UUIDField(source="lead_id", allow_null=True)
    lead_name = serializers.CharField(source="lead.name", default=None, allow_null=True)
    reviewer = serializers.UUIDField(source="reviewer_id", allow_null=True)
    reviewer_name = serializers.CharField(source="reviewer.name", default=None, allow_null=True)
    standing = serializers.ChoiceField(choices=STANDINGS)
    started_at = InstantField()
    closed_at = InstantField(allow_null=True)
    close_reason = serializers.CharField()
    reopened_at = InstantField(allow_null=True)
    current_update = UpdateOut(allow_null=True)
    version = serializers.IntegerField()


class WorkstreamIn(serializers.Serializer):
    """``lead`` is the id of a person, who becomes workstream lead of the programme; ``reviewer`` of another one."""

    programme = serializers.UUIDField()
    name = LineField(max_length=NAME_LENGTH)
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True, default="")
    lead = serializers.UUIDField(required=False, allow_null=True, default=None)
    reviewer = serializers.UUIDField(required=False, allow_null=True, default=None)


class WorkstreamChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    name = LineField(max_length=NAME_LENGTH, required=False)
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True)
    lead = serializers.UUIDField(required=False, allow_null=True)
    reviewer = serializers.UUIDField(required=False, allow_null=True)


class WorkstreamReasonIn(serializers.Serializer):
    reason = LineField(max_length=REASON_LENGTH)


class ReportingIn(serializers.Serializer):
    """``weekday`` counts from 0 for Monday. ``version`` is the one you read. ``first_on`` lies in a week in which a
    fortnightly report is due."""

    version = serializers.IntegerField(min_value=0, max_value=LARGEST_VERSION)
    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.ChoiceField(choices=Weekday.choices)
    first_on = serializers.DateField(required=False, allow_null=True, default=None)


class ReportingOut(serializers.Serializer):
    """When reports are due. ``last_on`` and ``next_on`` are the reporting days about now. The version is 0 where a
    portfolio has chosen nothing of its own."""

    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.ChoiceField(choices=Weekday.choices)
    first_on = serializers.DateField(allow_null=True)
    words = serializers.CharField()
    last_on = serializers.DateField()
    next_on = serializers.DateField()
    version = serializers.IntegerField()


class ExceptionIn(serializers.Serializer):
    """From one reporting day to another, both inclusive. ``request_key`` is your own UUID of it."""

    kind = serializers.ChoiceField(choices=ExceptionKind.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    reason = LineField(max_length=REASON_LENGTH)
    request_key = serializers.UUIDField()


class ReportingExceptionOut(serializers.Serializer):
    """For which reporting days a workstream owes no report, or its rating is kept back."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ExceptionKind.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    reason = serializers.CharField()
    recorded_at = InstantField()
    recorded_by_name = serializers.CharField(source="recorded_by.name")
    ended_at = InstantField(allow_null=True)


class LinkIn(serializers.Serializer):
    """``provider`` is the id of the workstream that is needed. ``request_key`` is your own UUID of it."""

    provider = serializers.UUIDField()
    what = LineField(max_length=NAME_LENGTH)
    request_key = serializers.UUIDField()


class LinkOut(serializers.Serializer):
    """The workstream at the other end of a link, with what it shows."""

    id = serializers.UUIDField(source="link_id")
    what = serializers.CharField()
    workstream = serializers.UUIDField(source="workstream.pk")
    workstream_name = serializers.CharField(source="workstream.name")
    programme = serializers.UUIDField(source="workstream.programme_id")
    shown = serializers.CharField(source="workstream.shown")


class LinksOut(serializers.Serializer):
    """What a workstream needs and who needs it; ``unseen`` counts links to what you may not see."""

    providers = LinkOut(many=True)
    dependants = LinkOut(many=True)
    unseen = serializers.IntegerField()


class AssuranceIn(serializers.Serializer):
    """What somebody independent of a programme thinks of it. ``request_key`` is your own UUID of it."""

    scale = serializers.ChoiceField(choices=Scale.choices)
    rating = serializers.ChoiceField(choices=DeliveryConfidence.choices)
    words = LinesField(max_length=ASSURANCE_LENGTH)
    assured_by = LineField(max_length=NAME_LENGTH)
    assured_on = serializers.DateField()
    expires_on = serializers.DateField()
    request_key = serializers.UUIDField()


class AssuranceOut(serializers.Serializer):
    """An independent rating; it counts from ``assured_on`` to ``expires_on`` unless it is withdrawn."""

    id = serializers.UUIDField()
    scale = serializers.ChoiceField(choices=Scale.choices)
    rating = serializers.ChoiceField(choices=DeliveryConfidence.choices)
    words = serializers.CharField()
    assured_by = serializers.CharField()
    assured_on = serializers.DateField()
    expires_on = serializers.DateField()
    recorded_at = InstantField()
    recorded_by_name = serializers.CharField(source="recorded_by.name")
    withdrawn_at = InstantField(allow_null=True)
    withdraw_reason = serializers.CharField()


class OverrideIn(serializers.Serializer):
    """What to show in place of a programme's own rating. ``request_key`` is your own UUID of it."""

    rating = serializers.ChoiceField(choices=Rating.choices)
    reason = LineField(max_length=REASON_LENGTH)
    request_key = serializers.UUIDField()


class OverrideOut(serializers.Serializer):
    """What the portfolio's office shows for a programme until the end of ``period_on``."""

    id = serializers.UUIDField()
    rating = serializers.ChoiceField(choices=Rating.choices)
    reason = serializers.CharField()
    period_on = serializers.DateField()
    recorded_at = InstantField()
    recorded_by_name = serializers.CharField(source="recorded_by.name")
    withdrawn_at = InstantField(allow_null=True)


class StandsOut(serializers.Serializer):
    """What stands for a programme (``overall``), whose rating that is, and what its own reports add up to."""

    overall = serializers.ChoiceField(choices=OVERALLS)
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]
    own = serializers.ChoiceField(choices=OVERALLS)
    coverage = serializers.CharField()
    is_diverging = serializers.BooleanField()
