"""Units of the organisation: a tree of codes and names."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Refused, changed_meanwhile
from partners.people import changes
from partners.people.models import Unit, User
from partners.people.permissions import check_can_manage_people
from partners.people.queries import chosen_unit, parents_of_units
from partners.people.rules import below

WORDS = {"code": "the code", "name": "the name", "parent": "what it is part of"}


class CodeTaken(Refused):
    """Another unit has this code."""


class BelowItself(Refused):
    """A unit cannot be part of itself or of what lies below it."""


@transaction.atomic(durable=True)
def add_unit(*, code: str, name: str, parent_id: UUID | None, by: User, now: datetime) -> Unit:
    """Add a unit, below another or at the top.

    Raises: NotPermitted; CodeTaken.
    """
    changes.lock_organisation()
    check_can_manage_people(by)
    _check_free(code)
    unit = Unit.objects.create(code=code, name=name, parent=chosen_unit(parent_id, field="parent"))
    record(
        by=by, now=now, action="people.add_unit", subject=unit, summary=f"added the unit {name}", after=_values(unit)
    )
    return unit


@transaction.atomic(durable=True)
def change_unit(
    *, unit_id: UUID, code: str, name: str, parent_id: UUID | None, version: int, by: User, now: datetime
) -> Unit:
    """Change a unit's code, name or what it is part of.

    Raises: NotPermitted; Conflict when somebody changed it since ``version``; CodeTaken; BelowItself.
    """
    changes.lock_organisation()
    unit = Unit.objects.select_for_update(of=("self",), no_key=True).select_related("parent").get(pk=unit_id)
    check_can_manage_people(by)
    if unit.version != version:
        raise _conflict(unit, version)
    if code != unit.code:
        _check_free(code)
    if parent_id in below(unit.pk, parents_of_units()):
        raise BelowItself("A unit cannot be part of itself or of a unit below it. Choose another.", field="parent")
    before = _values(unit)
    unit.code, unit.name, unit.version = code, name, version + 1
    unit.parent = chosen_unit(parent_id, field="parent")
    unit.save()
    after = _values(unit)
    record(
        by=by,
        now=now,
        action="people.change_unit",
        subject=unit,
        summary=f"changed the unit {name}",
        before={key: value for key, value in before.items() if value != after[key]},
        after={key: value for key, value in after.items() if value != before[key]},
    )
    return unit


def _values(unit: Unit) -> dict[str, object]:
    return {
        "code": unit.code,
        "name": unit.name,
        "parent": unit.parent.code if unit.parent else None,
        "version": unit.version,
    }


def _check_free(code: str) -> None:
    """The organisation is locked, so nobody takes the code meanwhile."""
    other = Unit.objects.filter(code__iexact=code).first()
    if other:
        raise CodeTaken(f"{other.name} has this code. Use a different one.", field="code")


def _conflict(unit: Unit, version: int) -> Refused:
    found = changes_since(unit.pk, version)
    return changed_meanwhile(
        f"the unit {unit.name}",
        [(event.actor_name, [WORDS[key] for key in event.after or {} if key in WORDS]) for event in found],
    )
