import uuid
from datetime import datetime

from django.db import models

from partners.audit.models import MutableModel, both_or_neither
from partners.people.models import User
from programmes.register.models import Programme
from programmes.reviews.enums import MilestoneState, ReviewState
from programmes.reviews.rules import state_at


class Review(MutableModel):
    """A look at work done so far, from one instant to another: half open, [opens_at, closes_at)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reviews")
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=300, blank=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            both_or_neither("cancelled"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="programmes_review_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def state_at(self, now: datetime) -> ReviewState:
        """Computed from stored instants; ``queries.reviews_open_at`` says the same in SQL."""
        return state_at(now, self.opens_at, self.closes_at, self.cancelled_at)


class Milestone(MutableModel):
    """A dated step of a review, with the reason for its date in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="milestones")
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    due_reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=MilestoneState, default=MilestoneState.PLANNED)
    skip_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state=MilestoneState.PLANNED), name="milestone_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="programmes_milestone_key_once"),
            models.CheckConstraint(
                condition=models.Q(state="planned", skip_reason="")
                | (models.Q(state="skipped") & ~models.Q(skip_reason="")),
                name="programmes_milestone_skipped_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title
