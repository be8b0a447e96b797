from django.db.models import TextChoices


class EngagementKind(TextChoices):
    """As what somebody worked on a programme."""

    CONSULTANT = "consultant", "Consultant"
    ADVISER = "adviser", "Adviser"
    CONTRACTOR = "contractor", "Contractor"
    SECONDEE = "secondee", "Secondee"
    STAFF = "staff", "Staff"
