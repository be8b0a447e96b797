from django.db.models import TextChoices


class DeliveryModel(TextChoices):
    """How a programme is delivered."""

    BUSINESS_PARTNER = "business_partner", "Business partner"
    TASKFORCE = "taskforce", "Taskforce"
    INTERNALLY_SUPPORTED = "internally_supported", "Internally supported"
    OTHER = "other", "Other"


DELIVERY_MODEL_HINTS = {
    DeliveryModel.BUSINESS_PARTNER.value: "A company delivers it with us under a contract.",
    DeliveryModel.TASKFORCE.value: "A team from across the organisation, brought together for this and for a time.",
    DeliveryModel.INTERNALLY_SUPPORTED.value: "Our own departments deliver it as part of their work.",
    DeliveryModel.OTHER.value: "Say in the summary how it is delivered.",
}


class PositionKind(TextChoices):
    """What kind of view it is."""

    POSITION = "position", "Position"
    EXPECTATION = "expectation", "Expectation"


POSITION_HINTS = {
    PositionKind.POSITION.value: "What somebody is for or against.",
    PositionKind.EXPECTATION.value: "What somebody thinks will come out. It is not a decision.",
}
