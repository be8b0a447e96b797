import uuid

from django.db import models
from django.db.models import F, Q

from partners.audit.models import MutableModel
from programmes.register.models import Programme
from programmes.scheduling.enums import StageKind, StageState


class Stage(MutableModel):
    """One stage of one programme; planned and actual days, all inclusive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=StageKind)
    planned_start_on = models.DateField(null=True, blank=True)
    planned_finish_on = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "position"], name="programmes_stage_position_once"),
            models.UniqueConstraint(fields=["programme", "kind"], name="programmes_stage_kind_once"),
            models.CheckConstraint(
                condition=Q(planned_start_on__isnull=True, planned_finish_on__isnull=True)
                | Q(planned_finish_on__gte=F("planned_start_on")),
                name="programmes_stage_planned_in_order",
            ),
            models.CheckConstraint(
                condition=Q(finished_on__isnull=True) | Q(finished_on__gte=F("started_on")),
                name="programmes_stage_actual_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def state(self) -> StageState:
        if self.finished_on:
            return StageState.FINISHED
        return StageState.UNDER_WAY if self.started_on else StageState.NOT_STARTED
