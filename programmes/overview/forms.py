from django import forms

from partners.clock.forms import DateField
from programmes.overview.rules import CHANGE_DAYS, ROUTINE_WORDS, AskedChanges, EventKind


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


class TimelineForm(forms.Form):
    """What of a programme's story is told, in which order, and as at which day."""

    kind = forms.ChoiceField(
        choices=[("", "Everything"), *((kind.value, kind.label) for kind in EventKind)], required=False, label="About"
    )
    order = forms.ChoiceField(choices=[("", "Newest first"), ("oldest", "Oldest first")], required=False)
    on = DateField(required=False, label="As at", help_text="Only what was known by the end of that day.")

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        kind = self.cleaned_data.get("kind")
        return (EventKind(kind),) if kind else tuple(EventKind)

    @property
    def is_newest_first(self) -> bool:
        return self.cleaned_data.get("order") != "oldest"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.errors) or any(self.cleaned_data.values())


class LessonSearchForm(forms.Form):
    """Words that a lesson holds."""

    q = forms.CharField(max_length=200, required=False, label="Words", widget=forms.TextInput({"type": "search"}))

    @property
    def words(self) -> str:
        """Nothing in place of what cannot be searched for."""
        return self.cleaned_data["q"] if self.is_valid() else ""
