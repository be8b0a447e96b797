from django.db.models import TextChoices


class MilestoneState(TextChoices):
    """A milestone whose day was past when the review was opened is skipped, with the reason."""

    PLANNED = "planned", "Planned"
    SKIPPED = "skipped", "Skipped"


class ReviewState(TextChoices):
    """Computed from stored instants and the business clock, never stored."""

    SCHEDULED = "scheduled", "Not open yet"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"
