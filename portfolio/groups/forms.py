from django import forms
from django.core.validators import RegexValidator

from partners.people.forms import LineField, LinesField, PersonField
from partners.people.rules import plain_line_breaks
from portfolio.groups.models import Portfolio
from programmes.register.enums import DeliveryModel
from programmes.register.rules import NAME_LENGTH, OUT_OF_DATE, SUMMARY_LENGTH, VERSION


class PortfolioForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH, help_text="Short, as people say it.")
    description = LinesField(max_length=SUMMARY_LENGTH, required=False, help_text="What its programmes have in common.")


class ChangePortfolioForm(PortfolioForm):
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(VERSION)],
        error_messages=dict.fromkeys(("required", "invalid"), OUT_OF_DATE),
    )

    @classmethod
    def showing(cls, portfolio: Portfolio) -> "ChangePortfolioForm":
        """The form filled with what is saved."""
        parts = ("name", "description", "version")
        return cls(initial={part: getattr(portfolio, part) for part in parts})

    def differences(self, portfolio: Portfolio) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = {"name": portfolio.name, "description": portfolio.description}
        typed = {key: plain_line_breaks(str(self[key].value() or "").strip()) for key in saved}
        return [(str(self[key].label), typed[key], saved[key]) for key in saved if typed[key] != saved[key]]


class SetUpForm(forms.Form):
    """A programme to be set up."""

    name = LineField(
        max_length=NAME_LENGTH, help_text="As people say it. No other programme of the portfolio may have it."
    )
    summary = LinesField(
        max_length=SUMMARY_LENGTH, required=False, help_text="What will be different for officers, staff or the public."
    )
    delivery_model = forms.ChoiceField(choices=DeliveryModel.choices, widget=forms.RadioSelect)
    owner = PersonField(help_text="The name or work email address of the person who answers for it.")
    manager = PersonField(
        label="Programme manager",
        help_text="The name or work email address of the person who runs it. They can plan it and report on it at once.",
    )
