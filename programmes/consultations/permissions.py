from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

RUN_CONSULTATION = Action(
    "consultations.run",
    "draft, change or launch a consultation of this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_run_consultations(user: User, programme: Programme) -> None:
    check(user, RUN_CONSULTATION, programme.scope)


def can_run_consultations(user: User, programme: Programme) -> bool:
    return can(user, RUN_CONSULTATION, programme.scope)
