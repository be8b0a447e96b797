import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither, frozen_with_its
from partners.files.models import Document
from partners.people.models import User
from programmes.scheduling.enums import CheckAnswer, GateResult
from programmes.scheduling.models.stages import Stage
from programmes.workstreams.enums import DeliveryConfidence

_REFUSAL = "A gate review that was completed or cancelled is never changed"
_IS_OVER = (
    "EXISTS (SELECT FROM programmes_gatereview WHERE id = {row}.review_id"
    " AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL))"
)
FROZEN = frozen_with_its("review", is_frozen=_IS_OVER, refusal=_REFUSAL)
# Decisions are a room above: a trigger names their table, and no foreign key can. It is asked at the end of the
# transaction, because the decision is marked as taken after its effects.
_IS_DECIDED = """
    IF NOT EXISTS (
        SELECT FROM programmes_decision
        WHERE id = NEW.decision_id AND state = 'taken' AND gate_id = NEW.stage_id AND gate_result = NEW.result
            AND gate_waiver_reason = NEW.waiver_reason AND taken_on = NEW.decided_on
    ) THEN
        RAISE EXCEPTION 'What was decided at a gate stands in a decision that was taken' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class GateReview(MutableModel):
    """Independent assurance at the gate before a stage: a checklist answered, evidence, a rating, recommendations.

    Once completed or cancelled it is never changed; ``fingerprint`` is the SHA-256 of everything in a completed one, in
    hexadecimal. It informs the decision at the gate and does not take it.
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
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=300, blank=True, db_default="", default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("completed"),
            both_or_neither("cancelled"),
            models.UniqueConstraint(fields=["stage", "number"], name="programmes_gatereview_number_once"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(completed_at__isnull=True, cancelled_at__isnull=True),
                name="programmes_gatereview_one_open",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancel_reason="")
                | Q(cancelled_at__isnull=False, completed_at__isnull=True) & ~Q(cancel_reason=""),
                name="programmes_gatereview_cancelled_whole",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, fingerprint="")
                | (Q(completed_at__isnull=False) & ~Q(fingerprint="") & ~Q(rating="") & ~Q(summary="")),
                name="programmes_gatereview_completed_whole",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_when_over",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__completed_at__isnull=False) | pgtrigger.Q(old__cancelled_at__isnull=False),
                func=f"RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'check_violation';",
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
        triggers = FROZEN

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
        triggers = FROZEN

    def __str__(self) -> str:
        return self.title


class GateRecommendation(MutableModel):
    """What a gate review asks for, of whom and by when. It becomes an action when the review is completed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(GateReview, on_delete=models.PROTECT, related_name="recommendations")
    text = models.CharField(max_length=200)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = FROZEN

    def __str__(self) -> str:
        return self.text


class GateOutcome(AppendOnlyModel):
    """What an office decided at the gate before a stage. The latest by ``decided_on``, then by ``number``, counts.

    Written with the decision that ``decision_id`` names, and repeats who took it; the database refuses one without. ``review`` is the completed gate
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
            models.UniqueConstraint(fields=["decision_id"], name="programmes_gateoutcome_decision_once"),
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
        triggers = [
            *AppendOnlyModel.Meta.triggers,
            pgtrigger.Trigger(
                name="is_decided",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_IS_DECIDED,
            ),
        ]

    def __str__(self) -> str:
        return self.get_result_display()
