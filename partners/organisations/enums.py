from django.db.models import TextChoices


class Sector(TextChoices):
    """Which sector an organisation belongs to."""

    PRIVATE = "private", "Private"
    PUBLIC = "public", "Public"
    VOLUNTARY = "voluntary", "Voluntary and community"
