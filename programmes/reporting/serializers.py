from datetime import date
from typing import Any

from rest_framework import serializers

from partners.audit.rules import Refused
from partners.people.serializers import InstantField, LineField, LinesField
from programmes.reporting.enums import ContradictionKind
from programmes.reporting.rules import (
    DIMENSIONS,
    DRAFT_LENGTH,
    EXPLANATION_LENGTH,
    MOST_STEPS,
    PATH_LENGTH,
    QUESTION_LENGTH,
    STEP_LENGTH,
    TYPED,
    StepGiven,
    report_of,
)
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.rules import ASK_LENGTH, CHANGED_LENGTH, REASON_LENGTH, ReportState

NAME_OF_A_FIELD = 60
REPORT_STATES = [(state.value, state.label) for state in ReportState]


class FactOut(serializers.Serializer):
    """Something that happened since the last report."""

    kind = serializers.CharField()
    words = serializers.CharField()
    on = serializers.DateField()


class StatusStepOut(serializers.Serializer):
    text = serializers.CharField()
    is_done = serializers.BooleanField()


class ExplainedOut(serializers.Serializer):
    """What spoke against a rating, and how the author explained it."""

    kind = serializers.ChoiceField(choices=ContradictionKind.choices)
    words = serializers.CharField()
    explanation = serializers.CharField()


class AnswerOut(serializers.Serializer):
    text = serializers.CharField()
    answered_at = InstantField()
    answered_by = serializers.UUIDField(source="answered_by_id")
    answered_by_name = serializers.CharField(source="answered_by.name")


class StatusAcknowledgementOut(serializers.Serializer):
    """Who read a status, and what they asked; an empty question asks nothing."""

    question = serializers.CharField()
    acknowledged_at = InstantField()
    acknowledged_by = serializers.UUIDField(source="acknowledged_by_id")
    acknowledged_by_name = serializers.CharField(source="acknowledged_by.name")
    answer = AnswerOut(default=None, allow_null=True)


class StatusOut(serializers.Serializer):
    """A published status in full. ``said_at`` is when it was first reported, which a correction keeps; ``facts`` what had
    happened since the report before."""

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
    period_on = serializers.DateField()
    is_late = serializers.BooleanField()
    schedule = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    cost = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    scope = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    benefits = serializers.ChoiceField(choices=Rating.choices, allow_null=True)
    steps = StatusStepOut(many=True)
    path_to_green = serializers.CharField()
    path_owner = serializers.UUIDField(source="path_owner_id", allow_null=True)
    path_owner_name = serializers.CharField(source="path_owner.name", default=None, allow_null=True)
    path_due_on = serializers.DateField(allow_null=True)
    facts = FactOut(many=True)
    contradictions = ExplainedOut(many=True)
    acknowledgement = StatusAcknowledgementOut(default=None, allow_null=True)


class StatusStepIn(serializers.Serializer):
    text = LineField(max_length=STEP_LENGTH)
    is_done = serializers.BooleanField(default=False)


class ExplanationIn(serializers.Serializer):
    """Why a rating holds beside what speaks against it."""

    kind = serializers.ChoiceField(choices=ContradictionKind.choices)
    explanation = LineField(max_length=EXPLANATION_LENGTH)


class ReportIn(serializers.Serializer):
    """A report. The path to green is required unless ``rating`` is green. ``explanations`` answer what the endpoint of
    facts lists as contradictions. ``request_key`` is your own UUID of it, unless you send the header
    ``Idempotency-Key``."""

    rating = serializers.ChoiceField(choices=Rating.choices)
    schedule = serializers.ChoiceField(choices=Rating.choices)
    cost = serializers.ChoiceField(choices=Rating.choices)
    scope = serializers.ChoiceField(choices=Rating.choices)
    benefits = serializers.ChoiceField(choices=Rating.choices)
    changed = LinesField(max_length=CHANGED_LENGTH)
    steps = StatusStepIn(many=True, required=False, default=list, max_length=MOST_STEPS)  # type: ignore[call-arg]
    ask_kind = serializers.ChoiceField(choices=Ask.choices, required=False, default=Ask.NONE)
    ask = LinesField(max_length=ASK_LENGTH, required=False, allow_blank=True, default="")
    path_to_green = LinesField(max_length=PATH_LENGTH, required=False, allow_blank=True, default="")
    path_owner = serializers.UUIDField(required=False, allow_null=True, default=None)
    path_due_on = serializers.DateField(required=False, allow_null=True, default=None)
    explanations = ExplanationIn(many=True, required=False, default=list, max_length=len(ContradictionKind))  # type: ignore[call-arg]
    request_key = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            report_of(
                rating=attrs["rating"],
                changed=attrs["changed"],
                steps=steps_of(attrs),
                ask_kind=attrs["ask_kind"],
                ask=attrs["ask"],
                path_to_green=attrs["path_to_green"],
                path_owner_id=attrs["path_owner"],
                path_due_on=attrs["path_due_on"],
                today=date.min,  # whether the day is over is for the operation to say
            )
        except Refused as refused:
            raise serializers.ValidationError({refused.field or "non_field_errors": [refused.sentence]}) from None
        return attrs


