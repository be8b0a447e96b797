from typing import Any
from uuid import uuid4

from django import forms

from partners.audit.rules import Refused
from partners.calendar.forms import YearField
from partners.clock.forms import AsAtForm, DateField
from partners.people.forms import LineField, LinesField, PersonField, VersionForm
from partners.people.rules import plain_line_breaks
from programmes.register.rules import NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.enums import Confidence
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.rules import (
    LONGEST_POUNDS,
    NOTE_LENGTH,
    SAVED,
    Cut,
    Part,
    parse_pounds,
    words_for_pounds,
)


class PoundsField(LineField):
    """An amount typed in pounds; cleans to pence."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_POUNDS, required=False, **options)

    def clean(self, value: Any) -> int:
        try:
            return parse_pounds(super().clean(value), field="", named="the amount")
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


class SavingForm(forms.Form):
    title = LineField(max_length=NAME_LENGTH, help_text="What is done to save money, such as “Fewer leased buildings”.")
    description = LinesField(max_length=SUMMARY_LENGTH, required=False)
    owner = PersonField(required=False, help_text="The name or work email address of the person who answers for it.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ChangeSavingForm(VersionForm, SavingForm):
    request_key = None  # type: ignore[assignment]

    @classmethod
    def showing(cls, saving: Saving) -> "ChangeSavingForm":
        """The form filled with what is saved."""
        return cls(initial=_saved(saving) | {"version": saving.version})

    def differences(self, saving: Saving) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = _saved(saving)
        typed = {key: plain_line_breaks(str(self[key].value() or "").strip()) for key in saved}
        return [(str(self[key].label), typed[key], saved[key]) for key in saved if typed[key] != saved[key]]


class YearForm(forms.Form):
    year = YearField(label="Financial year", help_text="For example, 2012-13.")


class StatementForm(forms.Form):
    """What a saving comes to in one financial year; ``based_on`` is the number of the statement that was read."""

    planned = PoundsField(label="Planned", help_text="There is a plan, and nothing is under way yet.")
    confidence = forms.ChoiceField(
        choices=[("", "Nothing is planned"), *Confidence.choices],
        required=False,
        label="Confidence in what is planned",
    )
    expected = PoundsField(label="Expected", help_text="Under way, and not in the accounts yet.")
    delivered = PoundsField(label="Delivered", help_text="Taken out of the accounts. It never counts as expected too.")
    stated_on = DateField(label="Stated on", help_text="Today or a day in the past, such as 30 11 2012.")
    source = LineField(max_length=SOURCE_LENGTH, help_text="Where the amounts come from, such as a paper and its date.")
    note = LineField(max_length=NOTE_LENGTH, required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @classmethod
    def after(cls, latest: SavingStatement | None, **initial: object) -> "StatementForm":
        """The form filled with the amounts of the statement before."""
        amounts = _amounts(latest) if latest else {}
        confidence = latest.confidence if latest else ""
        based_on = latest.number if latest else 0
        return cls(initial=amounts | {"confidence": confidence, "based_on": based_on} | initial)

    @property
    def statement(self) -> dict[str, Any]:
        """What was entered, as the operation takes it."""
        amounts = {f"{part}_pence": self.cleaned_data[part] for part in Part}
        return {name: value for name, value in self.cleaned_data.items() if name not in set(Part)} | amounts

    def differences(self, latest: SavingStatement) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is stated now, as (label, typed, stated)."""
        typed = {part.value: words_for_pounds(self.cleaned_data[part]) for part in Part}
        stated = {part.value: words_for_pounds(latest.amounts.part(part)) for part in Part}
        labels = {"": "Nothing is planned", **dict(Confidence.choices)}
        typed["confidence"] = labels[self.cleaned_data["confidence"]]
        stated["confidence"] = labels[latest.confidence]
        return [(str(self[key].label), typed[key], stated[key]) for key in stated if typed[key] != stated[key]]


class DayForm(AsAtForm):
    """Which day the money is shown as at."""


class LinesForm(DayForm):
    """Which figure of a programme is opened."""

    figure = forms.ChoiceField(
        choices=[(SAVED, "Together"), *((part.value, part.value) for part in Part)], required=False
    )
    year = YearField(required=False)
    confidence = forms.ChoiceField(choices=Confidence.choices, required=False)
    saving = forms.UUIDField(required=False)

    @property
    def cut(self) -> Cut:
        asked = self.cleaned_data
        return Cut(
            part=Part(asked["figure"]) if asked["figure"] in set(Part) else None,
            year=asked["year"],
            confidence=asked["confidence"],
            saving_id=asked["saving"],
        )


def _saved(saving: Saving) -> dict[str, str]:
    owner = saving.owner.email if saving.owner else ""
    return {"title": saving.title, "description": saving.description, "owner": owner}


def _amounts(statement: SavingStatement) -> dict[str, str]:
    found = {part.value: statement.amounts.part(part) for part in Part}
    return {part: words_for_pounds(pence) if pence else "" for part, pence in found.items()}
