from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from partners.clock.forms import DateField
from partners.clock.rules import words_for_date
from partners.people.forms import LineField, LinesField, PersonField
from portfolio.groups.models import Portfolio
from programmes.register.enums import DeliveryModel
from programmes.register.rules import NAME_LENGTH, OUT_OF_DATE, SUMMARY_LENGTH, VERSION
from programmes.scheduling.models import LifeCycle

PORTFOLIO_PARTS = ("name", "description", "organisation", "record_until")


class PortfolioForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH, help_text="Short, as people say it.")
    description = LinesField(max_length=SUMMARY_LENGTH, required=False, help_text="What its programmes have in common.")
    organisation = LineField(
        max_length=NAME_LENGTH,
        required=False,
        help_text="Whose programmes they are, if not those of your own organisation.",
    )
    record_until = DateField(
        label="Kept as a record until",
        required=False,
        help_text="For a portfolio of days past: it is shown as at this day unless another is asked for.",
    )


class ChangePortfolioForm(PortfolioForm):
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(VERSION)],
        error_messages=dict.fromkeys(("required", "invalid"), OUT_OF_DATE),
    )

    @classmethod
    def showing(cls, portfolio: Portfolio) -> "ChangePortfolioForm":
        """The form filled with what is saved."""
        return cls(initial={part: getattr(portfolio, part) for part in (*PORTFOLIO_PARTS, "version")})

    def differences(self, portfolio: Portfolio) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = {part: getattr(portfolio, part) for part in PORTFOLIO_PARTS}
        typed = {part: self.cleaned_data[part] for part in PORTFOLIO_PARTS}
        return [
            (str(self[part].label), _told(typed[part]), _told(saved[part]))
            for part in PORTFOLIO_PARTS
            if typed[part] != saved[part]
        ]


class SetUpForm(forms.Form):
    """A programme to be set up; ``offered`` are the life cycles to choose from, the default first."""

    name = LineField(
        max_length=NAME_LENGTH, help_text="As people say it. No other programme of the portfolio may have it."
    )
    summary = LinesField(
        max_length=SUMMARY_LENGTH, required=False, help_text="What will be different for officers, staff or the public."
    )
    delivery_model = forms.ChoiceField(choices=DeliveryModel.choices, widget=forms.RadioSelect)
    life_cycle = forms.TypedChoiceField(coerce=UUID, empty_value=None, required=False, widget=forms.RadioSelect)
    owner = PersonField(help_text="The name or work email address of the person who answers for it.")
    manager = PersonField(
        label="Programme manager",
        help_text="The name or work email address of the person who runs it. They can plan it and report on it at once.",
    )

    def __init__(self, offered: Sequence[LifeCycle], data: Any = None) -> None:
        super().__init__(data, initial={"life_cycle": str(offered[0].pk) if offered else ""})
        self.fields["life_cycle"].choices = [(str(row.pk), row.name) for row in offered]  # type: ignore[attr-defined]


def _told(value: str | date | None) -> str:
    return words_for_date(value) if isinstance(value, date) else value or "Not given"
