from django.db.models import TextChoices


class EngagementKind(TextChoices):
    """As what somebody worked on a programme."""

    CONSULTANT = "consultant", "Consultant"
    ADVISER = "adviser", "Adviser"
    CONTRACTOR = "contractor", "Contractor"
    SECONDEE = "secondee", "Secondee"
    STAFF = "staff", "Staff"


class EngagementState(TextChoices):
    """Where an engagement is on a day, computed from its days."""

    RUNNING = "running", "Running"
    COMING = "coming", "Coming"
    PAST = "past", "Past"
    CALLED_OFF = "called_off", "Called off"
