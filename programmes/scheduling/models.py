import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from partners.audit.models import MutableModel
from programmes.register.models import Programme
from programmes.scheduling.enums import StageKind, StageState
from programmes.scheduling.rules import StageDates

STARTS_AFTER_THE_ONE_BEFORE = """
    IF EXISTS (
        SELECT FROM programmes_stage earlier JOIN programmes_stage later USING (programme_id)
        WHERE programme_id = NEW.programme_id AND earlier.position < later.position
            AND later.started_on IS NOT NULL
            AND (earlier.finished_on IS NULL OR earlier.finished_on > later.started_on)
    ) THEN
        RAISE EXCEPTION 'A stage starts only when the one before it is finished' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class Stage(MutableModel):
    """One stage of one programme; planned and actual days, all inclusive. No route starts a stage out of order."""

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
                | Q(
                    planned_start_on__isnull=False,
                    planned_finish_on__isnull=False,
                    planned_finish_on__gte=F("planned_start_on"),
                ),
                name="programmes_stage_planned_in_order",
            ),
            models.CheckConstraint(
                condition=Q(finished_on__isnull=True) | Q(started_on__isnull=False, finished_on__gte=F("started_on")),
                name="programmes_stage_actual_in_order",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="starts_after_the_one_before",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                func=STARTS_AFTER_THE_ONE_BEFORE,
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def state(self) -> StageState:
        return StageState(self.dates.state)

    @property
    def dates(self) -> StageDates:
        """What the rules go by."""
        return StageDates(
            id=self.id,
            position=self.position,
            kind=self.kind,
            title=self.get_kind_display(),
            planned_start_on=self.planned_start_on,
            planned_finish_on=self.planned_finish_on,
            started_on=self.started_on,
            finished_on=self.finished_on,
            version=self.version,
        )
