from rest_framework import serializers

from partners.people.serializers import LineField, LinesField
from programmes.decisions.enums import Ambition, DecisionState, NeedLevel, PartnerFate, WorkFate
from programmes.decisions.rules import (
    CONDITION_LENGTH,
    DESCRIPTION_LENGTH,
    MOST_CONDITIONS,
    MOST_OPTIONS,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    RATIONALE_LENGTH,
    REASON_LENGTH,
    REJECTED_LENGTH,
    SOURCE_LENGTH,
    TITLE_LENGTH,
    WAIVER_LENGTH,
)
from programmes.register.enums import DeliveryModel
from programmes.register.rules import LARGEST_VERSION
from programmes.reviews.rules import DEFAULT_REVIEW_LIMIT_WEEKS, PURPOSE_LENGTH
from programmes.scheduling.enums import GateResult

MOST_NEEDS, MOST_THINGS = 200, 1000


def version() -> serializers.IntegerField:
    """The version that was read."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class DecisionFilter(serializers.Serializer):
    """What the list may be narrowed by; both days inclusive."""

    state = serializers.ChoiceField(choices=DecisionState.choices, required=False)
    programme = serializers.UUIDField(required=False)
    scope = serializers.UUIDField(required=False, help_text="The scope of a portfolio.")
    office = serializers.UUIDField(required=False)
    taken_from = serializers.DateField(required=False)
    taken_to = serializers.DateField(required=False)


class ReviewDraftIn(serializers.Serializer):
    """A review that the decision opens, planned by the rules of reviews."""

    title = LineField(max_length=TITLE_LENGTH)
    purpose = LinesField(max_length=PURPOSE_LENGTH)
    starts_on = serializers.DateField()
    weeks = serializers.IntegerField(min_value=1, max_value=DEFAULT_REVIEW_LIMIT_WEEKS)


class ConditionIn(serializers.Serializer):
    """A condition of passing the gate: who meets it, and by which day."""

    text = LineField(max_length=CONDITION_LENGTH)
    owner = serializers.UUIDField(source="owner_id")
    due_on = serializers.DateField()


class DecisionChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read; null or an empty text takes an effect out."""

    version = version()
    title = LineField(max_length=TITLE_LENGTH, required=False)
    question = LinesField(max_length=QUESTION_LENGTH, required=False)
    office = serializers.UUIDField(required=False)
    rationale = LinesField(max_length=RATIONALE_LENGTH, required=False, allow_blank=True)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]
    ends_programme = serializers.BooleanField(required=False)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False, allow_blank=True)
    gate = serializers.UUIDField(required=False, allow_null=True, help_text="The stage whose gate it is.")
    gate_result = serializers.ChoiceField(choices=GateResult.choices, required=False, allow_blank=True)
    gate_conditions = serializers.ListField(
        child=ConditionIn(),
        required=False,
        max_length=MOST_CONDITIONS,
        help_text="All of them, in place of those before.",
    )
    gate_waiver_reason = LineField(max_length=WAIVER_LENGTH, required=False, allow_blank=True)
    supersedes = serializers.UUIDField(required=False, allow_null=True)
    review = ReviewDraftIn(required=False, allow_null=True)


class DecisionIn(DecisionChangeIn):
    """A draft. A repeat with the same ``request_key`` returns the first.

    ``issue`` is the open issue of the programme's register that is taken to it; it is closed unless it is kept open.
    """

    version = None  # type: ignore[assignment]
    request_key = serializers.UUIDField()
    programme = serializers.UUIDField()
    issue = serializers.UUIDField(required=False, allow_null=True, default=None)
    keeps_issue_open = serializers.BooleanField(required=False, default=False)
    title = LineField(max_length=TITLE_LENGTH)
    question = LinesField(max_length=QUESTION_LENGTH)
    office = serializers.UUIDField()


class NeedIn(serializers.Serializer):
    capability = serializers.UUIDField()
    level = serializers.ChoiceField(choices=NeedLevel.choices, help_text="1 is light, 2 is heavy.")
    note = LineField(max_length=NOTE_LENGTH, required=False, allow_blank=True, default="")


class OptionIn(serializers.Serializer):
    """One way to decide. ``ambition``: 1 is less than first planned, 2 as first planned, 3 more."""

    title = LineField(max_length=TITLE_LENGTH)
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True, default="")
    ambition = serializers.ChoiceField(choices=Ambition.choices)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    needs = serializers.ListField(child=NeedIn(), required=False, default=list, max_length=MOST_NEEDS)


class OptionAddIn(OptionIn):
    request_key = serializers.UUIDField()


class OptionChangeIn(OptionIn):
    """The whole option anew. ``version`` is the decision's."""

    version = version()


class VersionIn(serializers.Serializer):
    """``version`` is the decision's, as you read it."""

    version = version()


class RejectedIn(serializers.Serializer):
    option = serializers.UUIDField()
    because = LineField(max_length=REJECTED_LENGTH)


class ChoiceIn(VersionIn):
    """Which option is proposed, null for none yet, and why not the others."""

    option = serializers.UUIDField(allow_null=True)
    rejected = serializers.ListField(child=RejectedIn(), required=False, default=list, max_length=MOST_OPTIONS)


