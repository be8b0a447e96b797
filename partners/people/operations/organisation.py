"""The organisation that runs this installation: the scope above every portfolio."""

from datetime import datetime

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import events_about
from partners.audit.rules import Conflict, changed_meanwhile
from partners.people import changes
from partners.people.models import Scope, User
from partners.people.permissions import CHANGE_SETTINGS, check

RENAME = "people.rename_organisation"


@transaction.atomic(durable=True)
def rename_organisation(*, name: str, was: str, by: User, now: datetime) -> Scope:
    """Give the organisation another name. ``was`` is the name that was read; nothing is written when none changes.

    Raises: NotPermitted; Conflict when somebody renamed it meanwhile.
    """
    scope = changes.lock_organisation()
    check(by, CHANGE_SETTINGS, None)
    if scope.name == name:
        return scope
    if scope.name != was:
        raise _changed_meanwhile(scope)
    changes.rename_scope(scope.pk, name)
    record(
        by=by,
        now=now,
        action=RENAME,
        subject=scope,
        scope_id=scope.pk,
        summary=f"renamed the organisation from {was} to {name}",
        before={"name": was},
        after={"name": name},
    )
    scope.name = name
    return scope


def _changed_meanwhile(scope: Scope) -> Conflict:
    latest = events_about(scope.pk).filter(action=RENAME).first()
    return changed_meanwhile("the organisation", [(latest.actor_name, ["the name"])] if latest else [])
