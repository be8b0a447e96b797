import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.enums import StageState
from programmes.scheduling.models.life_cycles import StageDefinition
from programmes.scheduling.rules import StageDates

STARTS_AFTER_THE_ONE_BEFORE = """
    IF EXISTS (
        SELECT FROM programmes_stage earlier JOIN programmes_stage later USING (programme_id)
        WHERE programme_id = NEW.programme_id AND earlier.position < later.position AND earlier.is_active
            AND later.started_on IS NOT NULL
            AND (earlier.finished_on IS NULL OR earlier.finished_on > later.started_on)
    ) THEN
        RAISE EXCEPTION 'A stage starts only when the one before it is finished' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""
STARTS_AFTER_ITS_GATE = """
    IF NEW.started_on IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.started_on IS DISTINCT FROM NEW.started_on)
        AND coalesce(
            (SELECT result FROM programmes_gateoutcome
             WHERE stage_id = NEW.id AND decided_on <= NEW.started_on
             ORDER BY decided_on DESC, number DESC LIMIT 1),
            'none'
        ) NOT IN ('proceed', 'with_conditions', 'waived')
    THEN
        RAISE EXCEPTION 'A stage starts only when the gate before it has been passed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class Stage(MutableModel):
    """One stage of one programme; planned and actual days, all inclusive. No route starts a stage out of order.

    ``kind`` and ``title`` repeat what the definition said when the programme took it on. A stage that is not active is
    skipped: it keeps its days, and the order goes on without it. One that was replaced, when the programme took on another
    life cycle before any stage had started, is kept for what refers to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="stages")
    definition = models.ForeignKey(StageDefinition, on_delete=models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=50)
    title = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True, db_default=True)
    planned_start_on = models.DateField(null=True, blank=True)
    planned_finish_on = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("replaced"),
            models.UniqueConstraint(
                fields=["programme", "position"],
                condition=Q(replaced_at__isnull=True),
                name="programmes_stage_position_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "kind"], condition=Q(replaced_at__isnull=True), name="programmes_stage_kind_once"
            ),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(is_active=False), name="programmes_stage_replaced_not_active"
            ),
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
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(started_on__isnull=True), name="programmes_stage_skipped_not_started"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="starts_after_the_one_before",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                func=STARTS_AFTER_THE_ONE_BEFORE,
            ),
            pgtrigger.Trigger(
                name="starts_after_its_gate",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                func=STARTS_AFTER_ITS_GATE,
            ),
        ]

    def __str__(self) -> str:
        return self.title

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
            title=self.title,
            planned_start_on=self.planned_start_on,
            planned_finish_on=self.planned_finish_on,
            started_on=self.started_on,
            finished_on=self.finished_on,
            version=self.version,
            is_active=self.is_active,
        )


class StageDateMove(AppendOnlyModel):
    """A planned day of a stage that moved, and why."""

    id = models.BigAutoField(primary_key=True)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="date_moves")
    is_finish = models.BooleanField()
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.stage}: {self.from_on} to {self.to_on}"
