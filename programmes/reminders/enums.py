from django.db.models import TextChoices


class ReminderState(TextChoices):
    """What became of a planned reminder. A queued one goes on as a message with states of its own."""

    PLANNED = "planned", "Planned"
    QUEUED = "queued", "Handed to the post room"
    CANCELLED = "cancelled", "Cancelled"
    SUPERSEDED = "superseded", "Replaced by a later one"
    EXPIRED = "expired", "Too late to be useful"
