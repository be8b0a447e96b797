from django import forms

from programmes.overview.rules import CHANGE_DAYS, ROUTINE_WORDS, AskedChanges


class ChangesForm(forms.Form):
    """How far back to look, and whether reports that say nothing new are listed too."""

    days = forms.TypedChoiceField(
        label="How far back",
        choices=[(days, f"{days} days") for days in reversed(CHANGE_DAYS)],
        coerce=int,
        required=False,
    )
    routine = forms.BooleanField(label=ROUTINE_WORDS, required=False)

    @property
    def asked(self) -> AskedChanges:
        """What was asked; what is not on the list of choices is left at its default."""
        self.is_valid()
        return AskedChanges(self.cleaned_data.get("days") or None, self.cleaned_data.get("routine", False))
