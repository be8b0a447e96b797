import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from partners.audit.models import MutableModel, both_or_neither, frozen_with_its
from partners.consortia.models import Capability, Relationship
from partners.people.models import Office, OfficeHolding, User
from programmes.decisions.enums import (
    FROZEN,
    Ambition,
    DecisionState,
    NeedLevel,
    PartnerFate,
    WorkFate,
)
from programmes.engagements.models import Engagement
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.reviews.models import Review
from programmes.savings.models import Saving
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import Stage
from programmes.workstreams.models import Workstream

_REFUSAL = "A decision that was taken or withdrawn is never changed"
_REFUSE = f"RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'check_violation';"


def frozen_with(decision_of: str = "{row}.decision_id") -> list[pgtrigger.Trigger]:
    """Triggers that keep a part of a decision as it was when that was taken or withdrawn."""
    is_frozen = (
        f"EXISTS (SELECT FROM programmes_decision WHERE id IN ({decision_of}) AND state IN ('taken', 'withdrawn'))"
    )
    return frozen_with_its("decision", is_frozen=is_frozen, refusal=_REFUSAL)


class Decision(MutableModel):
    """What an office decides about a programme: drafted, proposed, taken. Never changed afterwards; superseded instead.

    ``taken_on`` is the day of the decision, ``recorded_at`` the business time at which it was entered. ``holding`` says
    who held the office on that day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="decisions")
    title = models.CharField(max_length=200)
    question = models.TextField()
    rationale = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=20, choices=DecisionState, default=DecisionState.DRAFT)
    ends_programme = models.BooleanField(default=False)
    delivery_model = models.CharField(max_length=30, choices=DeliveryModel, blank=True)
    gate = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    gate_result = models.CharField(max_length=20, choices=GateResult, blank=True)
    gate_waiver_reason = models.CharField(max_length=500, blank=True, db_default="", default="")
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseding")
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_on = models.DateField(null=True, blank=True)
    holding = models.ForeignKey(
        OfficeHolding, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdraw_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("proposed"),
            both_or_neither("recorded"),
            both_or_neither("withdrawn"),
            models.CheckConstraint(
                condition=Q(
                    state=DecisionState.TAKEN,
                    proposed_at__isnull=False,
                    taken_on__isnull=False,
                    holding__isnull=False,
                    recorded_at__isnull=False,
                )
                & ~Q(rationale="")
                | ~Q(state=DecisionState.TAKEN)
                & Q(taken_on__isnull=True, holding__isnull=True, recorded_at__isnull=True),
                name="programmes_decision_taken_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=DecisionState.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdraw_reason="")
                | ~Q(state=DecisionState.WITHDRAWN) & Q(withdrawn_at__isnull=True, withdraw_reason=""),
                name="programmes_decision_withdrawn_whole",
            ),
            models.CheckConstraint(
                condition=Q(gate__isnull=True, gate_result="") | Q(gate__isnull=False) & ~Q(gate_result=""),
                name="programmes_decision_gate_whole",
            ),
            models.CheckConstraint(
                condition=Q(gate_result=GateResult.WAIVED) & ~Q(gate_waiver_reason="")
                | ~Q(gate_result=GateResult.WAIVED) & Q(gate_waiver_reason=""),
                name="programmes_decision_waiver_has_reason",
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state=DecisionState.TAKEN, ends_programme=True),
                name="programmes_decision_ends_once",
            ),
            models.UniqueConstraint(
                fields=["supersedes"],
                condition=Q(state=DecisionState.TAKEN),
                name="programmes_decision_superseded_once",
            ),
        ]
        indexes = [models.Index(fields=["programme", "-taken_on", "-recorded_at"], name="decision_newest")]
        triggers = [
            pgtrigger.Trigger(
                name="frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__state__in=[str(state) for state in FROZEN]),
                func=_REFUSE,
            )
        ]

    def __str__(self) -> str:
        return self.title


class GateConditionToMeet(MutableModel):
    """A condition of passing a gate, with who meets it and by when. It becomes an action when the decision is taken."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="conditions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="programmes_gatecondition_position_once"),
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return self.text


