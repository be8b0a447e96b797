from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from portfolio.groups.models import Portfolio

CHANGE_PLAN = Action(
    "plan.change",
    "record what this portfolio has to save, or its scenarios",
    frozenset({Role.ADMINISTRATOR, Role.CIO}),
)


def check_can_change_plan(user: User, portfolio: Portfolio) -> None:
    check(user, CHANGE_PLAN, portfolio.scope)


def can_change_plan(user: User, portfolio: Portfolio) -> bool:
    return can(user, CHANGE_PLAN, portfolio.scope)
