from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

MANAGE_ENGAGEMENTS = Action(
    "engagements.manage",
    "say who works on this programme, or record an acknowledgement",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
RECORD_BID = Action(
    "engagements.record_bid",
    "record who bid for this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_manage_engagements(user: User, programme: Programme) -> None:
    check(user, MANAGE_ENGAGEMENTS, programme.scope)


def can_manage_engagements(user: User, programme: Programme) -> bool:
    return can(user, MANAGE_ENGAGEMENTS, programme.scope)


def check_can_record_bid(user: User, programme: Programme) -> None:
    check(user, RECORD_BID, programme.scope)


def can_record_bid(user: User, programme: Programme) -> bool:
    return can(user, RECORD_BID, programme.scope)
