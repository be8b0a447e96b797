from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from partners.post.enums import EmailChoice, MessageState, Resolution
from partners.post.rules import REASON_LENGTH, SENDER_HELP, SENDER_LENGTH, is_mailbox


class AttemptOut(serializers.Serializer):
    """One pass at handing a message over."""

    recorded_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(choices=MessageState.choices)
    reply = serializers.CharField()


class MessageOut(serializers.Serializer):
    """One message to one person. Its text is not shown."""

    id = serializers.UUIDField()
    person = serializers.UUIDField(source="recipient_id")
    name = serializers.CharField(source="recipient.name")
    subject = serializers.CharField()
    is_urgent = serializers.BooleanField()
    state = serializers.ChoiceField(choices=MessageState.choices)
    reason = serializers.CharField(source="state_reason")
    reply = serializers.CharField()
    attempts = serializers.IntegerField()
    message_id = serializers.CharField()
    queued_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class MessageDetailOut(serializers.Serializer):
    message = MessageOut()
    passes = AttemptOut(many=True)


class MessageFilter(serializers.Serializer):
    state = serializers.ChoiceField(choices=MessageState.choices, required=False)


class ResolveIn(serializers.Serializer):
    resolution = serializers.ChoiceField(choices=Resolution.choices)


class CancelIn(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LENGTH, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)])


class PostSettingsOut(serializers.Serializer):
    """From which address and in which hours (UK time, working days) mail goes out."""

    sender = serializers.CharField()
    window_opens = serializers.TimeField()
    window_closes = serializers.TimeField()
    version = serializers.IntegerField()


class PostSettingsIn(serializers.Serializer):
    """All of them, with the ``version`` that you read."""

    sender = serializers.CharField(max_length=SENDER_LENGTH)
    window_opens = serializers.TimeField()
    window_closes = serializers.TimeField()
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)

    def validate_sender(self, sender: str) -> str:
        if not is_mailbox(sender):
            raise serializers.ValidationError(f"{SENDER_HELP}.")
        return sender


class InboxEntryOut(serializers.Serializer):
    """One entry of your inbox. ``not_needed_because`` says why nothing is asked of you any more, where that is so."""

    id = serializers.UUIDField()
    subject = serializers.CharField()
    heading = serializers.CharField()
    text = serializers.CharField()
    link_path = serializers.CharField()
    is_urgent = serializers.BooleanField()
    came_at = serializers.DateTimeField(source="due_at")
    read_at = serializers.DateTimeField(allow_null=True)
    not_needed_because = serializers.CharField(source="stop_reason")


class InboxFilter(serializers.Serializer):
    unread = serializers.BooleanField(required=False, default=False)


class ReadOut(serializers.Serializer):
    """How many entries were unread and are read now."""

    read = serializers.IntegerField()


class PreferenceOut(serializers.Serializer):
    """How mail that is not urgent comes to you; ``digest_at`` is the time (UK) of the daily mail."""

    email = serializers.ChoiceField(choices=EmailChoice.choices)
    digest_at = serializers.TimeField()
    version = serializers.IntegerField()


class PreferenceIn(serializers.Serializer):
    """All of it, with the ``version`` that you read."""

    email = serializers.ChoiceField(choices=EmailChoice.choices)
    digest_at = serializers.TimeField()
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class FeedOut(serializers.Serializer):
    """One of your calendar addresses. Its secret was shown when it was made."""

    id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    last_read_at = serializers.DateTimeField(allow_null=True)


class NewFeedOut(FeedOut):
    """With the address, this once."""

    address = serializers.CharField()
