from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from portfolio.groups.models import Portfolio

CREATE_PORTFOLIO = Action("groups.create_portfolio", "create a portfolio", frozenset({Role.ADMINISTRATOR}))
CHANGE_PORTFOLIO = Action("groups.change_portfolio", "change this portfolio", frozenset({Role.ADMINISTRATOR, Role.CIO}))
SET_UP_PROGRAMME = Action(
    "groups.set_up_programme", "set up a programme in this portfolio", frozenset({Role.ADMINISTRATOR, Role.CIO})
)


def check_can_create_portfolio(user: User) -> None:
    check(user, CREATE_PORTFOLIO, None)


def can_create_portfolio(user: User) -> bool:
    return can(user, CREATE_PORTFOLIO, None)


def check_can_change_portfolio(user: User, portfolio: Portfolio) -> None:
    check(user, CHANGE_PORTFOLIO, portfolio.scope)


def can_change_portfolio(user: User, portfolio: Portfolio) -> bool:
    return can(user, CHANGE_PORTFOLIO, portfolio.scope)


def check_can_set_up_programme(user: User, portfolio: Portfolio) -> None:
    check(user, SET_UP_PROGRAMME, portfolio.scope)


def can_set_up_programme(user: User, portfolio: Portfolio) -> bool:
    return can(user, SET_UP_PROGRAMME, portfolio.scope)
