from django.db.models import TextChoices


class Rating(TextChoices):
    """The owner's own overall rating, worst last."""

    GREEN = "green", "On track"
    AMBER = "amber", "At risk"
    RED = "red", "Off track"


class Ask(TextChoices):
    """What the author needs from above."""

    NONE = "none", "Nothing"
    ADVICE = "advice", "Advice"
    DIRECTION = "direction", "Direction"
    DECISION = "decision", "A decision"


ASKS = [Ask.ADVICE, Ask.DIRECTION, Ask.DECISION]


class Frequency(TextChoices):
    """How often a status is due."""

    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month, on the last such day"


class Weekday(TextChoices):
    """The reporting day."""

    MONDAY = "0", "Monday"
    TUESDAY = "1", "Tuesday"
    WEDNESDAY = "2", "Wednesday"
    THURSDAY = "3", "Thursday"
    FRIDAY = "4", "Friday"
