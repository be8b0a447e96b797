from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

EDIT_PROGRAMME = Action(
    "register.edit",
    "change this programme, its constraints, lessons or positions",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_edit_programme(user: User, programme: Programme) -> None:
    check(user, EDIT_PROGRAMME, programme.scope)


def can_edit_programme(user: User, programme: Programme) -> bool:
    return can(user, EDIT_PROGRAMME, programme.scope)


def check_runs(programme: Programme) -> None:
    """Raises: Refused when the programme ended: nothing new starts in it, whatever somebody may."""
    if programme.ended_on:
        raise Refused(
            f"{programme.name} ended on {words_for_date(programme.ended_on)}. Nothing new starts in it: choose another "
            "programme, or set one up."
        )
