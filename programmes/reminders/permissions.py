from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

SEE_RECIPIENTS = Action(
    "reminders.see_recipients",
    "see who a reminder goes to",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)
CANCEL_REMINDERS = Action(
    "reminders.cancel", "cancel reminders of this programme", frozenset({Role.CIO, Role.PROGRAMME_MANAGER})
)


def check_can_see_recipients(user: User, programme: Programme) -> None:
    check(user, SEE_RECIPIENTS, programme.scope)


def can_see_recipients(user: User, programme: Programme) -> bool:
    return can(user, SEE_RECIPIENTS, programme.scope)


def check_can_cancel_reminders(user: User, programme: Programme) -> None:
    check(user, CANCEL_REMINDERS, programme.scope)


def can_cancel_reminders(user: User, programme: Programme) -> bool:
    return can(user, CANCEL_REMINDERS, programme.scope)
