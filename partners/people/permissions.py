"""Permission is asked here, by every room: does this person hold a role that may do this, at this scope or above?"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from partners.audit.rules import NotPermitted
from partners.people.enums import Role, ScopeKind
from partners.people.models import Office, OfficeHolding, Scope, User


@dataclass(frozen=True, slots=True)
class Action:
    """Something that needs a role. ``words`` complete "You cannot ...".

    ``others`` are words for who may without a role, such as "the owner of the programme"; the room itself asks for them.
    """

    key: str
    words: str
    roles: frozenset[Role]
    others: tuple[str, ...] = ()


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
GRANT_ADMINISTRATOR = Action(
    "people.grant_administrator", "make somebody administrator or end that role", frozenset({Role.ADMINISTRATOR})
)
GRANT_CIO = Action(
    "people.grant_cio",
    "make somebody chief information officer of a portfolio or end that role",
    frozenset({Role.ADMINISTRATOR}),
)
GRANT_PORTFOLIO_READER = Action(
    "people.grant_portfolio_reader",
    "give somebody read-only access to a portfolio or end it",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)
GRANT_PROGRAMME_MANAGER = Action(
    "people.grant_programme_manager",
    "make somebody programme manager or end that role",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)
GRANT_WORKSTREAM_LEAD = Action(
    "people.grant_workstream_lead",
    "make somebody workstream lead or end that role",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)
GRANT_PROGRAMME_READER = Action(
    "people.grant_programme_reader",
    "give somebody read-only access to a programme or end it",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)

GRANT_PORTFOLIO_MODERATOR = Action(
    "people.grant_portfolio_moderator",
    "make somebody moderator of a portfolio or end that role",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)
GRANT_PROGRAMME_MODERATOR = Action(
    "people.grant_programme_moderator",
    "make somebody moderator of a programme or end that role",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)
MANAGE_OFFICES = Action(
    "people.manage_offices",
    "add or change offices here, or who holds them",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)
TAKE_DECISIONS = Action(
    "people.take_decisions",
    "record what this office decides",
    frozenset(),
    others=("who holds the office on that day", "the clerk of the office"),
)
KEEP_LEAVE = Action(
    "people.keep_leave",
    "record or cancel leave of this person",
    frozenset({Role.ADMINISTRATOR}),
    others=("the person themselves",),
)

GRANTS = {
    (Role.ADMINISTRATOR, ScopeKind.ORGANISATION): GRANT_ADMINISTRATOR,
    (Role.CIO, ScopeKind.PORTFOLIO): GRANT_CIO,
    (Role.MODERATOR, ScopeKind.PORTFOLIO): GRANT_PORTFOLIO_MODERATOR,
    (Role.READER, ScopeKind.PORTFOLIO): GRANT_PORTFOLIO_READER,
    (Role.PROGRAMME_MANAGER, ScopeKind.PROGRAMME): GRANT_PROGRAMME_MANAGER,
    (Role.WORKSTREAM_LEAD, ScopeKind.PROGRAMME): GRANT_WORKSTREAM_LEAD,
    (Role.MODERATOR, ScopeKind.PROGRAMME): GRANT_PROGRAMME_MODERATOR,
    (Role.READER, ScopeKind.PROGRAMME): GRANT_PROGRAMME_READER,
}

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


def can_anywhere(user: User, action: Action) -> bool:
    """Whether the person may do this at some scope: for what lies in no scope of its own."""
    standing = standing_of(user)
    return bool((standing.everywhere | {role for role, _ in standing.held}) & action.roles)


def check_anywhere(user: User, action: Action) -> None:
    """Raises: NotPermitted with a sentence that names who may."""
    if not can_anywhere(user, action):
        raise NotPermitted(refusal_of(action))


def check(user: User, action: Action, scope: Scope | None) -> None:
    """Raises: NotPermitted with a sentence that names who may."""
    if not can(user, action, scope):
        raise NotPermitted(refusal_of(action))


def refusal_of(action: Action) -> str:
    """The sentence shown to somebody who may not; names who may, those with a role first."""
    holders = sorted(role.label.lower() if role is not Role.CIO else role.label for role in action.roles)
    named = [f"the {holders[0]}", *holders[1:], *action.others] if holders else list(action.others)
    if not named:
        return f"You cannot {action.words}. Nobody can."
    may = " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"You cannot {action.words}. Ask {may}."


def check_can_manage_people(user: User) -> None:
    check(user, MANAGE_PEOPLE, None)


def check_can_grant(user: User, role: Role, scope: Scope) -> None:
    """Raises: NotPermitted unless the person may grant (and end) this role at this scope."""
    check(user, GRANTS[role, ScopeKind(scope.kind)], scope)


def can_grant(user: User, role: Role, scope: Scope) -> bool:
    return can(user, GRANTS[role, ScopeKind(scope.kind)], scope)


def grantable_roles(user: User, scope: Scope) -> list[Role]:
    """The roles that the person may grant at this scope, in the order of the roles."""
    held_here = [role for role in Role if (role, ScopeKind(scope.kind)) in GRANTS]
    return [role for role in held_here if can_grant(user, role, scope)]


def can_see_scope(user: User, scope: Scope) -> bool:
    """Whoever holds a role at the scope, above it or over the whole organisation sees who else does."""
    return bool(standing_of(user).roles_at(scope))


def is_administrator(user: User) -> bool:
    return Role.ADMINISTRATOR in standing_of(user).everywhere


def can_manage_people(user: User) -> bool:
    return can(user, MANAGE_PEOPLE, None)


def can_keep_leave_of_others(user: User) -> bool:
    return can(user, KEEP_LEAVE, None)


def check_can_keep_leave_of(user: User, person: User) -> None:
    """One's own, or as an administrator anybody's."""
    if not (user.is_active and user.pk == person.pk):
        check(user, KEEP_LEAVE, None)


def can_change_settings(user: User) -> bool:
    return can(user, CHANGE_SETTINGS, None)


def check_can_manage_offices(user: User, scope: Scope) -> None:
    check(user, MANAGE_OFFICES, scope)


def can_manage_offices(user: User, scope: Scope) -> bool:
    return can(user, MANAGE_OFFICES, scope)


def can_take_for(user: User, office: Office, holding: OfficeHolding) -> bool:
    """Whoever holds the office by this holding, or its clerk: never by role."""
    return user.is_active and user.pk in {holding.user_id, office.clerk_id}


def check_can_take_for(user: User, office: Office, holding: OfficeHolding) -> None:
    """Raises: NotPermitted with the names of those who may."""
    if not can_take_for(user, office, holding):
        clerk = f", or {office.clerk.name}, its clerk" if office.clerk else ""
        raise NotPermitted(f"You cannot {TAKE_DECISIONS.words}. Ask {holding.holder_name}, who holds it{clerk}.")
