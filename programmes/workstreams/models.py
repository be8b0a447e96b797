import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from programmes.register.models import Programme
from programmes.workstreams.enums import ASKS, Ask, Frequency, Rating, Weekday


class ReportingSettings(MutableModel):
    """One row: how often and on which day a status is due. The day moves to the working day before when it is not worked."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.CharField(max_length=1, choices=Weekday, default=Weekday.FRIDAY)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "reporting settings"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="programmes_reportingsettings_one_row")]

    def __str__(self) -> str:
        return f"{self.get_frequency_display()}, {self.get_weekday_display()}"


class Workstream(MutableModel):
    """A piece of a programme that reports. ``current_*`` repeat its latest update, written in the same transaction.

    ``current_reported_at`` is when that was first reported: a correction does not make it younger. Nothing is due for
    a reporting day before the start or the reopening.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="workstreams")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    lead = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="led_workstreams")
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    close_reason = models.CharField(max_length=300, blank=True, db_default="")
    reopened_at = models.DateTimeField(null=True, blank=True)
    current_update = models.OneToOneField(
        "StatusUpdate", on_delete=models.PROTECT, null=True, blank=True, related_name="current_for"
    )
    current_rating = models.CharField(max_length=10, choices=Rating, null=True, blank=True)
    current_reported_at = models.DateTimeField(null=True, blank=True)
    current_ask_kind = models.CharField(max_length=10, choices=Ask, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    # Only on rows read by queries.with_standing.
    standing: str
    shown: str

    class Meta:
        constraints = [
            both_or_neither("closed"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, close_reason="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(close_reason="")),
                name="programmes_workstream_closed_has_reason",
            ),
            models.UniqueConstraint(fields=["programme", "name"], name="programmes_workstream_name_once"),
            models.CheckConstraint(
                condition=models.Q(
                    current_update__isnull=True, current_rating__isnull=True, current_reported_at__isnull=True
                )
                | models.Q(
                    current_update__isnull=False, current_rating__isnull=False, current_reported_at__isnull=False
                ),
                name="programmes_workstream_current_together",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "current_rating", "current_reported_at"],
                condition=models.Q(closed_at__isnull=True),
                name="workstream_open",
            ),
            models.Index(
                fields=["current_reported_at", "id"],
                condition=models.Q(closed_at__isnull=True, current_ask_kind__in=ASKS),
                name="workstream_asks",
            ),
            models.Index(fields=["name", "id"], name="workstream_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkstreamMove(AppendOnlyModel):
    """A workstream went from one programme to another on a day, by a decision."""

    id = models.BigAutoField(primary_key=True)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="moves")
    from_programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    to_programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField()
    decision_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.workstream} to {self.to_programme}"


class StatusUpdate(AppendOnlyModel):
    """What an author said of a workstream at one time. A correction supersedes it and never changes it.

    ``reported_at`` is the business time of this row, ``recorded_at`` when the database took it. A correction carries
    the time of the report that it corrects as ``original_reported_at``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="updates")
    rating = models.CharField(max_length=10, choices=Rating)
    changed = models.TextField()
    next_steps = models.TextField(blank=True)
    ask_kind = models.CharField(max_length=10, choices=Ask, default=Ask.NONE)
    ask = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    correction_reason = models.CharField(max_length=300, blank=True)
    original_reported_at = models.DateTimeField(null=True, blank=True)
    request_key = models.UUIDField(unique=True)

    class Meta(AppendOnlyModel.Meta):
        indexes = [
            models.Index(fields=["workstream", "-reported_at", "-id"], name="status_newest"),
            models.Index(fields=["-reported_at", "-id"], name="status_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(supersedes__isnull=True, original_reported_at__isnull=True, correction_reason="")
                | (
                    models.Q(supersedes__isnull=False, original_reported_at__isnull=False)
                    & ~models.Q(correction_reason="")
                ),
                name="programmes_statusupdate_correction_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(ask_kind=Ask.NONE, ask="") | (~models.Q(ask_kind=Ask.NONE) & ~models.Q(ask="")),
                name="programmes_statusupdate_ask_has_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rating_display()}: {self.changed[:60]}"

    @property
    def said_at(self) -> datetime:
        """When this was reported, or what it corrects was."""
        return self.original_reported_at or self.reported_at
