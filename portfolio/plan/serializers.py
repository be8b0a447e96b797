from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.audit.rules import Refused
from partners.calendar.rules import parse_year, words_for_year
from partners.people.serializers import LineField, LinesField
from portfolio.plan.enums import EstimateKind
from portfolio.plan.models import RequirementEstimate
from portfolio.plan.rules import (
    COVERS_LENGTH,
    ELSEWHERE,
    MEASURES,
    MOST_YEARS,
    PRICE_BASE_LENGTH,
    UNSPLIT,
    PlanCut,
    plan_cut,
)
from programmes.register.rules import NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.enums import Confidence
from programmes.savings.rules import LARGEST_PENCE, SAVED, Figure, Part, Saved

MOST_ESTIMATES = 50
PARTS = [(part.value, part.value.capitalize()) for part in Part]


@extend_schema_field({"type": "string", "example": "2012-13"})
class YearField(serializers.CharField):
    """A financial year such as 2012-13; an integer inside, the year in which it begins. ``others`` are words beside it."""

    def __init__(self, *, others: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(**options)
        self.others = others

    def to_internal_value(self, data: Any) -> Any:
        typed = super().to_internal_value(data)
        try:
            return typed if typed in self.others else parse_year(typed, field="year")
        except Refused as refused:
            raise serializers.ValidationError(refused.sentence) from None

    def to_representation(self, value: Any) -> str:
        return words_for_year(value)


class PenceField(serializers.IntegerField):
    """Whole pence, from nothing to £10bn."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_PENCE, **options)


class YearPence(serializers.Serializer):
    """The part of an estimate that falls into one financial year."""

    year = YearField()
    pence = PenceField()


class EstimateIn(serializers.Serializer):
    """What somebody said has to be saved. Without ``high_pence`` it is one figure; ``replaces`` is an estimate's id."""

    kind = serializers.ChoiceField(choices=EstimateKind.choices)
    title = LineField(max_length=NAME_LENGTH)
    low_pence = PenceField()
    high_pence = PenceField(required=False)
    first_year = YearField()
    last_year = YearField()
    split = serializers.ListField(child=YearPence(), max_length=MOST_YEARS, default=list)
    counts = serializers.BooleanField(default=True)
    stated_by = LineField(max_length=NAME_LENGTH)
    stated_on = serializers.DateField()
    covers = LineField(max_length=COVERS_LENGTH, required=False, allow_blank=True, default="")
    price_base = LineField(max_length=PRICE_BASE_LENGTH, required=False, allow_blank=True, default="")
    source = LineField(max_length=SOURCE_LENGTH)  # type: ignore[assignment]
    replaces = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate_split(self, split: list[dict[str, int]]) -> dict[int, int]:
        by_year = {each["year"]: each["pence"] for each in split}
        if len(by_year) < len(split):
            raise serializers.ValidationError("A financial year stands here twice. Send it once.")
        return by_year

    @property
    def estimate(self) -> dict[str, Any]:
        """What was sent, as the operation takes it."""
        sent = dict(self.validated_data)
        sent.setdefault("high_pence", sent["low_pence"])
        return sent | {"kind": EstimateKind(sent["kind"]), "replaces_id": sent.pop("replaces")}


class EstimateOut(serializers.Serializer):
    """An estimate, with its split by financial year where it has one."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EstimateKind.choices)
    title = serializers.CharField()
    low_pence = serializers.IntegerField()
    high_pence = serializers.IntegerField()
    first_year = YearField()
    last_year = YearField()
    split = serializers.SerializerMethodField()
    counts = serializers.BooleanField()
    stated_by = serializers.CharField()
    stated_on = serializers.DateField()
    covers = serializers.CharField()
    price_base = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    replaces = serializers.UUIDField(source="replaces_id", allow_null=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name")

    @extend_schema_field(YearPence(many=True))
    def get_split(self, estimate: RequirementEstimate) -> Any:
        return YearPence(sorted(estimate.years.all(), key=lambda each: each.year), many=True).data


class ScenarioIn(serializers.Serializer):
    """``estimates`` are ids: one of what is required, and any pressures on it."""

    name = LineField(max_length=NAME_LENGTH)
    description = LinesField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True, default="")
    estimates = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_ESTIMATES)


class ScenarioOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    estimates = serializers.SerializerMethodField()
    recorded_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_estimates(self, scenario: Any) -> list[str]:
        return [str(part.estimate_id) for part in scenario.parts.all()]


class PlanFigureOut(serializers.Serializer):
    """A number in pence, ``low_pence`` and ``high_pence`` the same but for a range, and the address of what it is made of."""

    low_pence = serializers.IntegerField()
    high_pence = serializers.IntegerField()
    lines = serializers.SerializerMethodField()

    def get_lines(self, figure: Figure) -> str:
        address: str = self.context["lines"](figure.cut)
        return address


class PlanConfidenceOut(serializers.Serializer):
    """What is planned with one confidence."""

    confidence = serializers.ChoiceField(choices=Confidence.choices)
    planned = PlanFigureOut()


class PlanSavedOut(serializers.Serializer):
    """``saved`` is the sum of planned, expected and delivered, which do not overlap."""

    planned = PlanFigureOut()
    planned_by_confidence = serializers.SerializerMethodField()
    expected = PlanFigureOut()
    delivered = PlanFigureOut()
    saved = PlanFigureOut()

    @extend_schema_field(PlanConfidenceOut(many=True))
    def get_planned_by_confidence(self, saved: Saved) -> Any:
        rows = [{"confidence": confidence, "planned": figure} for confidence, figure in saved.planned_by_confidence]
        return PlanConfidenceOut(rows, many=True, context=self.context).data


class PlanYearOut(serializers.Serializer):
    """One financial year; ``required`` and ``gap`` are null where the requirement is not split by year."""

    year = YearField()
    required = PlanFigureOut(allow_null=True)  # type: ignore[assignment]
    saved = PlanSavedOut()
    gap = PlanFigureOut(allow_null=True)


class PlanProgrammeOut(serializers.Serializer):
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme")
    saved = PlanSavedOut()


class PlanScenarioOut(serializers.Serializer):
    """What a scenario requires and leaves to find, as ranges."""

    id = serializers.UUIDField(source="scenario.id")
    name = serializers.CharField(source="scenario.name")
    required = PlanFigureOut()  # type: ignore[assignment]
    saved = PlanSavedOut()
    gap = PlanFigureOut()
    years = PlanYearOut(many=True)
    unsplit = PlanFigureOut(allow_null=True)


class PlanMoneyOut(serializers.Serializer):
    """What the portfolio has to save and does, as at ``on`` from what was known then.

    ``elsewhere`` is what is saved outside the financial years of the requirement, in no other figure.
    """

    on = serializers.DateField()
    known_at = serializers.DateTimeField()
    required = PlanFigureOut(allow_null=True)  # type: ignore[assignment]
    saved = PlanSavedOut()
    gap = PlanFigureOut(allow_null=True)
    pressure = PlanFigureOut()
    years = PlanYearOut(many=True)
    unsplit = PlanFigureOut(allow_null=True)
    elsewhere = PlanSavedOut(allow_null=True)
    programmes = PlanProgrammeOut(many=True)
    scenarios = PlanScenarioOut(many=True)


class PlanAsAtQuery(serializers.Serializer):
    """``on`` is today or a day in the past: the answer is as at that day, from what was known at its end."""

    on = serializers.DateField(required=False, default=None, allow_null=True)


class PlanLinesQuery(PlanAsAtQuery):
    """Which figure is opened, as its ``lines`` address says. ``year`` is a financial year, ``unsplit`` or ``elsewhere``."""

    figure = serializers.ChoiceField(choices=MEASURES, default=SAVED)
    year = YearField(others=(UNSPLIT, ELSEWHERE), required=False, default=None)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False, default="")
    programme = serializers.UUIDField(required=False, default=None)
    scenario = serializers.UUIDField(required=False, default=None)

    @property
    def cut(self) -> PlanCut:
        asked = self.validated_data
        return plan_cut(
            figure=asked["figure"],
            year=asked["year"],
            confidence=asked["confidence"],
            programme_id=asked["programme"],
            scenario_id=asked["scenario"],
        )


class PlanStatementOut(serializers.Serializer):
    """A statement that a line is a part of."""

    saving = serializers.UUIDField(source="saving_id")
    title = serializers.CharField(source="saving")
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme")
    year = YearField()
    number = serializers.IntegerField()
    confidence = serializers.CharField()
    stated_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class PlanEstimateOut(serializers.Serializer):
    """An estimate that a line is, or is a financial year of."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EstimateKind.choices)
    title = serializers.CharField()
    stated_by = serializers.CharField()
    stated_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class PlanLineOut(serializers.Serializer):
    """One amount of the figure, from an estimate or from a part of a statement; less than nothing where it is taken away."""

    low_pence = serializers.IntegerField()
    high_pence = serializers.IntegerField()
    estimate = PlanEstimateOut(allow_null=True)
    statement = PlanStatementOut(source="stated", allow_null=True)
    part = serializers.ChoiceField(choices=PARTS, allow_null=True)


class PlanLinesOut(serializers.Serializer):
    """The figure again, and what it is the sum of."""

    low_pence = serializers.IntegerField()
    high_pence = serializers.IntegerField()
    lines = PlanLineOut(many=True)
