from django.db.models import TextChoices

from partners.post.enums import MessageState


class ReminderState(TextChoices):
    """What became of a planned reminder. A queued one goes on as a message with states of its own."""

    PLANNED = "planned", "Planned"
    QUEUED = "queued", "Handed to the post room"
    CANCELLED = "cancelled", "Cancelled"
    SUPERSEDED = "superseded", "Replaced by a later one"
    EXPIRED = "expired", "Too late to be useful"


# What a reader sees: a queued reminder is told by the state of its message. States that both have read alike.
FATES = {ReminderState.PLANNED.value: ReminderState.PLANNED.label} | dict(MessageState.choices)
