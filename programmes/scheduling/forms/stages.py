from collections.abc import Sequence

from django import forms
from django.core.validators import RegexValidator

from partners.clock.forms import DateField
from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from programmes.register.rules import OUT_OF_DATE, REASON_LENGTH, VERSION
from programmes.scheduling.operations import StagePlan
from programmes.scheduling.rules import StageDates


class PlanForm(forms.Form):
    """Two days for each stage, filled with what is planned; each stage carries the version that was read."""

    def __init__(self, stages: Sequence[StageDates], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.stages = stages
        for stage in stages:
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
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)],
        label="Why it is taken back",
        help_text="For example, “recorded for the wrong programme”. The history keeps it.",
    )