class WorkDispositionIn(serializers.Serializer):
    """``move_to`` is the programme that it moves to, where it moves."""

    id = serializers.UUIDField()
    fate = serializers.ChoiceField(choices=WorkFate.choices)
    move_to = serializers.UUIDField(required=False, allow_null=True, default=None, source="move_to_id")
    note = LineField(max_length=NOTE_LENGTH, required=False, allow_blank=True, default="")


class LastDayIn(serializers.Serializer):
    id = serializers.UUIDField()
    ends_on = serializers.DateField()
    note = LineField(max_length=NOTE_LENGTH, required=False, allow_blank=True, default="")


class PartnerDispositionIn(serializers.Serializer):
    """An ``owner`` and the last day of it where the relationship stays available."""

    id = serializers.UUIDField()
    fate = serializers.ChoiceField(choices=PartnerFate.choices)
    owner = serializers.UUIDField(required=False, allow_null=True, default=None, source="owner_id")
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = LineField(max_length=NOTE_LENGTH, required=False, allow_blank=True, default="")


class DispositionsIn(VersionIn):
    """All dispositions, in place of those that were given before; some may be missing."""

    workstreams = serializers.ListField(child=WorkDispositionIn(), required=False, default=list, max_length=MOST_THINGS)
    engagements = serializers.ListField(child=LastDayIn(), required=False, default=list, max_length=MOST_THINGS)
    relationships = serializers.ListField(
        child=PartnerDispositionIn(), required=False, default=list, max_length=MOST_THINGS
    )
    savings = serializers.ListField(child=WorkDispositionIn(), required=False, default=list, max_length=MOST_THINGS)


class WithdrawIn(serializers.Serializer):
    reason = LineField(max_length=REASON_LENGTH)


class TakeIn(VersionIn):
    """The day on which the office took it; it may lie in the past."""

    taken_on = serializers.DateField()


class DecisionOut(serializers.Serializer):
    """A decision. ``taken_on`` is the day of it, ``recorded_at`` when it was entered."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme.name")
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=DecisionState.choices)
    is_superseded = serializers.BooleanField()
    office = serializers.UUIDField(source="office_id")
    office_title = serializers.CharField(source="office.title")
    body = serializers.CharField(source="office.body")
    holder_name = serializers.CharField(source="holding.holder_name", default=None, allow_null=True)
    proposed_at = serializers.DateTimeField(allow_null=True)
    taken_on = serializers.DateField(allow_null=True)
    recorded_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class NeedOut(serializers.Serializer):
    capability = serializers.UUIDField(source="capability_id")
    name = serializers.CharField(source="capability.name")
    level = serializers.ChoiceField(choices=NeedLevel.choices)
    note = serializers.CharField()


class OptionOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    ambition = serializers.ChoiceField(choices=Ambition.choices)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    is_chosen = serializers.BooleanField()
    rejected_because = serializers.CharField()
    needs = NeedOut(many=True, source="needs.all")


class ReviewDraftOut(serializers.Serializer):
    """``review`` is the review once it is open."""

    title = serializers.CharField()
    purpose = serializers.CharField()
    starts_on = serializers.DateField()
    weeks = serializers.IntegerField()
    review = serializers.UUIDField(source="review_id", allow_null=True)


class ConditionOut(serializers.Serializer):
    text = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id")
    owner_name = serializers.CharField(source="owner.name")
    due_on = serializers.DateField()


class DecisionDetailOut(DecisionOut):
    """A decision with its options, what it does in words, and what still stands in its way."""

    question = serializers.CharField()
    rationale = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    ends_programme = serializers.BooleanField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, allow_blank=True)
    gate = serializers.UUIDField(source="gate_id", allow_null=True)
    gate_result = serializers.ChoiceField(choices=GateResult.choices, allow_blank=True)
    gate_conditions = ConditionOut(many=True)
    gate_waiver_reason = serializers.CharField()
    gate_review = serializers.UUIDField(allow_null=True, help_text="The gate review that it rests on.")
    gate_readiness = serializers.CharField(
        help_text="What that review found, in words; empty where it is about no gate."
    )
    supersedes = serializers.UUIDField(source="supersedes_id", allow_null=True)
    superseded_by = serializers.UUIDField(allow_null=True)
    review = ReviewDraftOut(allow_null=True)
    recorded_by_name = serializers.CharField(source="recorded_by.name", default=None, allow_null=True)
    withdraw_reason = serializers.CharField()
    options = OptionOut(many=True)
    common_need = serializers.CharField(help_text="What every option needs of partners, in a sentence.")
    effects = serializers.ListField(child=serializers.CharField(), help_text="What it will do, or did, in words.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="A sentence for each thing left behind without a disposition."
    )


class WorkLeftOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    fate = serializers.ChoiceField(choices=WorkFate.choices, allow_null=True)
    move_to = serializers.UUIDField(allow_null=True)
    note = serializers.CharField()


class EngagementLeftOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    ends_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class RelationshipLeftOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    fate = serializers.ChoiceField(choices=PartnerFate.choices, allow_null=True)
    owner = serializers.UUIDField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class LeftBehindOut(serializers.Serializer):
    """Everything that the programme leaves behind, each with its disposition or null."""

    version = serializers.IntegerField()
    workstreams = WorkLeftOut(many=True)
    engagements = EngagementLeftOut(many=True)
    relationships = RelationshipLeftOut(many=True)
    savings = WorkLeftOut(many=True)
    missing = serializers.ListField(child=serializers.CharField())
