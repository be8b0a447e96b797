import uuid

from django.db import models
from django.db.models import Q

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream


class DeliveryMilestone(MutableModel):
    """Something that a programme, or one workstream of it, achieves by a day.

    ``baseline_on`` is the day first agreed and never changes, ``forecast_on`` the one expected now, ``achieved_on`` the
    day on which it was done. Critical: the stage or the programme is late if it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="delivery_milestones")
    workstream = models.ForeignKey(
        Workstream, on_delete=models.PROTECT, null=True, blank=True, related_name="delivery_milestones"
    )
    name = models.CharField(max_length=200)
    is_critical = models.BooleanField(default=False)
    baseline_on = models.DateField()
    forecast_on = models.DateField()
    achieved_on = models.DateField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    drop_reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("dropped"),
            models.UniqueConstraint(
                fields=["programme", "workstream", "name"],
                condition=Q(dropped_at__isnull=True),
                nulls_distinct=False,
                name="programmes_deliverymilestone_name_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "forecast_on"],
                condition=Q(achieved_on__isnull=True, dropped_at__isnull=True),
                name="delivery_milestone_open",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryMilestoneEvent(AppendOnlyModel):
    """What became of a milestone on a day: forecast for another day, achieved, or that taken back; with the reason."""

    id = models.BigAutoField(primary_key=True)
    milestone = models.ForeignKey(DeliveryMilestone, on_delete=models.PROTECT, related_name="events")
    forecast_from_on = models.DateField()
    forecast_to_on = models.DateField()
    achieved_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.milestone}: {self.forecast_to_on}"
