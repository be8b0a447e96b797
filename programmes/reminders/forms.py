from django import forms
from django.core.validators import RegexValidator

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from programmes.reminders.enums import FATES
from programmes.reminders.rules import REASON_LENGTH


class ReasonForm(forms.Form):
    """Why something planned is not to happen."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)],
        help_text="One line, such as “The consultation was extended”. It is kept and shown beside the reminder.",
    )


class FateForm(forms.Form):
    """Narrows the recipients of a wave to those with one outcome."""

    state = forms.ChoiceField(choices=[("", "Any"), *FATES.items()], required=False, label="What became of it")
