import uuid
from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from partners.audit.models import DAYS, AppendOnlyModel, MutableModel, both_or_neither
from partners.consortia.enums import MemberRole, RelationshipState, TermKind
from partners.organisations.models import Organisation
from partners.people.models import Scope, User


class Consortium(MutableModel):
    """Organisations that stand together for a time. It knows no programme, so it outlives every one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="partners_consortium_name_once")]

    def __str__(self) -> str:
        return self.name


class ConsortiumMembership(MutableModel):
    """An organisation in a consortium from one day to another, both inclusive. At most one lead on any day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=MemberRole)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="partners_consortiummembership_in_order",
            ),
            ExclusionConstraint(
                name="partners_consortiummembership_once_at_a_time",
                expressions=[
                    (DAYS, RangeOperators.OVERLAPS),
                    ("consortium", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                ],
            ),
            ExclusionConstraint(
                name="partners_consortiummembership_one_lead",
                expressions=[(DAYS, RangeOperators.OVERLAPS), ("consortium", RangeOperators.EQUAL)],
                condition=Q(role=MemberRole.LEAD),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.consortium}"

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


class Capability(MutableModel):
    """Something that a partner may be able to do for us."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="partners_capability_name_once")]

    def __str__(self) -> str:
        return self.name


class CapabilityClaim(MutableModel):
    """An organisation can do something, on this evidence, from one day and perhaps until another (inclusive)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capability = models.ForeignKey(Capability, on_delete=models.PROTECT, related_name="claims")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="capability_claims")
    evidence = models.CharField(max_length=500)
    claimed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("claimed_on")),
                name="partners_capabilityclaim_in_order",
            ),
            models.UniqueConstraint(
                fields=["capability", "organisation"],
                condition=Q(withdrawn_at__isnull=True),
                name="partners_capabilityclaim_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.capability}"


class Relationship(MutableModel):
    """What is between a portfolio and one partner, a consortium or an organisation bidding alone. Never deleted.

    ``state`` repeats that of its latest standing, written in the same transaction.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="relationships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="relationships"
    )
    consortium = models.ForeignKey(
        Consortium, on_delete=models.PROTECT, null=True, blank=True, related_name="relationships"
    )
    state = models.CharField(max_length=20, choices=RelationshipState)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True, consortium__isnull=False)
                | Q(organisation__isnull=False, consortium__isnull=True),
                name="partners_relationship_one_party",
            ),
            models.UniqueConstraint(fields=["scope", "organisation"], name="partners_relationship_organisation_once"),
            models.UniqueConstraint(fields=["scope", "consortium"], name="partners_relationship_consortium_once"),
        ]

    def __str__(self) -> str:
        return self.party_name

    @property
    def party_name(self) -> str:
        """Read the relationship with its party."""
        return str(self.consortium or self.organisation)


class RelationshipStanding(AppendOnlyModel):
    """Where a relationship stands from a day on; the highest ``number`` counts. ``expires_on`` is the last day of it.

    ``recorded_at`` is the business time of the act; ``decision_id`` names the decision that set it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="standings")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=RelationshipState)
    since_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=200, blank=True)
    decision_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["relationship", "number"], name="partners_relationshipstanding_once"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("since_on")),
                name="partners_relationshipstanding_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state=RelationshipState.AVAILABLE) | Q(owner__isnull=False, expires_on__isnull=False),
                name="partners_relationshipstanding_available_has_owner_and_expiry",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class RelationshipTerm(MutableModel):
    """Something that still binds the two sides, until a day (inclusive) or for good; withdrawn rather than deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="terms")
    kind = models.CharField(max_length=30, choices=TermKind)
    text = models.CharField(max_length=500)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="partners_relationshipterm_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.text