class StatusIn(ReportIn):
    """``based_on`` is the id of the latest update that you read, or null where there was none; its open steps that
    ``steps`` does not name are carried over."""

    based_on = serializers.UUIDField(allow_null=True)


class CorrectionIn(ReportIn):
    """``steps`` are all that the correction says; none is carried over."""

    reason = LineField(max_length=REASON_LENGTH)


class ReadIn(serializers.Serializer):
    """That you have read a status; an empty ``question`` asks nothing."""

    question = LinesField(max_length=QUESTION_LENGTH, required=False, allow_blank=True, default="")
    request_key = serializers.UUIDField(required=False)


class StatusAnswerIn(serializers.Serializer):
    text = LinesField(max_length=QUESTION_LENGTH)
    request_key = serializers.UUIDField(required=False)


class FactsFilter(serializers.Serializer):
    """Ratings that you mean to give; contradictions are listed against them, or against any rating without them."""

    rating = serializers.ChoiceField(choices=Rating.choices, required=False)
    schedule = serializers.ChoiceField(choices=Rating.choices, required=False)
    cost = serializers.ChoiceField(choices=Rating.choices, required=False)
    scope = serializers.ChoiceField(choices=Rating.choices, required=False)
    benefits = serializers.ChoiceField(choices=Rating.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs and "rating" not in attrs:
            raise serializers.ValidationError({"rating": ["Send the overall rating with those of dimensions."]})
        return attrs


class ContradictionOut(serializers.Serializer):
    """What is known and speaks against ratings. ``against`` names each with the worst value that contradicts it."""

    kind = serializers.ChoiceField(choices=ContradictionKind.choices)
    words = serializers.CharField()
    against = serializers.DictField(child=serializers.ChoiceField(choices=Rating.choices))


class FactsOut(serializers.Serializer):
    """What a report would be about: ``period_on`` is the reporting day that it would be for, ``told`` who reads it."""

    based_on = serializers.UUIDField(allow_null=True)
    period_on = serializers.DateField()
    is_late = serializers.BooleanField()
    facts = FactOut(many=True)
    contradictions = ContradictionOut(many=True)
    open_steps = serializers.ListField(child=serializers.CharField())
    told = serializers.ListField(child=serializers.CharField())


class DraftIn(serializers.Serializer):
    """What has been typed: the values of each field of the form, as the page names them. ``window`` is your own UUID of
    where it was typed; what was typed elsewhere stays beside it."""

    values = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=DRAFT_LENGTH, allow_blank=True)),
    )
    window = serializers.UUIDField()
    based_on = serializers.UUIDField(allow_null=True)

    def validate_values(self, values: dict[str, list[str]]) -> dict[str, list[str]]:
        unknown = [name[:NAME_OF_A_FIELD] for name in values if name not in TYPED]
        if unknown:
            raise serializers.ValidationError(f"A draft has no field of this name: {', '.join(unknown)}.")
        return values


class WindowOut(serializers.Serializer):
    window = serializers.CharField()
    saved_at = InstantField()
    values = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DraftOut(serializers.Serializer):
    """Your draft: what each window kept, the last saved first. ``is_behind``: somebody has published since."""

    saved_at = InstantField()
    based_on = serializers.UUIDField(allow_null=True)
    is_behind = serializers.BooleanField()
    windows = WindowOut(many=True)


class WaitingOut(serializers.Serializer):
    """A status that waits for you to read it."""

    update = serializers.UUIDField(source="update_id")  # type: ignore[assignment]
    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    rating = serializers.ChoiceField(choices=Rating.choices)
    changed = serializers.CharField()
    reported_at = InstantField()
    reported_by_name = serializers.CharField(source="reported_by")
    is_late = serializers.BooleanField()


class StatusQuestionOut(serializers.Serializer):
    """A question about what you reported."""

    update = serializers.UUIDField(source="update_id")  # type: ignore[assignment]
    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    question = serializers.CharField()
    asked_at = InstantField()
    asked_by_name = serializers.CharField(source="asked_by")


def steps_of(entered: dict[str, Any]) -> list[StepGiven]:
    """The steps of a report as the operations take them."""
    return [StepGiven(step["text"], step["is_done"]) for step in entered["steps"]]


def report_in(entered: dict[str, Any]) -> dict[str, Any]:
    """A report as the operations take it, but for its request key."""
    return {
        **{name: Rating(entered[name]) for name in ("rating", *DIMENSIONS)},
        "changed": entered["changed"],
        "steps": steps_of(entered),
        "ask_kind": Ask(entered["ask_kind"]),
        "ask": entered["ask"],
        "path_to_green": entered["path_to_green"],
        "path_owner_id": entered["path_owner"],
        "path_due_on": entered["path_due_on"],
        "explanations": {each["kind"]: each["explanation"] for each in entered["explanations"]},
    }


class ReportStateFilter(serializers.Serializer):
    """Only the workstreams whose report stands so."""

    state = serializers.ChoiceField(choices=REPORT_STATES, required=False)


class ReportStateOut(serializers.Serializer):
    """Where the report of a workstream stands for the period under way, or is late for the last one."""

    workstream = serializers.UUIDField(source="workstream.pk")
    workstream_name = serializers.CharField(source="workstream.name")
    state = serializers.ChoiceField(choices=REPORT_STATES)
