from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, can_anywhere, check, check_anywhere
from programmes.register.models import Programme
from programmes.reminders.models import ReminderWave

SEE_RECIPIENTS = Action(
    "reminders.see_recipients",
    "see who a reminder goes to",
    frozenset({Role.ADMINISTRATOR, Role.CIO, Role.PROGRAMME_MANAGER}),
)
CANCEL_REMINDERS = Action(
    "reminders.cancel", "cancel reminders of this programme", frozenset({Role.CIO, Role.PROGRAMME_MANAGER})
)
SEND_NOW = Action(
    "reminders.send_now", "send reminders of this programme at once", frozenset({Role.CIO, Role.PROGRAMME_MANAGER})
)
PLAN_ANEW = Action(
    "reminders.plan_anew", "plan the reminders of this programme anew", frozenset({Role.CIO, Role.PROGRAMME_MANAGER})
)
RUN_WITHOUT_PROGRAMME = Action(
    "reminders.run_without_programme",
    "cancel or send reminders that concern no programme",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)
SWEEP = Action(
    "reminders.sweep",
    "see whether every reminder is planned, or plan what is missing",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)


def check_can_see_recipients(user: User, wave: ReminderWave) -> None:
    check(user, SEE_RECIPIENTS, wave.place)


def can_see_recipients(user: User, wave: ReminderWave) -> bool:
    return can(user, SEE_RECIPIENTS, wave.place)


def check_can_cancel_reminders(user: User, wave: ReminderWave) -> None:
    check(user, CANCEL_REMINDERS if wave.programme else RUN_WITHOUT_PROGRAMME, wave.place)


def can_cancel_reminders(user: User, wave: ReminderWave) -> bool:
    return can(user, CANCEL_REMINDERS if wave.programme else RUN_WITHOUT_PROGRAMME, wave.place)


def check_can_send_now(user: User, wave: ReminderWave) -> None:
    check(user, SEND_NOW if wave.programme else RUN_WITHOUT_PROGRAMME, wave.place)


def can_send_now(user: User, wave: ReminderWave) -> bool:
    return can(user, SEND_NOW if wave.programme else RUN_WITHOUT_PROGRAMME, wave.place)


def check_can_plan_anew(user: User, programme: Programme) -> None:
    check(user, PLAN_ANEW, programme.scope)


def can_plan_anew(user: User, programme: Programme) -> bool:
    return can(user, PLAN_ANEW, programme.scope)


def check_can_sweep(user: User) -> None:
    check_anywhere(user, SWEEP)


def can_sweep(user: User) -> bool:
    return can_anywhere(user, SWEEP)
