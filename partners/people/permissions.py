"""Permission is asked here, by every room: does this person hold a role that may do this, at this scope or above?"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from partners.audit.rules import NotPermitted
from partners.people.enums import Role, ScopeKind
from partners.people.models import Scope, User


@dataclass(frozen=True, slots=True)
class Action:
    """Something that needs a role. ``words`` complete "You cannot ..."."""

    key: str
    words: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Standing:
    """The roles that somebody holds now, by scope."""

    held: frozenset[tuple[Role, UUID]]
    everywhere: frozenset[Role]

    def roles_at(self, scope: Scope) -> frozenset[Role]:
        """Roles held at the scope, at its parent, or over the whole organisation."""
        places = {scope.pk, scope.parent_id}
        return self.everywhere | {role for role, place in self.held if place in places}

    def scopes_of(self, roles: Collection[Role]) -> frozenset[UUID]:
        """Ids of the scopes where one of these roles is held (not the organisation's)."""
        return frozenset(place for role, place in self.held if role in roles)


MANAGE_PEOPLE = Action("people.manage", "manage people, units and roles", frozenset({Role.ADMINISTRATOR}))
CHANGE_SETTINGS = Action("settings.change", "change the settings of this installation", frozenset({Role.ADMINISTRATOR}))

_NOBODY = Standing(frozenset(), frozenset())


def standing_of(user: User) -> Standing:
    """The roles this person holds: one query, remembered on the user object for the rest of the request."""
    if not user.is_active:
        return _NOBODY
    found: Standing | None = getattr(user, "_standing", None)
    if found is None:
        rows = list(user.role_holdings.filter(ended_at=None).values_list("role", "scope_id", "scope__kind"))
        found = Standing(
            held=frozenset((Role(role), scope) for role, scope, kind in rows if kind != ScopeKind.ORGANISATION),
            everywhere=frozenset(Role(role) for role, _, kind in rows if kind == ScopeKind.ORGANISATION),
        )
        user._standing = found  # type: ignore[attr-defined]
    return found


def can(user: User, action: Action, scope: Scope | None) -> bool:
    """Whether the person may do this here. Without a scope only roles over the whole organisation count."""
    standing = standing_of(user)
    held = standing.roles_at(scope) if scope else standing.everywhere
    return bool(held & action.roles)


def check(user: User, action: Action, scope: Scope | None) -> None:
    """Raises: NotPermitted with a sentence that names who may."""
    if not can(user, action, scope):
        raise NotPermitted(refusal_of(action))


def refusal_of(action: Action) -> str:
    """The sentence shown to somebody who may not."""
    holders = sorted(role.label.lower() if role is not Role.CIO else role.label for role in action.roles)
    named = " or ".join([", ".join(holders[:-1]), holders[-1]] if len(holders) > 1 else holders)
    return f"You cannot {action.words}. Ask the {named}."


def is_administrator(user: User) -> bool:
    return Role.ADMINISTRATOR in standing_of(user).everywhere


def can_manage_people(user: User) -> bool:
    return can(user, MANAGE_PEOPLE, None)


def can_change_settings(user: User) -> bool:
    return can(user, CHANGE_SETTINGS, None)
