from django.db.models import TextChoices


class EstimateKind(TextChoices):
    """What an estimate is of: the savings required, or a pressure that would add to them."""

    REQUIRED = "required", "Savings required"
    PRESSURE = "pressure", "Pressure"
