from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from portfolio.groups.models import Portfolio
from programmes.register.enums import DeliveryModel
from programmes.register.queries import active_person_with_email
from programmes.register.rules import (
    LINES,
    LINES_ONLY,
    NAME_LENGTH,
    OUT_OF_DATE,
    SUMMARY_LENGTH,
    VERSION,
    plain_line_breaks,
)


class NameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)], **options)


class TextField(forms.CharField):
    """Several lines, may be empty; a line break counts as one character."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=SUMMARY_LENGTH, required=False, validators=[RegexValidator(LINES, LINES_ONLY)], **options
        )

    def to_python(self, value: Any) -> str:
        return plain_line_breaks(super().to_python(value) or "")


class PersonField(forms.EmailField):
    """Somebody who can sign in, named by email address; cleans to their id."""

    def clean(self, value: Any) -> Any:
        email = super().clean(value)
        person = active_person_with_email(email) if email else None
        if email and person is None:
            raise ValidationError(
                "Nobody with an account has this address. Check it, or ask an administrator to add them"
            )
        found: UUID | None = person.pk if person else None
        return found


class PortfolioForm(forms.Form):
    name = NameField(help_text="Short, as people say it.")
    description = TextField(help_text="What its programmes have in common.")


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

    name = NameField(help_text="As people say it. No other programme of the portfolio may have it.")
    summary = TextField(help_text="What will be different for officers, staff or the public.")
    delivery_model = forms.ChoiceField(choices=DeliveryModel.choices, widget=forms.RadioSelect)
    owner = PersonField(help_text="The work email address of the person who answers for it.")
    manager = PersonField(
        label="Programme manager",
        help_text="The work email address of the person who runs it. They can plan it and report on it at once.",
    )
