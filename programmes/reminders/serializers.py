from rest_framework import serializers

from partners.people.serializers import LineField
from programmes.reminders.enums import FATES
from programmes.reminders.rules import REASON_LENGTH


class WaveOut(serializers.Serializer):
    """One notice of one milestone. ``counts`` holds how many reminders came to which state."""

    id = serializers.UUIDField(source="wave.id")
    kind = serializers.CharField(source="wave.kind")
    programme = serializers.UUIDField(source="wave.programme_id", allow_null=True)
    subject = serializers.UUIDField(source="wave.subject_id")
    title = serializers.CharField(source="wave.title")
    mail_subject = serializers.CharField(source="wave.mail_subject")
    due_at = serializers.DateTimeField(source="wave.due_at")
    due_reason = serializers.CharField(source="wave.due_reason")
    moved_from_at = serializers.DateTimeField(source="wave.moved_from_at", allow_null=True)
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


class WavesFilter(serializers.Serializer):
    kind = serializers.CharField(max_length=20, required=False)
    state = serializers.ChoiceField(choices=list(FATES.items()), required=False)


class SendNowIn(serializers.Serializer):
    is_urgent = serializers.BooleanField(default=False)


class SentOut(serializers.Serializer):
    """To how many people it goes out now."""

    people = serializers.IntegerField()


class PlanChangeOut(serializers.Serializer):
    """One wave that would change: its time as it is and as it would be, and for how many people what changes."""

    kind = serializers.CharField()
    title = serializers.CharField()
    from_at = serializers.DateTimeField(allow_null=True)
    to_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    added = serializers.IntegerField()
    moved = serializers.IntegerField()
    removed = serializers.IntegerField()


class PlanAnewOut(serializers.Serializer):
    """What planning anew would change. Send ``expected`` to confirm it."""

    changes = PlanChangeOut(many=True)
    expected = serializers.CharField(source="fingerprint")


class PlanAnewIn(serializers.Serializer):
    expected = serializers.CharField(max_length=64)


class ChangedOut(serializers.Serializer):
    """How many reminders changed."""

    changed = serializers.IntegerField()


class UnplannedOut(serializers.Serializer):
    """What is not as the rules ask, by kind and programme; ``to_confirm`` waits for somebody to plan it anew."""

    kind = serializers.CharField(source="words")
    programme = serializers.UUIDField(source="programme_id", allow_null=True)
    programme_name = serializers.CharField()
    missing = serializers.IntegerField()
    unwanted = serializers.IntegerField()
    to_confirm = serializers.IntegerField()


class ReasonIn(serializers.Serializer):
    reason = LineField(max_length=REASON_LENGTH)


class StoppedOut(serializers.Serializer):
    """How many people will not get what was cancelled."""

    stopped = serializers.IntegerField()
