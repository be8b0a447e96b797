from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from partners.clock.forms import DateField
from partners.people.forms import LineField
from programmes.register.rules import OUT_OF_DATE, REASON_LENGTH, VERSION
from programmes.scheduling.operations import StagePlan
from programmes.scheduling.rules import Span, StageDates

MOVES = [("", "Not asked yet"), ("all", "Move what follows too"), ("mine", "Only what was typed")]


class PlanForm(forms.Form):
    """Two days for each stage that is not skipped, filled with what is planned; each carries the version that was read.

    ``moves`` says, once somebody has looked, whether what follows moves along; ``expected`` what they looked at.
    """

    moves = forms.ChoiceField(choices=MOVES, required=False, widget=forms.HiddenInput)
    expected = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, stages: Sequence[StageDates], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.stages = [stage for stage in stages if stage.is_active]
        for stage in self.stages:
            self.fields[f"planned_start_{stage.kind}"] = DateField(
                label=f"Planned start of {stage.title}", required=False, initial=stage.planned_start_on
            )
            self.fields[f"planned_finish_{stage.kind}"] = DateField(
                label=f"Planned finish of {stage.title}", required=False, initial=stage.planned_finish_on
            )
            self.fields[f"version_{stage.kind}"] = forms.IntegerField(
                widget=forms.HiddenInput,
                initial=stage.version,
                validators=[RegexValidator(VERSION)],
                error_messages=dict.fromkeys(("required", "invalid"), OUT_OF_DATE),
            )

    def plans(self) -> list[StagePlan]:
        """What was typed, stage by stage."""
        entered = self.cleaned_data
        return [
            StagePlan(
                stage_id=stage.id,
                version=entered[f"version_{stage.kind}"],
                planned_start_on=entered[f"planned_start_{stage.kind}"],
                planned_finish_on=entered[f"planned_finish_{stage.kind}"],
            )
            for stage in self.stages
        ]

    def wanted(self) -> dict[UUID, Span]:
        """The days that were typed, by stage."""
        return {plan.stage_id: (plan.planned_start_on, plan.planned_finish_on) for plan in self.plans()}

    def typed(self) -> list[tuple[str, str]]:
        """Every box that was typed, to be sent again."""
        own = {"moves", "expected", "csrfmiddlewaretoken"}
        return [(name, str(value)) for name, value in self.data.items() if name not in own]

    def differences(self) -> list[tuple[StageDates, StagePlan]]:
        """Stages whose saved plan is not what was typed, with what was typed."""
        return [
            (stage, plan)
            for stage, plan in zip(self.stages, self.plans(), strict=True)
            if (stage.planned_start_on, stage.planned_finish_on) != (plan.planned_start_on, plan.planned_finish_on)
        ]


class StepForm(forms.Form):
    on = DateField(label="Day", help_text="Today or a day in the past, such as 27 3 2026.")


class UndoForm(forms.Form):
    reason = LineField(
        max_length=REASON_LENGTH,
        label="Why it is taken back",
        help_text="For example, “recorded for the wrong programme”. The history keeps it.",
    )


class SkipForm(forms.Form):
    reason = LineField(
        max_length=REASON_LENGTH,
        label="Why",
        help_text="The history keeps it.",
    )
