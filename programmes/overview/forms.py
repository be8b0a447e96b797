from dataclasses import dataclass

from django import forms

from programmes.overview.rules import CHANGE_DAYS


@dataclass(frozen=True, slots=True)
class AskedChanges:
    """How far back to look, and whether reports that say nothing new are listed too."""

    days: int = max(CHANGE_DAYS)
    with_routine: bool = False


class ChangesForm(forms.Form):
    """Narrows a list of what changed. What is not on the list of choices is left at its default."""

    days = forms.TypedChoiceField(
        label="How far back",
        choices=[(days, f"{days} days") for days in reversed(CHANGE_DAYS)],
        coerce=int,
        required=False,
        empty_value=max(CHANGE_DAYS),
    )
    routine = forms.BooleanField(label="Show reports that keep their rating and ask for nothing", required=False)

    @property
    def asked(self) -> AskedChanges:
        self.is_valid()
        given = self.cleaned_data
        return AskedChanges(given.get("days", max(CHANGE_DAYS)), given.get("routine", False))
