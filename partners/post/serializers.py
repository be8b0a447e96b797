from rest_framework import serializers

from partners.people.serializers import LineField
from partners.post.enums import (
    DoubtPolicy,
    EmailChoice,
    HoldKind,
    Loop,
    MessageState,
    Resolution,
)
from partners.post.rules import REASON_LENGTH, SENDER_HELP, SENDER_LENGTH, is_mailbox

MOST_A_MINUTE = 100_000
MOST_AT_ONCE = 1000


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
    reason = LineField(max_length=REASON_LENGTH)


class PostSettingsOut(serializers.Serializer):
    """From which address and in which hours (UK time, working days) mail goes out."""

    sender = serializers.CharField()
    window_opens = serializers.TimeField()
    window_closes = serializers.TimeField()
    per_minute = serializers.IntegerField(allow_null=True)
    burst = serializers.IntegerField()
    doubt_policy = serializers.ChoiceField(choices=DoubtPolicy.choices)
    version = serializers.IntegerField()


class PostSettingsIn(serializers.Serializer):
    """All of them, with the ``version`` that you read."""

    sender = serializers.CharField(max_length=SENDER_LENGTH)
    window_opens = serializers.TimeField()
    window_closes = serializers.TimeField()
    per_minute = serializers.IntegerField(min_value=1, max_value=MOST_A_MINUTE, allow_null=True)
    burst = serializers.IntegerField(min_value=1, max_value=MOST_A_MINUTE)
    doubt_policy = serializers.ChoiceField(choices=DoubtPolicy.choices)
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


class BeatOut(serializers.Serializer):
    """A loop that must run for mail to go out; ``seconds`` since it ran to its end, none where it never did."""

    loop = serializers.ChoiceField(choices=Loop.choices)
    seconds = serializers.FloatField(allow_null=True)
    run_ms = serializers.IntegerField()
    note = serializers.CharField()


class HoldOut(serializers.Serializer):
    """While one is open nothing goes out."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=HoldKind.choices)
    words = serializers.CharField()
    began_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    release_note = serializers.CharField()


class SuppressionOut(serializers.Serializer):
    """An address to which nothing is sent."""

    id = serializers.UUIDField()
    address = serializers.CharField()
    reason = serializers.CharField()
    since = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)


class PostHealthOut(serializers.Serializer):
    overdue_since = serializers.DateTimeField(allow_null=True)
    due = serializers.IntegerField()
    in_doubt = serializers.IntegerField()
    held = serializers.IntegerField()
    sent_in_the_last_minute = serializers.IntegerField()
    expected_done = serializers.DateTimeField()
    loops = BeatOut(many=True)
    holds = HoldOut(many=True)
    suppressions = SuppressionOut(many=True)


class ReleaseIn(serializers.Serializer):
    note = LineField(max_length=REASON_LENGTH)


class StopIn(serializers.Serializer):
    words = LineField(max_length=REASON_LENGTH)


class SettleIn(serializers.Serializer):
    messages = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE)
    resolution = serializers.ChoiceField(choices=Resolution.choices)
    reason = LineField(max_length=REASON_LENGTH)


class SettledOut(serializers.Serializer):
    settled = serializers.IntegerField()
