import uuid
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Now

from partners.audit.models import DAYS, AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import Scope, User
from programmes.register.models import Programme
from programmes.workstreams.enums import (
    ASKS,
    Ask,
    DeliveryConfidence,
    ExceptionKind,
    Frequency,
    Rating,
    Scale,
    Weekday,
)


class ReportingChoice(MutableModel):
    """How often and on which day a status is due. The day moves to the working day before when it is not worked.

    ``first_on`` lies in one of the weeks in which a fortnightly report is due.
    """

    frequency = models.CharField(max_length=12, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.CharField(max_length=1, choices=Weekday, default=Weekday.FRIDAY)
    first_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(frequency=Frequency.FORTNIGHTLY) | models.Q(first_on__isnull=False),
                name="%(app_label)s_%(class)s_fortnights_counted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_frequency_display()}, {self.get_weekday_display()}"


class ReportingSettings(ReportingChoice):
    """One row: what every portfolio follows that has chosen nothing of its own."""

    id = models.SmallIntegerField(primary_key=True, default=1)

    class Meta(ReportingChoice.Meta):
        abstract = False
        verbose_name_plural = "reporting settings"
        constraints = [
            *ReportingChoice.Meta.constraints,
            models.CheckConstraint(condition=models.Q(id=1), name="programmes_reportingsettings_one_row"),
        ]


class PortfolioReporting(ReportingChoice):
    """What one portfolio has chosen, by its scope: the parent of its programmes' scopes."""

    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, primary_key=True, related_name="reporting")

    class Meta(ReportingChoice.Meta):
        abstract = False


class Workstream(MutableModel):
    """A piece of a programme that reports. ``current_*`` repeat its latest update, written in the same transaction.

    ``current_reported_at`` is when that was first reported, ``current_period_on`` the reporting day that it reports
    for: a correction does not make it younger. ``current_is_withheld`` where the rating of that day is kept back.
    Nothing is due for a reporting day before the start or the reopening. ``exception_*`` repeat the exception that
    stands now or is to come. ``reviewer`` reads what the lead reports; the programme manager where there is none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="workstreams")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    lead = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="led_workstreams")
    reviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="reviewed_workstreams"
    )
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
    current_period_on = models.DateField(null=True, blank=True)
    current_ask_kind = models.CharField(max_length=10, choices=Ask, null=True, blank=True)
    current_is_withheld = models.BooleanField(default=False, db_default=False)
    exception_kind = models.CharField(max_length=10, choices=ExceptionKind, blank=True, db_default="", default="")
    exception_from_on = models.DateField(null=True, blank=True)
    exception_to_on = models.DateField(null=True, blank=True)
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
                    current_update__isnull=True,
                    current_rating__isnull=True,
                    current_reported_at__isnull=True,
                    current_period_on__isnull=True,
                )
                | models.Q(
                    current_update__isnull=False,
                    current_rating__isnull=False,
                    current_reported_at__isnull=False,
                    current_period_on__isnull=False,
                ),
                name="programmes_workstream_current_together",
            ),
            models.CheckConstraint(
                condition=models.Q(exception_kind="", exception_from_on__isnull=True, exception_to_on__isnull=True)
                | (
                    ~models.Q(exception_kind="")
                    & models.Q(exception_from_on__isnull=False, exception_to_on__gte=models.F("exception_from_on"))
                ),
                name="programmes_workstream_exception_whole",
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

    ``period_on`` is the reporting day that it reports for; ``is_late`` when that was over. ``reported_at`` is the
    business time of this row, ``recorded_at`` when the database took it. A correction carries the time of the report
    that it corrects as ``original_reported_at``, and its ``period_on`` and ``is_late``. ``facts`` are what the form
    showed as happened since the last report: a list of objects with ``kind``, ``words`` and ``on`` (ISO date).
    Updates from before ratings by dimension were asked for have none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="updates")
    period_on = models.DateField()
    is_late = models.BooleanField(default=False, db_default=False)
    rating = models.CharField(max_length=10, choices=Rating)
    schedule = models.CharField(max_length=10, choices=Rating, null=True, blank=True)
    cost = models.CharField(max_length=10, choices=Rating, null=True, blank=True)
    scope = models.CharField(max_length=10, choices=Rating, null=True, blank=True)
    benefits = models.CharField(max_length=10, choices=Rating, null=True, blank=True)
    facts = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    path_to_green = models.TextField(blank=True, db_default="", default="")
    path_owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path_due_on = models.DateField(null=True, blank=True)
    changed = models.TextField()
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
            models.CheckConstraint(
                condition=models.Q(path_to_green="", path_owner__isnull=True, path_due_on__isnull=True)
                | (~models.Q(path_to_green="") & models.Q(path_owner__isnull=False, path_due_on__isnull=False)),
                name="programmes_statusupdate_path_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rating_display()}: {self.changed[:60]}"

    @property
    def said_at(self) -> datetime:
        """When this was reported, or what it corrects was."""
        return self.original_reported_at or self.reported_at


class ReportingException(MutableModel):
    """For the reporting days from ``from_on`` to ``to_on`` (inclusive) a workstream owes no report, or its rating is kept
    back; with the reason. Ended early rather than changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=10, choices=ExceptionKind)
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("ended"),
            models.CheckConstraint(
                condition=models.Q(to_on__gte=models.F("from_on")), name="programmes_reportingexception_in_order"
            ),
            ExclusionConstraint(
                name="programmes_reportingexception_one_at_a_time",
                expressions=[(DAYS, RangeOperators.OVERLAPS), ("workstream", RangeOperators.EQUAL)],
                condition=models.Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workstream}: {self.get_kind_display()}"


