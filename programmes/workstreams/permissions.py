from datetime import datetime

from partners.audit.rules import NotPermitted
from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import Scope, User
from partners.people.permissions import Action, can, check, standing_of
from partners.people.queries import away_for_whom_stands_in
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream

MANAGE_WORKSTREAMS = Action(
    "workstreams.manage",
    "add, change, close or reopen workstreams of this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
REPORT_ON_ANY = Action(
    "workstreams.report_on_any", "report on any workstream of this programme", frozenset({Role.PROGRAMME_MANAGER})
)
REPORT_ON_OWN = Action(
    "workstreams.report_on_own",
    "report on the workstreams that you lead",
    frozenset({Role.WORKSTREAM_LEAD}),
    others=("who stands in for the lead today and holds a role here",),
)
CHOOSE_REPORTING = Action(
    "workstreams.choose_reporting", "choose when reports are due here", frozenset({Role.ADMINISTRATOR, Role.CIO})
)
EXCEPT = Action(
    "workstreams.except",
    "say that a workstream of this programme owes no report, or keep its rating back",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
ASSURE = Action(
    "workstreams.assure", "record or withdraw an independent rating of this programme", frozenset({Role.CIO})
)
OVERRIDE = Action("workstreams.override", "show another rating for this programme than its own", frozenset({Role.CIO}))


def check_can_manage_workstreams(user: User, programme: Programme) -> None:
    check(user, MANAGE_WORKSTREAMS, programme.scope)


def can_manage_workstreams(user: User, programme: Programme) -> bool:
    return can(user, MANAGE_WORKSTREAMS, programme.scope)


def check_can_report(user: User, workstream: Workstream, *, now: datetime | None = None) -> None:
    """As ``can_report``. Also for corrections.

    Raises: NotPermitted. The workstream comes with its programme and scope.
    """
    if not can_report(user, workstream, now=now):
        raise NotPermitted(
            f"You cannot report on {workstream.name}. Ask the person who leads it or the programme manager."
        )


def can_report(user: User, workstream: Workstream, *, now: datetime | None = None) -> bool:
    """The programme manager; the lead of this workstream while they hold the role; and, when told the time, who stands
    in for the lead today and holds some role on the programme or owns it."""
    scope = workstream.programme.scope
    if can(user, REPORT_ON_ANY, scope):
        return True
    if workstream.lead_id == user.pk:
        return can(user, REPORT_ON_OWN, scope)
    in_sight = user.pk == workstream.programme.owner_id or bool(standing_of(user).roles_at(scope))
    return (
        now is not None
        and user.is_active
        and in_sight
        and workstream.lead_id in away_for_whom_stands_in(user, local_date(now))
    )


def check_can_choose_reporting(user: User, scope: Scope) -> None:
    check(user, CHOOSE_REPORTING, scope)


def can_choose_reporting(user: User, scope: Scope) -> bool:
    return can(user, CHOOSE_REPORTING, scope)


def check_can_except(user: User, programme: Programme) -> None:
    check(user, EXCEPT, programme.scope)


def can_except(user: User, programme: Programme) -> bool:
    return can(user, EXCEPT, programme.scope)


def check_can_assure(user: User, programme: Programme) -> None:
    check(user, ASSURE, programme.scope)


def can_assure(user: User, programme: Programme) -> bool:
    return can(user, ASSURE, programme.scope)


def check_can_override(user: User, programme: Programme) -> None:
    check(user, OVERRIDE, programme.scope)


def can_override(user: User, programme: Programme) -> bool:
    return can(user, OVERRIDE, programme.scope)
