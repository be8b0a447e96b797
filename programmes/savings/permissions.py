from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

STATE_SAVINGS = Action(
    "savings.state",
    "add savings to this programme, change them or state what they come to",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_state_savings(user: User, programme: Programme) -> None:
    check(user, STATE_SAVINGS, programme.scope)


def can_state_savings(user: User, programme: Programme) -> bool:
    return can(user, STATE_SAVINGS, programme.scope)
