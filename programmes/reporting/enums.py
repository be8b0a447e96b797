from django.db.models import TextChoices


class ContradictionKind(TextChoices):
    """What a green rating can stand beside that speaks against it."""

    MILESTONE = "milestone", "A critical milestone slipped"
    PROVIDER = "provider", "A workstream that this one needs is off track"
    SAVINGS = "savings", "Savings are expected below plan"
    ACTION = "action", "An action is overdue"
    ASSURANCE = "assurance", "Assurance says otherwise"
