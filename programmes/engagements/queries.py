from datetime import date

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from partners.consortia.models import Relationship
from programmes.engagements.models import Engagement
from programmes.register.models import Programme


def engagements_open_on(programme: Programme, day: date) -> QuerySet[Engagement]:
    """Those that run on the day, the earliest start first; last days may lie ahead."""
    return engagements_to_end(programme, day).filter(starts_on__lte=day)


def engagements_to_end(programme: Programme, day: date) -> QuerySet[Engagement]:
    """Those that run on the day or are still to come: what a programme that ends on it leaves behind."""
    to_end = Q(ended_on=None) | Q(ended_on__gte=Greatest(F("starts_on"), day))
    found = Engagement.objects.filter(to_end, programme=programme).select_related("organisation", "workstream")
    return found.order_by("starts_on", "who", "pk")


def relationships_left_by(programme: Programme) -> QuerySet[Relationship]:
    """The relationships with those who bid for the programme, with their party."""
    found = Relationship.objects.filter(bids__programme=programme).select_related("consortium", "organisation", "scope")
    return found.order_by("bids__named_on", "pk")
