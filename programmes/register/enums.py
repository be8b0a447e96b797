from django.db.models import TextChoices


class DeliveryModel(TextChoices):
    """How a programme is delivered."""

    BUSINESS_PARTNER = "business_partner", "Business partner"
    TASKFORCE = "taskforce", "Taskforce"
    INTERNALLY_SUPPORTED = "internally_supported", "Internally supported"
    OTHER = "other", "Other"
