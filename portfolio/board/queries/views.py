"""Views of a board that somebody keeps under a name."""

from django.db.models import QuerySet
from django.db.models.functions import Lower

from partners.people.models import User
from portfolio.board.models import SavedView
from portfolio.groups.queries import portfolios_visible_to


def views_of(user: User) -> QuerySet[SavedView]:
    """The person's own, of portfolios that they may see, by portfolio and name."""
    seen = portfolios_visible_to(user).order_by().values("pk")
    found = SavedView.objects.filter(user=user, portfolio__in=seen).select_related("portfolio__scope")
    return found.order_by("portfolio__name", "portfolio_id", Lower("name"), "pk")
