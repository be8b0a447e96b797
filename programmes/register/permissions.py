from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

EDIT_PROGRAMME = Action(
    "register.edit",
    "change this programme, its constraints or its lessons",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_edit_programme(user: User, programme: Programme) -> None:
    check(user, EDIT_PROGRAMME, programme.scope)


def can_edit_programme(user: User, programme: Programme) -> bool:
    return can(user, EDIT_PROGRAMME, programme.scope)
