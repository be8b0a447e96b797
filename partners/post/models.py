import uuid
from datetime import time

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.people.models import User
from partners.post.enums import FINAL, LEASED, Channel, MessageState


def default_sender() -> str:
    """The installation's sender until an administrator sets another."""
    return settings.DEFAULT_FROM_EMAIL


class PostSettings(MutableModel):
    """One row: the sender's address and the hours (UK time, working days) in which mail that is not urgent goes out."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sender = models.CharField(max_length=200, default=default_sender)
    window_opens = models.TimeField(default=time(9, 30))
    window_closes = models.TimeField(default=time(16, 0))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "post settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="partners_postsettings_one_row"),
            models.CheckConstraint(
                condition=models.Q(window_closes__gt=models.F("window_opens")), name="partners_postsettings_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.sender


class Message(MutableModel):
    """One message to one person by one channel. ``thread`` names person and reason: a newer one supersedes older ones.

    ``frozen`` holds the bytes of every attempt, without secrets. ``stop_reason`` says why a message that is already with
    the mail server must not be sent again, should it turn out that the server did not take it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedup_key = models.CharField(max_length=300, unique=True)
    thread = models.CharField(max_length=200, db_index=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    is_urgent = models.BooleanField(default=False)
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

    class Meta:
        indexes = [
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
