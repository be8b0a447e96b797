from django.db.models import TextChoices


class ImportKind(TextChoices):
    """What the rows of a file are."""

    WORKSTREAMS = "workstreams", "Workstreams"
    MILESTONES = "milestones", "Milestones"
    RISKS = "risks", "Risks"
