from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from programmes.reminders.enums import FATES
from programmes.reminders.rules import REASON_LENGTH


class WaveOut(serializers.Serializer):
    """One notice of one milestone. ``counts`` holds how many reminders came to which state."""

    id = serializers.UUIDField(source="wave.id")
    programme = serializers.UUIDField(source="wave.programme_id")
    subject = serializers.UUIDField(source="wave.subject_id")
    title = serializers.CharField(source="wave.title")
    mail_subject = serializers.CharField(source="wave.mail_subject")
    due_at = serializers.DateTimeField(source="wave.due_at")
    due_reason = serializers.CharField(source="wave.due_reason")
    valid_until = serializers.DateTimeField(source="wave.valid_until")
    is_urgent = serializers.BooleanField(source="wave.is_urgent")
    cancelled_at = serializers.DateTimeField(source="wave.cancelled_at", allow_null=True)
    cancel_reason = serializers.CharField(source="wave.cancel_reason")
    counts = serializers.DictField(child=serializers.IntegerField())


class RecipientOut(serializers.Serializer):
    """One wave to one person. ``state`` is that of the message once there is one."""

    id = serializers.UUIDField()
    person = serializers.UUIDField(source="recipient_id")
    name = serializers.CharField(source="recipient.name")
    due_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=list(FATES.items()), source="fate")
    reason = serializers.CharField(source="fate_reason")
    reply = serializers.CharField(source="message.reply", default="")
    settled_at = serializers.DateTimeField(allow_null=True)
    message = serializers.UUIDField(source="message_id", allow_null=True)
    finished_at = serializers.DateTimeField(source="message.finished_at", default=None, allow_null=True)


class RecipientFilter(serializers.Serializer):
    state = serializers.ChoiceField(choices=list(FATES.items()), required=False)


class ReasonIn(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LENGTH, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)])


class StoppedOut(serializers.Serializer):
    """How many people will not get what was cancelled."""

    stopped = serializers.IntegerField()