class WorkstreamLink(MutableModel):
    """One workstream needs something from another, of the same programme or of another one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dependant = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="providers")
    provider = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="dependants")
    what = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("ended"),
            models.CheckConstraint(
                condition=~models.Q(dependant=models.F("provider")), name="programmes_workstreamlink_not_itself"
            ),
            models.UniqueConstraint(
                fields=["dependant", "provider"],
                condition=models.Q(ended_at__isnull=True),
                name="programmes_workstreamlink_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dependant} needs {self.provider}"


class AssuranceRating(MutableModel):
    """What somebody independent of a programme thinks of it, apart from what its own people say.

    It stands from ``assured_on`` to ``expires_on`` (inclusive), unless withdrawn; the latest by ``assured_on``, then by
    ``recorded_at``, counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="assurance_ratings")
    scale = models.CharField(max_length=12, choices=Scale)
    rating = models.CharField(max_length=12, choices=DeliveryConfidence)
    words = models.TextField()
    assured_by = models.CharField(max_length=200)
    assured_on = models.DateField()
    expires_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdraw_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.CheckConstraint(
                condition=models.Q(expires_on__gte=models.F("assured_on")),
                name="programmes_assurancerating_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(scale=Scale.FIVE_POINT)
                | ~models.Q(rating__in=(DeliveryConfidence.AMBER_GREEN, DeliveryConfidence.AMBER_RED)),
                name="programmes_assurancerating_on_its_scale",
            ),
        ]
        indexes = [models.Index(fields=["programme", "-assured_on", "-recorded_at"], name="assurance_newest")]

    def __str__(self) -> str:
        return f"{self.get_rating_display()} by {self.assured_by}"


class RatingOverride(MutableModel):
    """What the portfolio's office shows for a programme in place of what its workstreams add up to, with the reason.

    It lapses at the end of the reporting day ``period_on``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rating_overrides")
    rating = models.CharField(max_length=10, choices=Rating)
    reason = models.CharField(max_length=300)
    period_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.UniqueConstraint(
                fields=["programme", "period_on"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="programmes_ratingoverride_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}: {self.get_rating_display()}"
