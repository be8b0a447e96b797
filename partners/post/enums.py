from django.db.models import TextChoices


class MessageState(TextChoices):
    """What became of a message. Only the first three are not final or held for a person."""

    PENDING = "pending", "Waiting to be sent"
    CLAIMED = "claimed", "Being sent"
    IN_FLIGHT = "in_flight", "Handed to the mail server"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused by the mail server"
    IN_DOUBT = "in_doubt", "In doubt"
    HELD = "held", "Held for a person"
    CANCELLED = "cancelled", "Cancelled"
    SUPERSEDED = "superseded", "Replaced by a later one"
    EXPIRED = "expired", "Too late to be useful"
    SUPPRESSED = "suppressed", "Not sent: address bounces or person opted out"


class Channel(TextChoices):
    """How a message travels."""

    EMAIL = "email", "E-mail"


UNSENT = (MessageState.PENDING, MessageState.CLAIMED)
LEASED = (MessageState.CLAIMED, MessageState.IN_FLIGHT)
WITH_THE_SERVER = (MessageState.IN_FLIGHT, MessageState.IN_DOUBT, MessageState.HELD)
FINAL = (
    MessageState.SENT,
    MessageState.REFUSED,
    MessageState.CANCELLED,
    MessageState.SUPERSEDED,
    MessageState.EXPIRED,
    MessageState.SUPPRESSED,
)


class Acceptance(TextChoices):
    """What the mail system says when asked whether it took a message."""

    ACCEPTED = "accepted", "It took the message"
    NOT_ACCEPTED = "not_accepted", "It did not take the message"
    CANNOT_TELL = "cannot_tell", "It cannot tell"


class Resolution(TextChoices):
    """What a person found out about a message that is held."""

    ARRIVED = "arrived", "It arrived: count it as sent"
    SEND_AGAIN = "send_again", "It did not arrive: send the same message again"
