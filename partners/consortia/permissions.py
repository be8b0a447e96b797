from collections.abc import Iterable

from partners.consortia.models import Relationship
from partners.people.enums import Role
from partners.people.models import Scope, User
from partners.people.permissions import Action, can, can_anywhere, check, check_anywhere

KEEP_RELATIONSHIPS = Action(
    "consortia.keep_relationships",
    "keep the relationships of this portfolio",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)


def check_can_keep_relationships(user: User, scope: Scope) -> None:
    """Raises: NotPermitted unless the person may at this portfolio's scope."""
    check(user, KEEP_RELATIONSHIPS, scope)


def check_can_keep_some_relationships(user: User) -> None:
    """Raises: NotPermitted unless there is a portfolio where the person may."""
    check_anywhere(user, KEEP_RELATIONSHIPS)


def can_keep_relationship(user: User, relationship: Relationship) -> bool:
    return can(user, KEEP_RELATIONSHIPS, relationship.scope)


def can_keep_some_relationships(user: User) -> bool:
    return can_anywhere(user, KEEP_RELATIONSHIPS)


def scopes_to_keep(user: User, scopes: Iterable[Scope]) -> list[Scope]:
    """Those of these portfolios' scopes where the person may keep relationships."""
    return [scope for scope in scopes if can(user, KEEP_RELATIONSHIPS, scope)]
