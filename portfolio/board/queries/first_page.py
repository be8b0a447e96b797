"""Where each role starts."""

from collections.abc import Collection
from uuid import UUID

from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import is_administrator, standing_of
from portfolio.groups.models import Portfolio
from programmes.decisions.queries import has_part_in_an_office


def first_page_of(user: User) -> tuple[str, Portfolio | None]:
    """The name of the person's own page, and the portfolio that it is called with; one query, two where there is no role.

    The role with most to do there wins. Who only reads starts at the portfolio that they read, and who holds an office
    and no role at the decisions that wait for it.
    """
    if user.is_partner:
        return "own_organisation", None
    standing = standing_of(user)
    if steered := standing.scopes_of({Role.CIO}):
        return _portfolios_at(steered) or ("portfolios", None)
    if standing.scopes_of({Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD}):
        return "my_week", None
    if is_administrator(user):
        return "people", None
    if seen := _portfolios_at(standing.scopes_of({Role.READER})):
        return seen
    return ("decisions", None) if has_part_in_an_office(user) else ("my_tasks", None)


def _portfolios_at(scope_ids: Collection[UUID]) -> tuple[str, Portfolio | None] | None:
    """The board where there is one portfolio, the list where there are several."""
    found = list(Portfolio.objects.filter(scope__in=scope_ids).order_by("name", "pk")[:2]) if scope_ids else []
    if not found:
        return None
    return ("portfolio_board", found[0]) if len(found) == 1 else ("portfolios", None)
