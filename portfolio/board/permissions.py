from partners.audit.rules import NotPermitted
from partners.people.models import User
from partners.people.permissions import standing_of
from portfolio.board.models import SavedView
from portfolio.groups.models import Portfolio


def check_sees(user: User, portfolio: Portfolio) -> None:
    """Raises: NotPermitted for somebody without a role on the portfolio."""
    standing = standing_of(user)
    if not standing.everywhere and portfolio.scope_id not in {place for _, place in standing.held}:
        raise NotPermitted("You cannot save a view of this portfolio: only those who hold a role on it see it.")


def check_is_own(user: User, view: SavedView) -> None:
    """Raises: NotPermitted for somebody else's view."""
    if view.user_id != user.pk or not user.is_active:
        raise NotPermitted("You cannot change this view: it is somebody else's.")
