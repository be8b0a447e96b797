from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.audit.rules import Refused
from partners.calendar.rules import parse_year, words_for_year
from partners.people.serializers import LineField, LinesField
from programmes.register.rules import LARGEST_VERSION, NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.enums import Confidence
from programmes.savings.rules import LARGEST_PENCE, NOTE_LENGTH, SAVED, Cut, Figure, Part, Saved

MOST_STATEMENTS = 32767
NAMED_PARTS = [(part.value, part.value.capitalize()) for part in Part]
FIGURES = [(SAVED, "Saved"), *NAMED_PARTS]


@extend_schema_field({"type": "string", "example": "2012-13"})
class YearField(serializers.CharField):
    """A financial year such as 2012-13; an integer inside, the year in which it begins."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return parse_year(super().to_internal_value(data), field="year")
        except Refused as refused:
            raise serializers.ValidationError(refused.sentence) from None

    def to_representation(self, value: Any) -> str:
        return words_for_year(value)


class PenceField(serializers.IntegerField):
    """Whole pence, from nothing to £10bn."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_PENCE, **options)


class SavingIn(serializers.Serializer):
    """``owner`` is the id of who answers for it."""

    title = LineField(max_length=NAME_LENGTH)
    description = LinesField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True, default="")
    owner = serializers.UUIDField(required=False, allow_null=True, default=None)


class SavingChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    title = LineField(max_length=NAME_LENGTH, required=False)
    description = LinesField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True)
    owner = serializers.UUIDField(required=False, allow_null=True)


class StatementIn(serializers.Serializer):
    """What the saving comes to in ``year``, in whole pence. ``based_on`` is the number of the statement you read, 0 for none."""

    year = YearField()
    based_on = serializers.IntegerField(min_value=0, max_value=MOST_STATEMENTS)
    planned_pence = PenceField(default=0)
    expected_pence = PenceField(default=0)
    delivered_pence = PenceField(default=0)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False, allow_blank=True, default="")
    stated_on = serializers.DateField()
    source = LineField(max_length=SOURCE_LENGTH)  # type: ignore[assignment]
    note = LineField(max_length=NOTE_LENGTH, required=False, allow_blank=True, default="")


class StatementOut(serializers.Serializer):
    """What a saving comes to in a financial year, in pence. The highest ``number`` of a year counts."""

    id = serializers.UUIDField()
    year = YearField()
    number = serializers.IntegerField()
    planned_pence = serializers.IntegerField()
    expected_pence = serializers.IntegerField()
    delivered_pence = serializers.IntegerField()
    confidence = serializers.CharField()
    stated_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField()
    decision_id = serializers.UUIDField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")


class SavingOut(serializers.Serializer):
    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    title = serializers.CharField()
    description = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id", allow_null=True)
    owner_name = serializers.CharField(source="owner.name", default=None, allow_null=True)
    recorded_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class FigureOut(serializers.Serializer):
    """A number in pence, ``low_pence`` and ``high_pence`` the same but for a range, and the address of what it is made of."""

    low_pence = serializers.IntegerField()
    high_pence = serializers.IntegerField()
    lines = serializers.SerializerMethodField()

    def get_lines(self, figure: Figure) -> str:
        address: str = self.context["lines"](figure.cut)
        return address


class ConfidenceOut(serializers.Serializer):
    """What is planned with one confidence."""

    confidence = serializers.ChoiceField(choices=Confidence.choices)
    planned = FigureOut()


class SavedOut(serializers.Serializer):
    """``saved`` is the sum of planned, expected and delivered, which do not overlap."""

    planned = FigureOut()
    planned_by_confidence = serializers.SerializerMethodField()
    expected = FigureOut()
    delivered = FigureOut()
    saved = FigureOut()

    @extend_schema_field(ConfidenceOut(many=True))
    def get_planned_by_confidence(self, saved: Saved) -> Any:
        rows = [{"confidence": confidence, "planned": figure} for confidence, figure in saved.planned_by_confidence]
        return ConfidenceOut(rows, many=True, context=self.context).data


class YearSavedOut(serializers.Serializer):
    year = YearField()
    saved = SavedOut()


class SavingMoneyOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    saved = SavedOut()


class ProgrammeMoneyOut(serializers.Serializer):
    """What a programme saves as at ``on``, from what was known then."""

    on = serializers.DateField()
    known_at = serializers.DateTimeField()
    saved = SavedOut()
    years = YearSavedOut(many=True)
    savings = SavingMoneyOut(many=True)


class AsAtQuery(serializers.Serializer):
    """``on`` is today or a day in the past: the answer is as at that day, from what was known at its end."""

    on = serializers.DateField(required=False, default=None, allow_null=True)


class LinesQuery(AsAtQuery):
    """Which figure is opened, as its ``lines`` address says."""

    figure = serializers.ChoiceField(choices=FIGURES, default=SAVED)
    year = YearField(required=False, default=None)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False, default="")
    saving = serializers.UUIDField(required=False, default=None)

    @property
    def cut(self) -> Cut:
        asked = self.validated_data
        return Cut(
            part=None if asked["figure"] == SAVED else Part(asked["figure"]),
            year=asked["year"],
            confidence=asked["confidence"],
            saving_id=asked["saving"],
        )


class LineOut(serializers.Serializer):
    """One amount of the figure: one part of one statement."""

    pence = serializers.IntegerField(source="low_pence")
    part = serializers.ChoiceField(choices=NAMED_PARTS)
    saving = serializers.UUIDField(source="stated.saving_id")
    title = serializers.CharField(source="stated.saving")
    programme = serializers.UUIDField(source="stated.programme_id")
    programme_name = serializers.CharField(source="stated.programme")
    year = YearField(source="stated.year")
    number = serializers.IntegerField(source="stated.number")
    confidence = serializers.CharField(source="stated.confidence")
    stated_on = serializers.DateField(source="stated.stated_on")
    source = serializers.CharField(source="stated.source")  # type: ignore[assignment]
    recorded_by = serializers.CharField(source="stated.recorded_by")
    recorded_at = serializers.DateTimeField(source="stated.recorded_at")


class LinesOut(serializers.Serializer):
    """The figure again, and what it is the sum of."""

    pence = serializers.IntegerField()
    lines = LineOut(many=True)
