from django.db.models import TextChoices


class Confidence(TextChoices):
    """How sure its owner is of what is planned."""

    SOLID = "solid", "Solid plan"
    LIKELY = "likely", "Likely"
    UNCERTAIN = "uncertain", "Uncertain"