class DecisionOption(MutableModel):
    """One way to decide, beside the others. ``rejected_because`` is for those that are not chosen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="options")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    ambition = models.PositiveSmallIntegerField(choices=Ambition)
    delivery_model = models.CharField(max_length=30, choices=DeliveryModel)
    is_chosen = models.BooleanField(default=False)
    rejected_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "position"],
                name="programmes_decisionoption_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["decision"], condition=Q(is_chosen=True), name="programmes_decisionoption_one_chosen"
            ),
            models.CheckConstraint(
                condition=Q(is_chosen=False) | Q(rejected_because=""), name="programmes_decisionoption_chosen_or_not"
            ),
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return self.title


class OptionNeed(MutableModel):
    """What an option needs of partners: a capability, and how much of it."""

    option = models.ForeignKey(DecisionOption, on_delete=models.PROTECT, related_name="needs")
    capability = models.ForeignKey(Capability, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=NeedLevel)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["option", "capability"], name="programmes_optionneed_once")]
        triggers = frozen_with("SELECT decision_id FROM programmes_decisionoption WHERE id = {row}.option_id")

    def __str__(self) -> str:
        return str(self.capability)


class WorkstreamFate(MutableModel):
    """What becomes of an open workstream when the decision ends its programme."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="workstream_fates")
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="+")
    fate = models.CharField(max_length=10, choices=WorkFate)
    move_to = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "workstream"], name="programmes_workstreamfate_once"),
            models.CheckConstraint(
                condition=Q(fate=WorkFate.MOVE, move_to__isnull=False)
                | ~Q(fate=WorkFate.MOVE) & Q(move_to__isnull=True),
                name="programmes_workstreamfate_move_has_place",
            ),
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return f"{self.workstream}: {self.get_fate_display()}"


class SavingFate(MutableModel):
    """What becomes of a saving that is planned or expected when the decision ends its programme."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="saving_fates")
    saving = models.ForeignKey(Saving, on_delete=models.PROTECT, related_name="+")
    fate = models.CharField(max_length=10, choices=WorkFate)
    move_to = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "saving"], name="programmes_savingfate_once"),
            models.CheckConstraint(
                condition=Q(fate=WorkFate.MOVE, move_to__isnull=False)
                | ~Q(fate=WorkFate.MOVE) & Q(move_to__isnull=True),
                name="programmes_savingfate_move_has_place",
            ),
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return f"{self.saving}: {self.get_fate_display()}"


class EngagementFate(MutableModel):
    """The last day of an engagement, set by the decision that ends its programme."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="engagement_fates")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="+")
    ends_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "engagement"], name="programmes_engagementfate_once")
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return f"{self.engagement} until {self.ends_on}"


class RelationshipFate(MutableModel):
    """Where the relationship with a partner stands once the decision has ended the programme."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="relationship_fates")
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="+")
    fate = models.CharField(max_length=10, choices=PartnerFate)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    expires_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "relationship"], name="programmes_relationshipfate_once"),
            models.CheckConstraint(
                condition=~Q(fate=PartnerFate.AVAILABLE) | Q(owner__isnull=False, expires_on__isnull=False),
                name="programmes_relationshipfate_available_has_owner_and_expiry",
            ),
        ]
        triggers = frozen_with()

    def __str__(self) -> str:
        return f"{self.relationship}: {self.get_fate_display()}"


class ReviewToOpen(MutableModel):
    """The review that a decision opens; ``review`` is set when the decision is taken."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="review_to_open")
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    starts_on = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    review = models.OneToOneField(
        Review, on_delete=models.PROTECT, null=True, blank=True, related_name="opened_by_decision"
    )

    class Meta:
        triggers = frozen_with()

    def __str__(self) -> str:
        return self.title
