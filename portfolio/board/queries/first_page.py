"""Where each role starts."""

from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import is_administrator, standing_of
from portfolio.groups.models import Portfolio


def first_page_of(user: User) -> tuple[str, Portfolio | None]:
    """The name of the person's own page, and the portfolio that it is called with; one query for a CIO, else none."""
    standing = standing_of(user)
    if steered := standing.scopes_of({Role.CIO}):
        portfolios = list(Portfolio.objects.filter(scope__in=steered).order_by("name", "pk")[:2])
        if len(portfolios) == 1:
            return "portfolio_board", portfolios[0]
        return "portfolios", None
    if standing.scopes_of({Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD}):
        return "my_programmes", None
    return ("people" if is_administrator(user) else "my_tasks"), None
