from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

PROPOSE_DECISIONS = Action(
    "decisions.propose",
    "draft, change, propose or withdraw a decision on this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_propose(user: User, programme: Programme) -> None:
    check(user, PROPOSE_DECISIONS, programme.scope)


def can_propose(user: User, programme: Programme) -> bool:
    return can(user, PROPOSE_DECISIONS, programme.scope)
