import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.enums import GateResult, StageKind, StageState
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
STARTS_AFTER_ITS_GATE = """
    IF NEW.started_on IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.started_on IS DISTINCT FROM NEW.started_on)
        AND coalesce(
            (SELECT result FROM programmes_gateoutcome
             WHERE stage_id = NEW.id AND decided_on <= NEW.started_on
             ORDER BY decided_on DESC, number DESC LIMIT 1),
            'none'
        ) NOT IN ('proceed', 'with_conditions')
    THEN
        RAISE EXCEPTION 'A stage starts only when the gate before it has been passed' USING ERRCODE = 'check_violation';
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
            ),
            pgtrigger.Trigger(
                name="starts_after_its_gate",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                func=STARTS_AFTER_ITS_GATE,
            ),
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


class GateOutcome(AppendOnlyModel):
    """What an office decided at the gate before a stage. The latest by ``decided_on``, then by ``number``, counts.

    Written with the decision that ``decision_id`` names, and repeats who took it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="gate_outcomes")
    number = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=20, choices=GateResult)
    conditions = models.TextField(blank=True)
    decided_on = models.DateField()
    decision_id = models.UUIDField()
    office_title = models.CharField(max_length=200)
    holder_name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["stage", "number"], name="programmes_gateoutcome_number_once"),
            models.CheckConstraint(
                condition=Q(result=GateResult.WITH_CONDITIONS) & ~Q(conditions="")
                | ~Q(result=GateResult.WITH_CONDITIONS) & Q(conditions=""),
                name="programmes_gateoutcome_conditions_where_needed",
            ),
        ]

    def __str__(self) -> str:
        return self.get_result_display()
