"""Reads of people, units, roles, tokens and sessions."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils import timezone

from partners.audit.rules import Refused
from partners.people.enums import Role, ScopeKind
from partners.people.models import ApiToken, BrowserSession, RoleHolding, Scope, Unit, User
from partners.people.permissions import can_see_scope, standing_of
from partners.people.queries.leave import away_for_whom_stands_in as away_for_whom_stands_in
from partners.people.queries.leave import away_on as away_on
from partners.people.queries.leave import leave_between as leave_between
from partners.people.queries.offices import holding_on as holding_on
from partners.people.queries.offices import offices_over as offices_over
from partners.people.rules import below, hash_of

IS_ACTIVE = {"active": Q(is_active=True), "left": Q(is_active=False), "all": Q()}


def person_of(request: HttpRequest) -> User:
    """Who is signed in. Every page and endpoint but the public ones requires it, so there is somebody."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in: this page must require it.")
    return request.user


def active_people() -> QuerySet[User]:
    """Everyone of the staff who can sign in, by name; never a partner's contact."""
    return User.objects.filter(is_active=True, is_partner=False).order_by("name", "pk")


def people(*, text: str = "", state: str = "all", unit_ids: Collection[UUID] | None = None) -> QuerySet[User]:
    """Staff by name, with their unit. ``text`` is looked for in name, address and unit; ``state`` is active, left or all."""
    found = User.objects.filter(IS_ACTIVE[state], is_partner=False).select_related("unit")
    for word in text.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(email__icontains=word)
            | Q(unit__name__icontains=word)
            | Q(unit__code__iexact=word)
        )
    if unit_ids is not None:
        found = found.filter(unit_id__in=unit_ids)
    return found.order_by("name", "pk")


def person_with_id(person_id: UUID) -> User | None:
    return User.objects.select_related("unit", "left_by").filter(pk=person_id).first()


