from django.db.models import TextChoices


class ImportKind(TextChoices):
    """What the rows of a file are."""

    WORKSTREAMS = "workstreams", "Workstreams"
    MILESTONES = "milestones", "Milestones"
    RISKS = "risks", "Risks"


class Outcome(TextChoices):
    """What becomes of one row."""

    ADDED = "added", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "The same"


class BulkAct(TextChoices):
    """What may be done to several workstreams at once."""

    LEAD = "lead", "Set who leads them"
    REVIEWER = "reviewer", "Set who reviews their reports"
    CLOSE = "close", "Close them"
    EXEMPT = "exempt", "Exempt them from reporting for some days"
