from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.people.forms import LineField, LinesField, VersionForm
from programmes.scheduling.models import LifeCycle
from programmes.scheduling.rules import (
    DESCRIPTION_LENGTH,
    KEY_LENGTH,
    LIFE_CYCLE_NAME_LENGTH,
    MOST_QUESTIONS,
    MOST_STAGES,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    STAGE_TITLE_LENGTH,
    StageGiven,
)

EMPTY_ROWS = 3
CHECKLIST_LENGTH = MOST_QUESTIONS * (QUESTION_LENGTH + 1)


class LifeCycleForm(forms.Form):
    name = LineField(max_length=LIFE_CYCLE_NAME_LENGTH)
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, help_text="When to choose it.")


class ChangeLifeCycleForm(LifeCycleForm, VersionForm):
    @classmethod
    def showing(cls, life_cycle: LifeCycle) -> "ChangeLifeCycleForm":
        """The form filled with what is saved."""
        saved = {part: getattr(life_cycle, part) for part in ("name", "description", "version")}
        return cls(initial=saved)

    def differences(self, life_cycle: LifeCycle) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        typed = {part: self.cleaned_data[part] for part in ("name", "description")}
        return [
            (str(self[part].label), value, getattr(life_cycle, part))
            for part, value in typed.items()
            if value != getattr(life_cycle, part)
        ]


class StagesForm(forms.Form):
    """A row for each stage and some empty ones; a row without a title is left out, and the order is by number."""

    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_STAGES + EMPTY_ROWS)

    def __init__(self, stages: Sequence[StageGiven], data: Any = None) -> None:
        super().__init__(data, initial={"rows": min(len(stages) + EMPTY_ROWS, MOST_STAGES + EMPTY_ROWS)})
        self.numbers = range(1, self._rows(len(stages) + EMPTY_ROWS) + 1)
        for number in self.numbers:
            stage = stages[number - 1] if number <= len(stages) else None
            for name, field in _row(number, stage).items():
                self.fields[f"{name}_{number}"] = field

    def given(self) -> list[StageGiven]:
        """The stages that were typed, in the order that was typed."""
        entered = self.cleaned_data
        there = [number for number in self.numbers if entered[f"title_{number}"]]
        there.sort(key=lambda number: (entered[f"order_{number}"] or number, number))
        return [
            StageGiven(
                title=entered[f"title_{number}"],
                gate_title=entered[f"gate_title_{number}"],
                checklist=tuple(line.strip() for line in entered[f"checklist_{number}"].split("\n") if line.strip()),
                key=entered[f"key_{number}"],
            )
            for number in there
        ]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        for number in self.numbers:
            if entered.get(f"title_{number}") and not entered.get(f"gate_title_{number}"):
                self.add_error(f"gate_title_{number}", "Enter a name for the gate before this stage")
        return entered

    def _rows(self, there: int) -> int:
        """As many rows as were sent, so that nothing that was typed is lost."""
        sent = str(self.data.get("rows", ""))
        return min(int(sent) if sent.isdecimal() else there, MOST_STAGES + EMPTY_ROWS)


class AddLifeCycleForm(StagesForm, LifeCycleForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class PublishForm(StagesForm):
    """``based_on``: the number of the version that was read."""

    note = LineField(max_length=NOTE_LENGTH, label="What is new", help_text="The list of versions shows it.")
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, stages: Sequence[StageGiven], data: Any = None, *, based_on: int) -> None:
        super().__init__(stages, data)
        self.initial["based_on"] = based_on


class ChooseLifeCycleForm(forms.Form):
    life_cycle = forms.TypedChoiceField(coerce=UUID, widget=forms.RadioSelect, label="Life cycle")

    def __init__(self, offered: Sequence[tuple[LifeCycle, list[str]]], data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["life_cycle"].choices = [(str(row.pk), row.name) for row, _ in offered]  # type: ignore[attr-defined]


def _row(number: int, stage: StageGiven | None) -> dict[str, forms.Field]:
    return {
        "order": forms.IntegerField(
            label=f"Place of stage {number}",
            required=False,
            min_value=1,
            max_value=99,
            initial=number,
            error_messages={"invalid": "Enter the place as a number"},
        ),
        "title": LineField(
            label=f"Title of stage {number}",
            max_length=STAGE_TITLE_LENGTH,
            required=False,
            initial=stage and stage.title,
        ),
        "gate_title": LineField(
            label=f"Gate before stage {number}",
            max_length=STAGE_TITLE_LENGTH,
            required=False,
            initial=stage and stage.gate_title,
        ),
        "checklist": LinesField(
            label=f"What the gate before stage {number} asks",
            max_length=CHECKLIST_LENGTH,
            required=False,
            initial="\n".join(stage.checklist) if stage else "",
        ),
        "key": forms.SlugField(
            max_length=KEY_LENGTH, required=False, widget=forms.HiddenInput, initial=stage and stage.key
        ),
    }