def active_person_with_email(email: str) -> User | None:
    """Somebody who can sign in, a partner's contact too."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()


def active_people_called(text: str, *, most: int) -> tuple[list[User], bool]:
    """Active people with exactly this address or name (True), else those that it may mean (False), by name."""
    text = " ".join(text.split())
    exactly = list(active_people().filter(Q(email=text.lower()) | Q(name__iexact=text))[:most])
    return (exactly, True) if exactly else (list(people(text=text, state="active")[:most]), False)


def active_person_with_id(person_id: UUID) -> User | None:
    return User.objects.filter(pk=person_id, is_active=True).first()


def administrators() -> list[User]:
    """Active administrators by name."""
    held = Q(role_holdings__role=Role.ADMINISTRATOR, role_holdings__ended_at=None)
    return list(User.objects.filter(held, is_active=True).distinct().order_by("name", "pk"))


def other_administrators(than: Collection[UUID]) -> int:
    """How many active administrators there are besides these people."""
    held = RoleHolding.objects.filter(role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)
    return held.exclude(user_id__in=than).values("user_id").distinct().count()


def has_second_step(person: User) -> bool:
    """Whether the person signs in with an authenticator app as well."""
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


def units(text: str = "") -> QuerySet[Unit]:
    """Units by name, with what they are part of; ``text`` is looked for in name and code."""
    found = Unit.objects.select_related("parent").order_by("name", "pk")
    return found.filter(Q(name__icontains=text) | Q(code__icontains=text)) if text else found


def units_with_counts(text: str = "") -> QuerySet[Unit]:
    """Units by name with ``active_people``."""
    return units(text).annotate(active_people=Count("people", filter=Q(people__is_active=True)))


def unit_if_any(unit_id: UUID) -> Unit | None:
    return Unit.objects.select_related("parent").filter(pk=unit_id).first()


def chosen_unit(unit_id: UUID | None, *, field: str = "unit") -> Unit | None:
    """The unit that somebody chose, or None for none.

    Raises: Refused when there is none with this id.
    """
    if unit_id is None:
        return None
    unit = unit_if_any(unit_id)
    if unit is None:
        raise Refused("There is no such unit. Choose one from the list.", field=field)
    return unit


def parents_of_units() -> Mapping[UUID, UUID | None]:
    """The parent of every unit, by id; one query."""
    return dict(Unit.objects.order_by("pk").values_list("pk", "parent_id"))


def unit_and_below(unit_id: UUID) -> set[UUID]:
    """Ids of the unit and of every unit below it."""
    return below(unit_id, parents_of_units())


def organisation() -> Scope:
    """The scope of the whole organisation."""
    return Scope.objects.get(kind=ScopeKind.ORGANISATION)


def scopes_visible_to(user: User) -> QuerySet[Scope]:
    """Portfolios and programmes where the person holds a role, or above which they do, with ``holders``; by name."""
    current = Count("role_holdings", filter=Q(role_holdings__ended_at=None))
    found = Scope.objects.exclude(kind=ScopeKind.ORGANISATION).select_related("parent").annotate(holders=current)
    standing = standing_of(user)
    if not standing.everywhere:
        places = [place for _, place in standing.held]
        found = found.filter(Q(pk__in=places) | Q(parent_id__in=places))
    return found.order_by("kind", "name", "pk")


def scope_visible_to(user: User, scope_id: UUID) -> Scope | None:
    """The scope, if the person holds a role there, above it or over the whole organisation."""
    scope = Scope.objects.select_related("parent").filter(pk=scope_id).first()
    return scope if scope and can_see_scope(user, scope) else None


def holdings_at(scope: Scope) -> QuerySet[RoleHolding]:
    """Roles held now at the scope or above it but not over the whole organisation, by role and name."""
    return held_at([scope.pk, scope.parent_id] if scope.kind == ScopeKind.PROGRAMME else [scope.pk])


def held_at(scope_ids: Collection[UUID | None] | RawSQL) -> QuerySet[RoleHolding]:
    """Roles held now at exactly these scopes, by role and name."""
    held = RoleHolding.objects.filter(scope__in=scope_ids, ended_at=None)
    return held.select_related("user", "scope").order_by("role", "user__name", "pk")


def holdings_of(person: User) -> QuerySet[RoleHolding]:
    """Roles that the person holds now, with their scope."""
    held = RoleHolding.objects.filter(user=person, ended_at=None)
    return held.select_related("scope").order_by("scope__name", "role", "pk")


def holdings_visible_to(
    user: User, *, person_id: UUID | None = None, role: Role | str | None = None, scope_id: UUID | None = None
) -> QuerySet[RoleHolding]:
    """Roles held now where the person may see them, with person and scope, by scope, role and name."""
    asked = {"user_id": person_id, "role": role, "scope_id": scope_id}
    held = RoleHolding.objects.filter(ended_at=None, **{key: value for key, value in asked.items() if value})
    standing = standing_of(user)
    if not standing.everywhere:
        places = [place for _, place in standing.held]
        held = held.filter(Q(scope_id__in=places) | Q(scope__parent_id__in=places))
    return held.select_related("user", "scope").order_by("scope__name", "role", "user__name", "pk")


def holding_visible_to(user: User, holding_id: UUID) -> RoleHolding | None:
    """A role that is or was held where the person may see it."""
    holding = RoleHolding.objects.select_related("user", "scope__parent").filter(pk=holding_id).first()
    return holding if holding and can_see_scope(user, holding.scope) else None


def token_with_secret(secret: str, *, now: datetime) -> ApiToken | None:
    """The live token of an active person with this secret, with its user; one query."""
    return (
        ApiToken.objects.select_related("user")
        .filter(secret_hash=hash_of(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )


def live_tokens_of(person: User, *, now: datetime) -> QuerySet[ApiToken]:
    """Tokens that still work, the latest first."""
    return ApiToken.objects.filter(user=person, revoked_at=None, expires_at__gt=now).order_by("-created_at", "pk")


def token_visible_to(user: User, token_id: UUID) -> ApiToken | None:
    """A token of one's own; an administrator's view holds everybody's."""
    found = ApiToken.objects.select_related("user").filter(pk=token_id)
    if Role.ADMINISTRATOR not in standing_of(user).everywhere:
        found = found.filter(user=user)
    return found.first()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Where somebody is signed in. ``handle`` names the session in an address without giving its key away."""

    handle: UUID
    browser: str
    signed_in_at: datetime | None
    is_this_one: bool


def handle_of(session_key: str) -> UUID:
    return UUID(bytes=hashlib.sha256(session_key.encode()).digest()[:16])


def sessions_of(person: User, *, current_key: str | None) -> list[SessionRow]:
    """Browsers in which the person is signed in, the latest first. Sessions end by the real clock, as Django's do."""
    live = BrowserSession.objects.filter(user=person, expire_date__gt=timezone.now())
    return [
        SessionRow(handle_of(row.session_key), row.browser, row.signed_in_at, row.session_key == current_key)
        for row in live.order_by("-signed_in_at", "session_key")
    ]
