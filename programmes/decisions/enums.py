from django.db.models import IntegerChoices, TextChoices


class DecisionState(TextChoices):
    """How far a decision is. Whether a taken one is superseded is told by the one that supersedes it."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    TAKEN = "taken", "Taken"
    WITHDRAWN = "withdrawn", "Withdrawn"


FROZEN = [DecisionState.TAKEN, DecisionState.WITHDRAWN]


class Ambition(IntegerChoices):
    """How much an option sets out to change, beside what was first planned."""

    LESS = 1, "Less than first planned"
    AS_PLANNED = 2, "As first planned"
    MORE = 3, "More than first planned"


class NeedLevel(IntegerChoices):
    """How much of partners an option needs."""

    LIGHT = 1, "Light"
    HEAVY = 2, "Heavy"


class WorkFate(TextChoices):
    """What becomes of a workstream or a saving of a programme that ends."""

    STOP = "stop", "Stop"
    MOVE = "move", "Move to another programme"
    KEEP = "keep", "Keep as it is"


class PartnerFate(TextChoices):
    """What becomes of the relationship with a partner when a programme ends. Values are relationship states."""

    AVAILABLE = "available", "Stays available"
    EXITING = "exiting", "Exit"
    BARRED = "barred", "Barred"
