from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import F

from partners.people.enums import Role, ScopeKind
from partners.people.models import ApiToken, BrowserSession, RoleHolding, Scope, Unit, User


def add_person(*, email: str, name: str, unit: Unit | None = None, is_partner: bool = False, now: datetime) -> User:
    """An account without a password: the person sets one by the reset mail. The address counts as verified.

    ``is_partner`` for a contact of a partner, who has no unit and can hold no role.
    """
    user = User(email=email.strip().lower(), name=name, unit=unit, is_partner=is_partner, joined_at=now)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def lock_organisation() -> Scope:
    """The organisation's scope, locked. Rows are locked in this order: scopes, units, people."""
    return Scope.objects.select_for_update(no_key=True).get(kind=ScopeKind.ORGANISATION)


def lock_person(person_id: UUID) -> User:
    """The person read afresh and locked, with their unit."""
    return User.objects.select_for_update(of=("self",), no_key=True).select_related("unit").get(pk=person_id)


def close_accounts(people_ids: Collection[UUID], *, by: User, now: datetime) -> None:
    """Shut these people out at once: account, browser sessions, API tokens and roles end. Five statements."""
    ApiToken.objects.filter(user_id__in=people_ids, revoked_at=None).update(revoked_at=now)
    RoleHolding.objects.filter(user_id__in=people_ids, ended_at=None).update(ended_at=now, ended_by=by)
    User.objects.filter(pk__in=people_ids).update(is_active=False, left_at=now, left_by=by, version=F("version") + 1)
    BrowserSession.objects.filter(user_id__in=people_ids).delete()


def open_account(person: User) -> None:
    """Let somebody who was shut out sign in again. Roles stay ended; the old password no longer works."""
    person.is_active, person.left_at, person.left_by = True, None, None
    person.version += 1
    person.set_unusable_password()
    person.save()
    Authenticator.objects.filter(user=person).delete()


def make_scope(*, kind: ScopeKind, name: str, parent: Scope | None = None) -> Scope:
    """A new scope; below the organisation unless a parent is given."""
    if parent is None:
        parent = Scope.objects.get(kind=ScopeKind.ORGANISATION)
    return Scope.objects.create(kind=kind, name=name, parent=parent)


def rename_scope(scope_id: UUID, name: str) -> None:
    """Keep the scope's name beside that of the portfolio or programme that owns it."""
    Scope.objects.filter(pk=scope_id).update(name=name)


def keep_as_record(scope_id: UUID, *, is_record: bool) -> None:
    """Say beside the portfolio's own row whether it is kept as a record."""
    Scope.objects.filter(pk=scope_id).update(is_record=is_record)


def hold_role(*, user: User, role: Role, scope: Scope, by: User, now: datetime) -> RoleHolding:
    """Give the role unless the person holds it there already; returns the holding either way."""
    holding, _ = RoleHolding.objects.get_or_create(
        user=user, role=role, scope=scope, ended_at=None, defaults={"granted_at": now, "granted_by": by}
    )
    return holding


def end_role(*, user: User, role: Role, scope: Scope, by: User, now: datetime) -> int:
    """End the role where it is held; returns how many holdings ended (0 or 1)."""
    held = RoleHolding.objects.filter(user=user, role=role, scope=scope, ended_at=None)
    return held.update(ended_at=now, ended_by=by)
