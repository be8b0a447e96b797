from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms

from partners.clock.forms import AsAtForm, DateField
from partners.people.forms import LineField
from portfolio.board.enums import OVERALLS, STAGES
from portfolio.board.queries import Wanted
from portfolio.board.rules import (
    LONGEST_SEARCH,
    ONLY,
    PAGE_SIZES,
    SEARCHED,
    SHORTEST_SEARCH,
    SORTS,
    VIEW_NAME_LENGTH,
    VIEW_QUERY_LENGTH,
)
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS, ROUTINE_WORDS, AskedChanges
from programmes.register.enums import DeliveryModel

ANY = [("", "Any")]


class SearchForm(forms.Form):
    """What to look for, and in which kind of thing (in every kind when empty)."""

    too_short = f"Enter at least {SHORTEST_SEARCH} characters"
    q = forms.CharField(
        label="Search",
        min_length=SHORTEST_SEARCH,
        max_length=LONGEST_SEARCH,
        error_messages={"required": too_short, "min_length": too_short},
    )
    only = forms.ChoiceField(choices=[*ANY, *SEARCHED.items()], required=False, widget=forms.HiddenInput)


class BoardForm(forms.Form):
    """How the board is narrowed and sorted. What is not on a list of choices is left at its default."""

    q = forms.CharField(label="Name contains", max_length=LONGEST_SEARCH, required=False)
    stage = forms.ChoiceField(label="Stage", choices=[*ANY, *STAGES.items()], required=False)
    rating = forms.ChoiceField(
        label="Rating", choices=[*ANY, *((one.value, one.label) for one in OVERALLS)], required=False
    )
    delivery_model = forms.ChoiceField(label="Delivery model", choices=[*ANY, *DeliveryModel.choices], required=False)
    only = forms.ChoiceField(label="Only programmes", choices=[*ANY, *ONLY.items()], required=False)
    sort = forms.ChoiceField(label="Order", choices=list(SORTS.items()), required=False)
    per_page = forms.TypedChoiceField(
        label="Programmes on a page",
        choices=[(size, f"{size:,}") for size in PAGE_SIZES],
        coerce=int,
        required=False,
    )

    def __init__(self, *args: Any, stages: Mapping[str, str] = STAGES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [*ANY, *stages.items()]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def wanted(self) -> Wanted:
        keys = ("q", "stage", "rating", "delivery_model", "only", "sort")
        return Wanted(**{key: self.cleaned_data[key] for key in keys if self.cleaned_data.get(key)})

    @property
    def stages(self) -> tuple[tuple[str, str], ...]:
        """The stages that are offered, by key and title."""
        return tuple(self.fields["stage"].choices[1:])  # type: ignore[attr-defined]

    @property
    def size(self) -> int:
        return int(self.cleaned_data.get("per_page") or PAGE_SIZES[0])

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, as it stands in an address."""
        return {key: str(value) for key, value in self.cleaned_data.items() if value}

    @property
    def is_complete(self) -> bool:
        """The complete list on one page was asked for."""
        return self.size == max(PAGE_SIZES)


class DayForm(AsAtForm):
    """Which day the board is shown as at."""


class SinceForm(AsAtForm):
    """Which two days are compared: ``since`` with today, or with another day that is given."""

    since = DateField(label="Since", required=False, help_text="What stood at the end of that day is compared.")
    field_order = ["since", "on"]


class ViewForm(forms.Form):
    """What a view of the board is called."""

    name = LineField(label="Name of this view", max_length=VIEW_NAME_LENGTH)


class SaveViewForm(ViewForm):
    """A view to be kept: its name, and the filter that it keeps."""

    query = forms.CharField(widget=forms.HiddenInput, max_length=2 * VIEW_QUERY_LENGTH, required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class DueForm(forms.Form):
    """How far ahead to look."""

    days = forms.TypedChoiceField(
        label="How far ahead",
        choices=[(days, f"{days} days") for days in DUE_DAYS],
        coerce=int,
        required=False,
    )

    @property
    def ahead(self) -> int:
        self.is_valid()
        return int(self.cleaned_data.get("days") or min(DUE_DAYS))


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
        self.is_valid()
        return AskedChanges(self.cleaned_data.get("days") or None, self.cleaned_data.get("routine", False))
