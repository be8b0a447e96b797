import uuid

from django.db import models

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import Scope, User
from partners.post.enums import Channel
from partners.post.models import Message
from programmes.register.models import Programme
from programmes.reminders.enums import ReminderState
from programmes.reminders.rules import STOPPABLE


class ReminderWave(MutableModel):
    """One notice of one milestone, with its words and its time. ``subject_id`` is what it serves, such as a review.

    ``kind`` is the key of the source whose rules ask for it, empty where none does; ``part_id`` the consultation within
    the review. It belongs to a programme, or to the ``scope`` where what is due concerns no programme.
    ``needs_sight``: it goes only to those who may see the programme when it is due. ``moved_from_at`` is when it was
    due before it last moved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedup_key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="reminder_waves"
    )
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, null=True, blank=True, related_name="reminder_waves")
    subject_id = models.UUIDField(db_index=True)
    part_id = models.UUIDField(null=True, blank=True, db_index=True)
    title = models.CharField(max_length=200)
    mail_subject = models.CharField(max_length=200)
    mail_text = models.TextField()
    due_at = models.DateTimeField()
    due_reason = models.CharField(max_length=300)
    moved_from_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField()
    is_urgent = models.BooleanField(default=False)
    needs_sight = models.BooleanField(default=False, db_default=False)
    planned_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            both_or_neither("cancelled"),
            models.CheckConstraint(
                condition=models.Q(programme__isnull=False, scope__isnull=True)
                | models.Q(programme__isnull=True, scope__isnull=False),
                name="programmes_reminderwave_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("due_at")), name="programmes_reminderwave_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> Scope:
        """Where roles are asked for. Read the wave with its scope and its programme's."""
        return self.programme.scope if self.programme else self.scope  # type: ignore[return-value]


class PlannedReminder(MutableModel):
    """One wave to one person. ``need`` names what the person still owes: ending the need cancels its reminders.

    ``is_urgent``: this one goes at once, whatever its wave. ``stays_cancelled``: somebody cancelled it, so the planner
    does not ask again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedup_key = models.CharField(max_length=300, unique=True)
    wave = models.ForeignKey(ReminderWave, on_delete=models.PROTECT, related_name="reminders")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="planned_reminders")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    need = models.CharField(max_length=100, db_index=True)
    link_path = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    is_urgent = models.BooleanField(default=False, db_default=False)
    stays_cancelled = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=12, choices=ReminderState, default=ReminderState.PLANNED)
    state_reason = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="planned_reminder"
    )

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state="planned"), name="reminder_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="queued", message__isnull=False) | (~models.Q(state="queued")),
                name="programmes_plannedreminder_queued_has_message",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned", settled_at__isnull=True)
                | (~models.Q(state="planned") & models.Q(settled_at__isnull=False)),
                name="programmes_plannedreminder_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wave} to {self.recipient}"

    @property
    def fate(self) -> str:
        """A key of ``FATES``; in a daily mail, the fate of that. Read the message and its digest with the reminder."""
        if self.state != ReminderState.QUEUED or self.message is None:
            return self.state
        return (self.message.digest or self.message).state

    @property
    def can_stop(self) -> bool:
        return self.fate in STOPPABLE

    @property
    def fate_reason(self) -> str:
        """Why it ended as it did, or waits. Read the message with the reminder."""
        return self.message.state_reason if self.state == ReminderState.QUEUED and self.message else self.state_reason


class ReminderSweep(AppendOnlyModel):
    """One look at whether everything is planned that the rules ask for: ``found`` by kind, before it was put right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    swept_at = models.DateTimeField(db_index=True)
    found = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Sweep at {self.swept_at}"
