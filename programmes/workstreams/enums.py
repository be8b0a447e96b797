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


class Dimension(TextChoices):
    """What is rated beside the whole; a status update has a column for each."""

    SCHEDULE = "schedule", "Schedule"
    COST = "cost", "Cost"
    SCOPE = "scope", "Scope"
    BENEFITS = "benefits", "Benefits"


class Scale(TextChoices):
    """The scale of an assurance rating."""

    THREE_POINT = "three_point", "Red, amber, green"
    FIVE_POINT = "five_point", "Delivery confidence, five points"


class DeliveryConfidence(TextChoices):
    """An assurance rating, worst last. The five points are the delivery confidence of Gateway reviews."""

    GREEN = "green", "Green"
    AMBER_GREEN = "amber_green", "Amber/green"
    AMBER = "amber", "Amber"
    AMBER_RED = "amber_red", "Amber/red"
    RED = "red", "Red"


class ExceptionKind(TextChoices):
    """Why nothing is shown for a workstream: it owes no report, or its rating is kept back."""

    EXEMPT = "exempt", "Exempt"
    WITHHELD = "withheld", "Withheld"


class Frequency(TextChoices):
    """How often a status is due."""

    WEEKLY = "weekly", "Every week"
    FORTNIGHTLY = "fortnightly", "Every second week"
    MONTHLY = "monthly", "Every month, on the last such day"


class Weekday(TextChoices):
    """The reporting day."""

    MONDAY = "0", "Monday"
    TUESDAY = "1", "Tuesday"
    WEDNESDAY = "2", "Wednesday"
    THURSDAY = "3", "Thursday"
    FRIDAY = "4", "Friday"
