import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.files.models import Document
from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.enums import CheckAnswer, GateResult, StageState
from programmes.scheduling.rules import StageDates
from programmes.workstreams.enums import DeliveryConfidence
from programmes.workstreams.models import Workstream

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


class LifeCycle(MutableModel):
    """A way through ordered stages that programmes share. What it consists of stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    is_default = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="programmes_lifecycle_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LifeCycleVersion(AppendOnlyModel):
    """The stages of a life cycle as published once. A later version never changes what programmes follow already.

    ``published_by`` is empty for those that come with the product.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    life_cycle = models.ForeignKey(LifeCycle, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["life_cycle", "number"], name="programmes_lifecycleversion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.life_cycle}, version {self.number}"


class StageDefinition(AppendOnlyModel):
    """One stage of one version, and the gate before it. ``checklist`` is a list of what the gate asks, in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    of_version = models.ForeignKey(LifeCycleVersion, on_delete=models.PROTECT, related_name="definitions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=50)
    title = models.CharField(max_length=200)
    gate_title = models.CharField(max_length=200)
    checklist = models.JSONField(default=list)

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["of_version", "position"], name="programmes_stagedefinition_position_once"),
            models.UniqueConstraint(fields=["of_version", "key"], name="programmes_stagedefinition_key_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Stage(MutableModel):
    """One stage of one programme; planned and actual days, all inclusive. No route starts a stage out of order.

    ``kind`` and ``title`` repeat what the definition said when the programme took it on. A stage that is not active is
    skipped: it keeps its days, and the order goes on without it.
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


_REVIEW_IS_COMPLETE = "RAISE EXCEPTION 'A completed gate review is never changed' USING ERRCODE = 'check_violation';"


def frozen_with_its_review() -> list[pgtrigger.Trigger]:
    """Triggers that keep a part of a gate review as it was when that was completed."""

    def refuse(row: str) -> str:
        found = f"SELECT FROM programmes_gatereview WHERE id = {row}.review_id AND completed_at IS NOT NULL"
        return f"IF EXISTS ({found}) THEN {_REVIEW_IS_COMPLETE} END IF;"

    return [
        pgtrigger.Trigger(
            name="not_added_later",
            operation=pgtrigger.Insert,
            when=pgtrigger.Before,
            func=f"{refuse('NEW')} RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="not_changed_later",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            func=f"{refuse('OLD')} RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="not_removed_later",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=f"{refuse('OLD')} RETURN OLD;",
        ),
    ]


class GateReview(MutableModel):
    """Independent assurance at the gate before a stage: a checklist answered, evidence, a rating, recommendations.

    Once completed it is never changed; ``fingerprint`` is the SHA-256 of everything in it, in hexadecimal. It informs
    the decision at the gate and does not take it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="gate_reviews")
    number = models.PositiveSmallIntegerField()
    reviewers = models.CharField(max_length=300)
    planned_on = models.DateField()
    rating = models.CharField(max_length=12, choices=DeliveryConfidence, blank=True)
    summary = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    fingerprint = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("completed"),
            models.UniqueConstraint(fields=["stage", "number"], name="programmes_gatereview_number_once"),
            models.UniqueConstraint(
                fields=["stage"], condition=Q(completed_at__isnull=True), name="programmes_gatereview_one_open"
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, fingerprint="")
                | (Q(completed_at__isnull=False) & ~Q(fingerprint="") & ~Q(rating="") & ~Q(summary="")),
                name="programmes_gatereview_completed_whole",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_when_complete",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__completed_at__isnull=False),
                func=_REVIEW_IS_COMPLETE,
            )
        ]

    def __str__(self) -> str:
        return f"Gate review {self.number} before {self.stage}"


class GateCheck(MutableModel):
    """One line of the checklist of a gate review."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(GateReview, on_delete=models.PROTECT, related_name="checks")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=300)
    answer = models.CharField(max_length=20, choices=CheckAnswer, default=CheckAnswer.OPEN, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "position"], name="programmes_gatecheck_position_once"),
        ]
        triggers = frozen_with_its_review()

    def __str__(self) -> str:
        return self.question


class GateEvidence(MutableModel):
    """What a gate review rests on: a document of ours, or an address elsewhere. ``sha256`` of the bytes or the address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(GateReview, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.URLField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, address="") | (Q(document__isnull=True) & ~Q(address="")),
                name="programmes_gateevidence_one_source",
            ),
        ]
        triggers = frozen_with_its_review()

    def __str__(self) -> str:
        return self.title


class GateOutcome(AppendOnlyModel):
    """What an office decided at the gate before a stage. The latest by ``decided_on``, then by ``number``, counts.

    Written with the decision that ``decision_id`` names, and repeats who took it. ``review`` is the completed gate
    review that informed it, where there was one, with its fingerprint at that moment; ``waiver_reason`` why the gate
    was passed without what it asks for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="gate_outcomes")
    number = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=20, choices=GateResult)
    conditions = models.TextField(blank=True)
    waiver_reason = models.CharField(max_length=500, blank=True, db_default="", default="")
    review = models.ForeignKey(GateReview, on_delete=models.PROTECT, null=True, blank=True, related_name="outcomes")
    review_fingerprint = models.CharField(max_length=64, blank=True, db_default="", default="")
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
            models.CheckConstraint(
                condition=Q(result=GateResult.WAIVED) & ~Q(waiver_reason="")
                | ~Q(result=GateResult.WAIVED) & Q(waiver_reason=""),
                name="programmes_gateoutcome_waiver_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(review__isnull=True, review_fingerprint="")
                | Q(review__isnull=False) & ~Q(review_fingerprint=""),
                name="programmes_gateoutcome_review_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.get_result_display()
