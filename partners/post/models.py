import uuid
from datetime import time

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from partners.post.enums import FINAL, LEASED, Channel, DoubtPolicy, EmailChoice, HoldKind, Loop, MessageState


def default_sender() -> str:
    """The installation's sender until an administrator sets another."""
    return settings.DEFAULT_FROM_EMAIL


class PostSettings(MutableModel):
    """One row: the sender, the hours (UK time, working days) of mail that is not urgent, its pace, and what doubt means.

    ``per_minute`` is how many messages may go out in a minute (none: no limit), ``burst`` how many at once after a pause.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    sender = models.CharField(max_length=200, default=default_sender)
    window_opens = models.TimeField(default=time(9, 30))
    window_closes = models.TimeField(default=time(16, 0))
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    burst = models.PositiveIntegerField(default=30)
    doubt_policy = models.CharField(max_length=10, choices=DoubtPolicy, default=DoubtPolicy.HOLD)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "post settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="partners_postsettings_one_row"),
            models.CheckConstraint(
                condition=models.Q(window_closes__gt=models.F("window_opens")), name="partners_postsettings_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(burst__gte=1) & (models.Q(per_minute=None) | models.Q(per_minute__gte=1)),
                name="partners_postsettings_has_a_pace",
            ),
        ]

    def __str__(self) -> str:
        return self.sender


class Message(MutableModel):
    """One message to one person by one channel. ``thread`` names person and reason: a newer one supersedes older ones.

    ``frozen`` holds the bytes of every attempt, without secrets. ``stop_reason`` says why a message that is already with
    the mail server must not be sent again, should it turn out that the server did not take it; in the inbox, why an
    entry that was not read is not needed any more. ``link_path`` is the page it is about, ``heading`` what a digest
    lists it under; ``digest`` the message that this one went out in, which one ``is_for_digest`` waits for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedup_key = models.CharField(max_length=300, unique=True)
    thread = models.CharField(max_length=200, db_index=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    link_path = models.CharField(max_length=300, blank=True)
    heading = models.CharField(max_length=200, blank=True, db_default="")
    is_urgent = models.BooleanField(default=False)
    is_for_digest = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.PENDING)
    state_reason = models.CharField(max_length=300, blank=True)
    stop_reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    frozen = models.BinaryField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True)
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    digest = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="gathered")

    class Meta:
        indexes = [
            models.Index(
                fields=["recipient", "-due_at", "id"], condition=models.Q(channel="inbox"), name="message_inbox"
            ),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["pending", "claimed"]), name="message_due"
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="in_flight"), name="message_in_flight"),
            models.Index(fields=["state", "-queued_at", "id"], name="message_by_state"),
            models.Index(fields=["-queued_at", "id"], name="message_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=FINAL, finished_at__isnull=False)
                | (~models.Q(state__in=FINAL) & models.Q(finished_at__isnull=True)),
                name="partners_message_final_is_finished",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=LEASED)
                | models.Q(lease_token__isnull=False, lease_until__isnull=False, frozen__isnull=False),
                name="partners_message_leased_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class DeliveryAttempt(AppendOnlyModel):
    """One pass at handing a message over, with what the other side said."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="delivery_attempts")
    recorded_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=12, choices=MessageState)
    reply = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.reply}"


class PostBucket(MutableModel):
    """How many messages of a channel may go out now; filled by the database's clock at the pace of the settings."""

    channel = models.CharField(max_length=10, choices=Channel, primary_key=True)
    tokens = models.FloatField()
    filled_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_channel_display()


class Heartbeat(MutableModel):
    """When a loop last ran to its end, by the database's clock, for how long, and what it did in words."""

    loop = models.CharField(max_length=20, choices=Loop, primary_key=True)
    beaten_at = models.DateTimeField()
    run_ms = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.get_loop_display()


class SendingHold(MutableModel):
    """While one is open nothing is claimed, urgent messages neither. ``release_note`` is what the person confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=HoldKind)
    words = models.CharField(max_length=500)
    began_at = models.DateTimeField()
    details = models.JSONField(default=dict)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    release_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            both_or_neither("released"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(released_at=None), name="partners_sendinghold_one_open_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.words


class PostEpoch(MutableModel):
    """One row: which database this was when mail last went out, and how many times messages have been claimed.

    A restored backup brings an older row, which differs from the database it is in or from the mark kept outside it.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    fingerprint = models.JSONField()
    mark = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="partners_postepoch_one_row")]

    def __str__(self) -> str:
        return str(self.mark)


class PostPreference(MutableModel):
    """How a person wants their mail; ``digest_at`` is the time of day (UK) of the one mail a day."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT, related_name="post_preference")
    email = models.CharField(max_length=20, choices=EmailChoice, default=EmailChoice.AT_ONCE)
    digest_at = models.TimeField(default=time(9, 30))
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.get_email_display()


class CalendarFeed(MutableModel):
    """An address at which a calendar program reads a person's dates. The secret in it is kept as a hash alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)


class Suppression(MutableModel):
    """An address to which nothing is sent until somebody lifts this, because the mail system says it does not exist."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=500)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("lifted"),
            models.UniqueConstraint(
                Lower("address"), condition=models.Q(lifted_at=None), name="partners_suppression_one_open_of_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.address
