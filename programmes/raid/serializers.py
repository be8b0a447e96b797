from typing import Any

from rest_framework import serializers

from partners.people.serializers import LineField, LinesField
from programmes.raid.enums import EntryState, Impact, Likelihood, Origin, RaidKind, RiskResponse
from programmes.raid.rules import COMMENT_LENGTH, DESCRIPTION_LENGTH, OUTCOME_LENGTH, TITLE_LENGTH
from programmes.register.rules import LARGEST_VERSION

LIKELIHOODS = "1 rare, 2 unlikely, 3 possible, 4 likely, 5 almost certain"
IMPACTS = "1 minor, 2 moderate, 3 serious, 4 major, 5 severe"


class StepField(serializers.IntegerField):
    """A step of a five-point scale, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=5, allow_null=True, required=False, **options)


class EntryFilter(serializers.Serializer):
    """What a register may be narrowed by."""

    kind = serializers.ChoiceField(choices=RaidKind.choices, required=False)
    state = serializers.ChoiceField(choices=EntryState.choices, required=False)
    owner = serializers.UUIDField(required=False)
    workstream = serializers.UUIDField(required=False)
    overdue = serializers.BooleanField(required=False, default=False)
    in_report = serializers.BooleanField(required=False, default=False)
    q = LineField(required=False, max_length=200)


class PartsIn(serializers.Serializer):
    """The parts of an entry. A risk has a likelihood and an impact, an issue an impact; an action an owner and a day."""

    description = LinesField(required=False, max_length=DESCRIPTION_LENGTH, allow_blank=True)
    owner = serializers.UUIDField(required=False, allow_null=True)
    workstream = serializers.UUIDField(required=False, allow_null=True)
    is_in_report = serializers.BooleanField(required=False)
    due_on = serializers.DateField(required=False, allow_null=True)
    likelihood = StepField(help_text=LIKELIHOODS)
    impact = StepField(help_text=IMPACTS)
    residual_likelihood = StepField(help_text=LIKELIHOODS)
    residual_impact = StepField(help_text=IMPACTS)
    response = serializers.ChoiceField(choices=RiskResponse.choices, required=False, allow_blank=True)


class EntryIn(PartsIn):
    """What is raised. ``parent`` is what an action treats; a repeat with the same ``request_key`` returns the first."""

    request_key = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RaidKind.choices)
    title = LineField(max_length=TITLE_LENGTH)
    parent = serializers.UUIDField(required=False, allow_null=True, default=None)  # type: ignore[assignment]


class EntryChangeIn(PartsIn):
    """What to change; what is left out stays. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    title = LineField(max_length=TITLE_LENGTH, required=False)


class TurnIn(PartsIn):
    """What an entry becomes; what is left out is said as before, as far as the new kind has it."""

    request_key = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    into = serializers.ChoiceField(choices=RaidKind.choices)
    title = LineField(max_length=TITLE_LENGTH, required=False)
    keeps_open = serializers.BooleanField(required=False, default=False)


class CloseIn(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    outcome = LineField(max_length=OUTCOME_LENGTH)


class ReopenIn(serializers.Serializer):
    reason = LineField(max_length=OUTCOME_LENGTH)


class EntryOut(serializers.Serializer):
    """An entry. ``score`` is likelihood times impact after treatment, of a risk; it is open while ``closed_at`` is null."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme.name")
    kind = serializers.ChoiceField(choices=RaidKind.choices)
    reference = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id", allow_null=True)
    owner_name = serializers.CharField(source="owner.name", default=None, allow_null=True)
    workstream = serializers.UUIDField(source="workstream_id", allow_null=True)
    workstream_name = serializers.CharField(source="workstream.name", default=None, allow_null=True)
    is_in_report = serializers.BooleanField()
    due_on = serializers.DateField(allow_null=True)
    likelihood = serializers.ChoiceField(choices=Likelihood.choices, allow_null=True)
    impact = serializers.ChoiceField(choices=Impact.choices, allow_null=True)
    residual_likelihood = serializers.ChoiceField(choices=Likelihood.choices, allow_null=True)
    residual_impact = serializers.ChoiceField(choices=Impact.choices, allow_null=True)
    score = serializers.IntegerField(source="residual_score.value", default=None, allow_null=True)
    response = serializers.CharField()
    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    turned_from = serializers.UUIDField(source="turned_from_id", allow_null=True)
    decision = serializers.UUIDField(source="decision_id", allow_null=True)
    origin = serializers.ChoiceField(choices=Origin.choices, allow_blank=True)
    origin_id = serializers.UUIDField(allow_null=True)
    raised_on = serializers.DateField()
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    version = serializers.IntegerField()


class CommentIn(serializers.Serializer):
    """What is said. Whoever is named in ``named``, or as @ and their name or address in the text, is told at once."""

    request_key = serializers.UUIDField()
    text = LinesField(max_length=COMMENT_LENGTH)
    named = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=50)


class RaidCommentOut(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    said_at = serializers.DateTimeField()
    said_by = serializers.CharField(source="said_by.name")
    named = serializers.SerializerMethodField()

    def get_named(self, comment: Any) -> list[str]:
        return [mention.user.name for mention in comment.mentions.all()]


class MentionFilter(serializers.Serializer):
    since = serializers.DateTimeField(help_text="Comments after this instant.")


class MentionOut(serializers.Serializer):
    """A comment in which somebody named you."""

    comment = serializers.UUIDField(source="comment_id")
    entry = serializers.UUIDField(source="entry.id")
    reference = serializers.CharField(source="entry.reference")
    title = serializers.CharField(source="entry.title")
    programme = serializers.UUIDField(source="entry.programme_id")
    programme_name = serializers.CharField(source="entry.programme.name")
    text = serializers.CharField()
    said_at = serializers.DateTimeField()
    said_by = serializers.CharField()


class DueFilter(serializers.Serializer):
    until = serializers.DateField(help_text="Actions due by this day, inclusive.")


class HeatCellOut(serializers.Serializer):
    """Open risks with one likelihood and one impact after treatment."""

    likelihood = serializers.ChoiceField(choices=Likelihood.choices)
    impact = serializers.ChoiceField(choices=Impact.choices)
    score = serializers.IntegerField()
    band = serializers.CharField()
    count = serializers.IntegerField()
