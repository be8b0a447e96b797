from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.audit.rules import Refused
from partners.calendar.forms import YearField
from partners.calendar.rules import words_for_years
from partners.clock.forms import AsAtForm, DateField
from partners.people.forms import LineField, LinesField
from portfolio.plan.enums import EstimateKind
from portfolio.plan.rules import (
    COVERS_LENGTH,
    ELSEWHERE,
    LONGEST_SPLIT,
    MEASURES,
    PRICE_BASE_LENGTH,
    REQUIRED,
    UNSPLIT,
    Estimate,
    PlanCut,
    parse_split,
    plan_cut,
)
from programmes.register.rules import NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.enums import Confidence
from programmes.savings.rules import LONGEST_POUNDS, SAVED, parse_pounds, words_for_range

COUNTS = [("yes", "Yes"), ("no", "No: keep it beside the others")]


class PoundsField(LineField):
    """An amount typed in pounds; cleans to pence, None for nothing typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_POUNDS, **options)

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        try:
            return parse_pounds(typed, field="") if typed else None
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


class SplitField(LinesField):
    """A line for each financial year; cleans to pence by year."""

    def clean(self, value: Any) -> dict[int, int]:
        try:
            return parse_split(super().clean(value), field="")
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


class EstimateForm(forms.Form):
    """What somebody said has to be saved. ``replaceable`` are the estimates that it may take the place of."""

    kind = forms.ChoiceField(choices=EstimateKind.choices, widget=forms.RadioSelect, label="What it is of")
    title = LineField(
        max_length=NAME_LENGTH,
        help_text="Such as “Savings required over four years”. Say so here if a part of it is illustrative.",
    )
    low = PoundsField(label="Amount", help_text="Pounds, such as 126m or £126,000,000. Of a range, the lowest.")
    high = PoundsField(label="Highest amount", required=False, help_text="Only for a range.")
    first_year = YearField(label="First financial year", help_text="For example, 2011-12.")
    last_year = YearField(label="Last financial year", help_text="For example, 2014-15.")
    split = SplitField(
        required=False,
        max_length=LONGEST_SPLIT,
        label="Split by financial year",
        help_text="A line for each, such as 2011-12: 32m. Together they make the amount exactly.",
    )
    stated_by = LineField(max_length=NAME_LENGTH, label="Stated by", help_text="Who said it, and in which role.")
    stated_on = DateField(label="Stated on", help_text="Today or a day in the past, such as 30 11 2012.")
    source = LineField(max_length=SOURCE_LENGTH, help_text="Where it can be read, with its date.")
    covers = LineField(max_length=COVERS_LENGTH, required=False, label="What it covers")
    price_base = LineField(
        max_length=PRICE_BASE_LENGTH, required=False, label="Price base", help_text="Such as cash, or 2012-13 prices."
    )
    counts = forms.ChoiceField(
        choices=COUNTS,
        widget=forms.RadioSelect,
        initial="yes",
        label="Does it count?",
        help_text="Of the estimates of what is required that count, the one stated last is used. All stay on the page.",
    )
    replaces = forms.ChoiceField(required=False, label="Takes the place of")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, replaceable: Sequence[Estimate], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "No earlier one"), *((str(each.id), words_for_estimate(each)) for each in replaceable)]
        self.fields["replaces"].choices = choices  # type: ignore[attr-defined]

    @property
    def estimate(self) -> dict[str, Any]:
        """What was entered, as the operation takes it."""
        entered = dict(self.cleaned_data)
        low, high, replaces = entered.pop("low"), entered.pop("high"), entered.pop("replaces")
        return entered | {
            "kind": EstimateKind(entered["kind"]),
            "counts": entered["counts"] == "yes",
            "low_pence": low,
            "high_pence": low if high is None else high,
            "replaces_id": UUID(replaces) if replaces else None,
        }


class ScenarioForm(forms.Form):
    """Estimates to be taken together."""

    name = LineField(max_length=NAME_LENGTH, help_text="Such as “With the cut in local government funding”.")
    description = LinesField(max_length=SUMMARY_LENGTH, required=False)
    required_estimate = forms.ChoiceField(widget=forms.RadioSelect, label="What is required")
    pressures = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="Pressures that add to it"
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, estimates: Sequence[Estimate], **options: Any) -> None:
        super().__init__(*args, **options)
        words = [(each.kind, (str(each.id), words_for_estimate(each))) for each in estimates]
        self.fields["required_estimate"].choices = [each for kind, each in words if kind == REQUIRED]  # type: ignore[attr-defined]
        self.fields["pressures"].choices = [each for kind, each in words if kind != REQUIRED]  # type: ignore[attr-defined]
        if not self.fields["pressures"].choices:  # type: ignore[attr-defined]
            del self.fields["pressures"]

    @property
    def scenario(self) -> dict[str, Any]:
        """What was entered, as the operation takes it."""
        entered = dict(self.cleaned_data)
        chosen = [entered.pop("required_estimate"), *entered.pop("pressures", [])]
        return entered | {"estimate_ids": [UUID(each) for each in chosen]}


class DayForm(AsAtForm):
    """Which day the money is shown as at."""


class LinesForm(DayForm):
    """Which figure of a portfolio is opened."""

    figure = forms.ChoiceField(choices=MEASURES, required=False)
    year = LineField(max_length=9, required=False)
    confidence = forms.ChoiceField(choices=Confidence.choices, required=False)
    programme = forms.UUIDField(required=False)
    scenario = forms.UUIDField(required=False)

    def clean_year(self) -> str | int | None:
        typed: str = self.cleaned_data["year"]
        return typed if typed in (UNSPLIT, ELSEWHERE) else YearField(required=False).clean(typed)

    @property
    def cut(self) -> PlanCut:
        asked = self.cleaned_data
        return plan_cut(
            figure=asked["figure"] or SAVED,
            year=asked["year"],
            confidence=asked["confidence"],
            programme_id=asked["programme"],
            scenario_id=asked["scenario"],
        )


def words_for_estimate(estimate: Estimate) -> str:
    """One line that tells it from others."""
    amount = words_for_range(estimate.low_pence, estimate.high_pence)
    return (
        f"{estimate.title}: {amount}, {words_for_years(estimate.first_year, estimate.last_year)}, {estimate.stated_by}"
    )
