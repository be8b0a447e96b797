from typing import Any

from rest_framework import serializers

from partners.audit.rules import Refused
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.rules import ASK_LENGTH, CHANGED_LENGTH, NEXT_STEPS_LENGTH, REASON_LENGTH, report_text
from programmes.workstreams.serializers import LineField, LinesField


class ReportIn(serializers.Serializer):
    """A report. ``request_key`` is your own UUID of it, unless you send it as the header ``Idempotency-Key``."""

    rating = serializers.ChoiceField(choices=Rating.choices)
    changed = LinesField(max_length=CHANGED_LENGTH)
    next_steps = LinesField(max_length=NEXT_STEPS_LENGTH, required=False, allow_blank=True, default="")
    ask_kind = serializers.ChoiceField(choices=Ask.choices, required=False, default=Ask.NONE)
    ask = LinesField(max_length=ASK_LENGTH, required=False, allow_blank=True, default="")
    request_key = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            report_text(
                changed=attrs["changed"], next_steps=attrs["next_steps"], ask_kind=attrs["ask_kind"], ask=attrs["ask"]
            )
        except Refused as refused:
            raise serializers.ValidationError({refused.field or "non_field_errors": [refused.sentence]}) from None
        return attrs


class UpdateIn(ReportIn):
    """``based_on`` is the id of the latest update that you read, or null where there was none."""

    based_on = serializers.UUIDField(allow_null=True)


class CorrectionIn(ReportIn):
    reason = LineField(max_length=REASON_LENGTH)
