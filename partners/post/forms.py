from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from partners.people.forms import LineField
from partners.post.enums import (
    DoubtPolicy,
    EmailChoice,
    MessageState,
    Resolution,
)
from partners.post.models import (
    Message,
    PostPreference,
    PostSettings,
)
from partners.post.rules import REASON_LENGTH, SENDER_HELP, SENDER_LENGTH, is_mailbox

TIME_FORMATS = ["%H:%M", "%H.%M", "%I:%M%p", "%I.%M%p", "%I%p", "%H:%M:%S"]
MOST_VERSIONS = 2**31 - 1
MOST_A_MINUTE = 100_000


class ClockTimeField(forms.TimeField):
    """A time of day as people write it: ``9:30am``, ``16:00``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=TIME_FORMATS, widget=forms.TimeInput(format="%H:%M"), **options)
        self.error_messages["invalid"] = "Write a time of day, such as 9:30am or 16:00"

    def to_python(self, value: Any) -> time | None:
        return super().to_python(value.replace(" ", "") if isinstance(value, str) else value)


class PostSettingsForm(forms.Form):
    sender = LineField(
        max_length=SENDER_LENGTH,
        label="Sender",
        help_text="Mail comes from this address. Write it alone, or with a name: Portfolio <portfolio@example.org>.",
    )
    window_opens = ClockTimeField(label="Mail goes out from", help_text="UK time, on working days, such as 9:30am.")
    window_closes = ClockTimeField(label="Mail goes out until", help_text="UK time, such as 4pm.")
    per_minute = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_A_MINUTE,
        label="Messages a minute at most",
        help_text="The limit of your mail system. Leave it empty where there is none.",
    )
    burst = forms.IntegerField(
        min_value=1, max_value=MOST_A_MINUTE, label="Messages at once", help_text="After a pause, such as 30."
    )
    doubt_policy = forms.ChoiceField(
        choices=DoubtPolicy.choices,
        widget=forms.RadioSelect,
        label="A message of which the mail system cannot tell whether it took it",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MOST_VERSIONS)

    @classmethod
    def showing(cls, found: PostSettings) -> "PostSettingsForm":
        """The form filled with what is saved."""
        return cls(initial={name: getattr(found, name) for name in cls.base_fields})

    def clean_sender(self) -> str:
        sender: str = self.cleaned_data["sender"]
        if not is_mailbox(sender):
            raise ValidationError(SENDER_HELP)
        return sender

    def clean(self) -> dict[str, Any] | None:
        entered = self.cleaned_data
        opens, closes = entered.get("window_opens"), entered.get("window_closes")
        if opens and closes and closes <= opens:
            self.add_error("window_closes", "Mail must stop going out after it starts")
        return entered

    def differences(self, found: PostSettings) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        rows = []
        for name in ("sender", "window_opens", "window_closes", "per_minute", "burst", "doubt_policy"):
            typed, saved = self.cleaned_data.get(name), getattr(found, name)
            if typed != saved:
                rows.append((str(self.fields[name].label), str(self[name].value() or ""), str(saved)))
        return rows


class StateForm(forms.Form):
    """Narrows the messages to one state."""

    state = forms.ChoiceField(choices=[("", "Any"), *MessageState.choices], required=False, label="State")


class ResolveForm(forms.Form):
    resolution = forms.ChoiceField(choices=Resolution.choices, widget=forms.RadioSelect, label="What did you find out?")


class ReasonForm(forms.Form):
    reason = LineField(
        max_length=REASON_LENGTH,
        help_text="One line. It is kept and shown beside the message.",
    )


class InboxForm(forms.Form):
    """Narrows the inbox to what was not read."""

    show = forms.ChoiceField(choices=[("", "Everything"), ("unread", "Unread only")], required=False, label="Show")


class PreferenceForm(forms.Form):
    email = forms.ChoiceField(
        choices=EmailChoice.choices, widget=forms.RadioSelect, label="How do you want mail that is not urgent?"
    )
    digest_at = ClockTimeField(
        required=False,
        label="When does the daily mail come?",
        help_text="UK time, on working days, such as 9:30am. Used where you chose one mail a day.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MOST_VERSIONS)

    @classmethod
    def showing(cls, found: PostPreference) -> "PreferenceForm":
        """The form filled with what is saved."""
        return cls(initial={name: getattr(found, name) for name in cls.base_fields})

    def clean(self) -> dict[str, Any] | None:
        entered = self.cleaned_data
        if entered.get("email") == EmailChoice.DAILY and "digest_at" in entered and entered["digest_at"] is None:
            self.add_error("digest_at", "Enter a time for the daily mail, such as 9:30am")
        return entered


class ReleaseForm(forms.Form):
    note = LineField(
        max_length=REASON_LENGTH,
        label="What did you look at?",
        help_text="One line, such as: the clocks of both machines are right again. It is kept with your name.",
    )


class StopForm(forms.Form):
    words = LineField(
        max_length=REASON_LENGTH,
        label="Why must no mail go out?",
        help_text="One line. Everybody who looks at the health of the post sees it.",
    )


class SettleForm(forms.Form):
    """One finding for several held messages."""

    messages = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Messages")
    resolution = forms.ChoiceField(choices=Resolution.choices, widget=forms.RadioSelect, label="What did you find out?")
    reason = LineField(
        max_length=REASON_LENGTH,
        label="How do you know?",
        help_text="One line, kept with your name.",
    )

    def __init__(self, *args: Any, held: Sequence[Message], **options: Any) -> None:
        super().__init__(*args, **options)
        shown = [(str(row.pk), f"{row.subject}, to {row.recipient.name}") for row in held]
        self.fields["messages"].choices = shown  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""
