from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, can_anywhere, check
from programmes.register.models import Programme

RUN_CONSULTATION = Action(
    "consultations.run",
    "draft, change or launch a consultation of this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
MODERATE_COMMENTS = Action(
    "consultations.moderate", "moderate the comments of this programme", frozenset({Role.MODERATOR})
)


def check_can_run_consultations(user: User, programme: Programme) -> None:
    check(user, RUN_CONSULTATION, programme.scope)


def can_run_consultations(user: User, programme: Programme) -> bool:
    return can(user, RUN_CONSULTATION, programme.scope)


def check_can_moderate(user: User, programme: Programme) -> None:
    check(user, MODERATE_COMMENTS, programme.scope)


def can_moderate(user: User, programme: Programme) -> bool:
    return can(user, MODERATE_COMMENTS, programme.scope)


def can_moderate_anywhere(user: User) -> bool:
    return can_anywhere(user, MODERATE_COMMENTS)
