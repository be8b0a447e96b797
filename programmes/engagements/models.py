import uuid

from django.db import models
from django.db.models import F, Q

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.consortia.enums import MemberRole
from partners.consortia.models import Relationship
from partners.organisations.models import Organisation
from partners.people.models import Office, User
from programmes.engagements.enums import EngagementKind
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream


class Engagement(MutableModel):
    """Who worked on what from when to when: days inclusive. ``who`` names the people, ``organisation`` who sent them.

    ``planned_end_on`` is an intention; ``ended_on`` the last day as decided, which may lie ahead, and repeats that of the
    newest ``RollOff``. One whose last day lies before its start was called off and never ran.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="engagements")
    workstream = models.ForeignKey(
        Workstream, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements"
    )
    kind = models.CharField(max_length=20, choices=EngagementKind)
    who = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements"
    )
    task = models.CharField(max_length=500)
    starts_on = models.DateField()
    planned_end_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    # Only on rows read by queries.engagements_of.
    state: str

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_end_on__isnull=True) | Q(planned_end_on__gte=F("starts_on")),
                name="programmes_engagement_planned_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="programmes_engagement_end_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "starts_on"], condition=Q(ended_on__isnull=True), name="engagement_open")
        ]

    def __str__(self) -> str:
        return self.who


class RollOff(AppendOnlyModel):
    """The last day of an engagement as set at one time; without a day, the one before was a mistake and is undone.

    The highest ``number`` counts; ``decision_id`` names the decision that set it.
    """

    id = models.BigAutoField(primary_key=True)
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="roll_offs")
    number = models.PositiveSmallIntegerField()
    ended_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    decision_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["engagement", "number"], name="programmes_rolloff_number_once")]

    def __str__(self) -> str:
        return f"{self.engagement} until {self.ended_on}" if self.ended_on else f"{self.engagement} goes on"


class Bid(AppendOnlyModel):
    """A partner bid for a programme. Its members are frozen as they were on the day it was named (``BidMember``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="bids")
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="bids")
    named_on = models.DateField()
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "relationship"], name="programmes_bid_once")]

    def __str__(self) -> str:
        return f"{self.relationship} for {self.programme}"


class BidMember(AppendOnlyModel):
    """An organisation that stood behind a bid; a single bidder stands as its own member."""

    id = models.BigAutoField(primary_key=True)
    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=MemberRole)

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["bid", "organisation", "role"], name="programmes_bidmember_once")
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class Acknowledgement(AppendOnlyModel):
    """What a stakeholder said in recognition of work done, on a day, with its source."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="acknowledgements")
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, null=True, blank=True, related_name="acknowledgements"
    )
    holder = models.CharField(max_length=200)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = models.TextField()
    given_on = models.DateField()
    source = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.holder}: {self.words[:60]}"
