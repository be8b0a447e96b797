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
    INBOX = "inbox", "Inbox"


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


class DoubtPolicy(TextChoices):
    """What becomes of a message of which the mail system cannot tell whether it took it."""

    HOLD = "hold", "Hold it for a person to settle"
    RESEND = "resend", "Send the same bytes again: somebody may get it twice"


class HoldKind(TextChoices):
    """Why nothing goes out until a person releases it."""

    CLOCK_JUMP = "clock_jump", "A clock jumped"
    RESTORE = "restore", "The database was restored"
    PERSON = "person", "Stopped by a person"


class Loop(TextChoices):
    """What must run again and again for mail to go out."""

    TICK = "tick", "The tick"
    DELIVER = "deliver", "Handing mail over"
    SWEEP = "sweep", "Clearing up after workers that died"
    QUEUE_DUE = "queue_due", "Queueing reminders that are due"
    PLAN_CHASING = "plan_chasing", "Planning reminders"
    SEND_REMINDERS = "send_reminders", "The loop without a broker"


class EmailChoice(TextChoices):
    """How a person wants the mail that is not urgent."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day, all in one"
    INBOX_ONLY = "inbox_only", "Not at all: in the inbox only"
