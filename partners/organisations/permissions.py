from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can_anywhere, check_anywhere, standing_of

KEEP_PARTNERS = Action(
    "organisations.keep",
    "keep organisations, consortia and capabilities",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)


def can_see_partners(user: User) -> bool:
    """Whoever holds a role anywhere; a partner's contact holds none."""
    standing = standing_of(user)
    return bool(standing.everywhere or standing.held)


def check_can_keep_partners(user: User) -> None:
    """Raises: NotPermitted unless the person holds one of the roles at whatever scope."""
    check_anywhere(user, KEEP_PARTNERS)


def can_keep_partners(user: User) -> bool:
    return can_anywhere(user, KEEP_PARTNERS)
