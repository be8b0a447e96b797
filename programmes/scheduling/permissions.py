from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

RUN_STAGES = Action(
    "scheduling.run_stages",
    "plan the stages of this programme or record their start and finish",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_run_stages(user: User, programme: Programme) -> None:
    check(user, RUN_STAGES, programme.scope)


def can_run_stages(user: User, programme: Programme) -> bool:
    return can(user, RUN_STAGES, programme.scope)
