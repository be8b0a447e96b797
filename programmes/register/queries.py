from django.db.models import Q, QuerySet

from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.register.models import Programme


def programmes_visible_to(user: User) -> QuerySet[Programme]:
    """Programmes on which the person holds a role, or whose portfolio they hold one on; with scope and owner.

    Administrators see all. Unordered: the caller orders and ends with ``pk``.
    """
    standing = standing_of(user)
    programmes = Programme.objects.select_related("scope", "owner")
    if standing.everywhere:
        return programmes
    places = [place for _, place in standing.held]
    return programmes.filter(Q(scope_id__in=places) | Q(scope__parent_id__in=places))
