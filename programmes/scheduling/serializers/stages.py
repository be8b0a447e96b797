from rest_framework import serializers

from partners.people.serializers import LineField
from programmes.register.rules import LARGEST_VERSION, REASON_LENGTH
from programmes.scheduling.enums import GateResult, StageState

MOST_STAGES = 20


class GateOut(serializers.Serializer):
    """What an office decided at the gate before a stage; ``decision`` is the id of the decision."""

    result = serializers.ChoiceField(choices=GateResult.choices)
    conditions = serializers.CharField()
    waiver_reason = serializers.CharField()
    review = serializers.UUIDField(source="review_id", allow_null=True, help_text="The gate review that informed it.")
    decided_on = serializers.DateField()
    decision = serializers.UUIDField(source="decision_id")
    office_title = serializers.CharField()
    holder_name = serializers.CharField()


class StageOut(serializers.Serializer):
    """One stage; all days inclusive. ``is_late``: a planned day has passed without the step. Not active: it is skipped.

    ``gates`` holds what was decided at the gate before it; the first counts. It starts when that lets it proceed.
    """

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=StageState.choices)
    is_active = serializers.BooleanField()
    planned_start_on = serializers.DateField(allow_null=True)
    planned_finish_on = serializers.DateField(allow_null=True)
    started_on = serializers.DateField(allow_null=True)
    finished_on = serializers.DateField(allow_null=True)
    is_late = serializers.BooleanField()
    gates = GateOut(many=True)
    version = serializers.IntegerField()


class StagesOut(serializers.Serializer):
    """The stages in order, and what is unusual in the plan."""

    stages = StageOut(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


class StagePlanIn(serializers.Serializer):
    """Both planned days, or null for both. ``version`` is the one you read."""

    stage = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    planned_start_on = serializers.DateField(allow_null=True)
    planned_finish_on = serializers.DateField(allow_null=True)


class PlanIn(serializers.Serializer):
    """``move_following``: stages that follow move along, as the preview shows. ``expected``: its fingerprint."""

    stages = serializers.ListField(child=StagePlanIn(), min_length=1, max_length=MOST_STAGES)
    move_following = serializers.BooleanField(default=False)
    expected = serializers.CharField(max_length=64, default=None, allow_null=True)


class PlanPreviewIn(serializers.Serializer):
    stages = serializers.ListField(child=StagePlanIn(), min_length=1, max_length=MOST_STAGES)
    move_following = serializers.BooleanField(default=True)


class MovedDateOut(serializers.Serializer):
    """A planned day that moves, and why."""

    stage = serializers.UUIDField(source="stage.id")
    title = serializers.CharField(source="stage.title")
    is_finish = serializers.BooleanField()
    from_on = serializers.DateField(allow_null=True)
    to_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()


class PlanPreviewOut(serializers.Serializer):
    """What would move, and the ``fingerprint`` to send back as ``expected``."""

    fingerprint = serializers.CharField()
    moved = MovedDateOut(many=True)


class DateMoveOut(serializers.Serializer):
    """A planned day of a stage that moved, and why."""

    is_finish = serializers.BooleanField()
    from_on = serializers.DateField(allow_null=True)
    to_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")


class SkipIn(serializers.Serializer):
    reason = LineField(max_length=REASON_LENGTH)


class StepIn(serializers.Serializer):
    on = serializers.DateField()


class UndoIn(serializers.Serializer):
    """The latest step, and why it is taken back."""

    step = serializers.ChoiceField(choices=["start", "finish"])
    reason = LineField(max_length=REASON_LENGTH)
