from django import forms

from partners.people.forms import LineField
from programmes.reminders.enums import FATES
from programmes.reminders.queries import sources
from programmes.reminders.rules import REASON_LENGTH


class ReasonForm(forms.Form):
    """Why something planned is not to happen."""

    reason = LineField(
        max_length=REASON_LENGTH,
        help_text="One line, such as “The consultation was extended”. It is kept and shown beside the reminder.",
    )


class FateForm(forms.Form):
    """Narrows the recipients of a wave to those with one outcome."""

    state = forms.ChoiceField(choices=[("", "Any"), *FATES.items()], required=False, label="What became of it")


class WavesForm(FateForm):
    """Narrows a list of waves to those of one kind, and to those with somebody for whom it came to one outcome."""

    kind = forms.ChoiceField(
        choices=lambda: [("", "Any"), *((source.kind, source.words) for source in sources())],
        required=False,
        label="What about",
    )


class SendNowForm(forms.Form):
    """Whether something that goes out at once waits for the hours in which mail goes out."""

    is_urgent = forms.BooleanField(
        required=False,
        label="It is urgent: send it outside the hours in which mail goes out, too",
        help_text="Without this it waits for these hours.",
    )


class ExpectedForm(forms.Form):
    """What somebody looked at before they confirm it."""

    expected = forms.CharField(max_length=64, widget=forms.HiddenInput)
