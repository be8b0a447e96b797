"""Roles: who may do what, where, from when to when."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.people import changes
from partners.people.enums import GIVEN_WORDS, HELD_AT, Role, ScopeKind
from partners.people.models import RoleHolding, Scope, User
from partners.people.permissions import check_can_grant
from partners.people.queries import other_administrators
from partners.people.rules import check_administrators_left


class NotHeldHere(Refused):
    """This role is held at another kind of place."""


class CannotHold(Refused):
    """The person has left, is a partner's contact, or holds the role already."""


class EndedAlready(Refused):
    """The role was ended before."""


@transaction.atomic(durable=True)
def grant_role(*, user_id: UUID, role: Role, scope_id: UUID, by: User, now: datetime) -> RoleHolding:
    """Give somebody a role at a scope.

    Raises: NotHeldHere; NotPermitted; CannotHold when the person left, is a partner's contact or holds it already.
    """
    scope = _lock_scope(scope_id)
    person = changes.lock_person(user_id)
    if scope.kind not in HELD_AT[role]:
        places = " or ".join(sorted(kind.label.lower() for kind in HELD_AT[role]))
        raise NotHeldHere(f"The role {role.label} is held on a {places}. Choose another role.", field="role")
    check_can_grant(by, role, scope)
    if not person.is_active:
        raise CannotHold(f"{person.name} has left. Choose somebody else, or bring them back first.", field="person")
    if person.is_partner:
        raise CannotHold(
            f"{person.name} is a partner's contact, who can hold no role. Choose one of the staff.", field="person"
        )
    if RoleHolding.objects.filter(user=person, role=role, scope=scope, ended_at=None).exists():
        raise CannotHold(f"{person.name} is already {GIVEN_WORDS[role]} of {scope.name}.", field="person")
    holding = changes.hold_role(user=person, role=role, scope=scope, by=by, now=now)
    record(
        by=by,
        now=now,
        action="people.grant_role",
        subject=person,
        scope_id=scope.pk,
        summary=f"made {person.name} {GIVEN_WORDS[role]} of {scope.name}",
        after={"role": role.value, "scope": str(scope.pk)},
    )
    return holding


@transaction.atomic(durable=True)
def end_role(*, holding_id: UUID, by: User, now: datetime) -> RoleHolding:
    """End a role that somebody holds.

    Raises: NotPermitted; EndedAlready; LastAdministrator.
    """
    scope_id = RoleHolding.objects.values_list("scope_id", flat=True).get(pk=holding_id)
    scope = _lock_scope(scope_id)
    holding = RoleHolding.objects.select_related("user").select_for_update(of=("self",)).get(pk=holding_id)
    role, person = Role(holding.role), holding.user
    check_can_grant(by, role, scope)
    if holding.ended_at:
        raise EndedAlready(f"{person.name} is no longer {GIVEN_WORDS[role]} of {scope.name}. Nothing has changed.")
    if role is Role.ADMINISTRATOR:
        check_administrators_left(other_administrators([person.pk]))
    holding.ended_at, holding.ended_by = now, by
    holding.save(update_fields=["ended_at", "ended_by"])
    record(
        by=by,
        now=now,
        action="people.end_role",
        subject=person,
        scope_id=scope.pk,
        summary=f"ended the role of {person.name} as {GIVEN_WORDS[role]} of {scope.name}",
        before={"role": role.value, "scope": str(scope.pk)},
    )
    return holding


def _lock_scope(scope_id: UUID) -> Scope:
    scope = Scope.objects.select_for_update(no_key=True).get(pk=scope_id)
    scope.kind = ScopeKind(scope.kind)
    return scope
