"""Small builders of real rows for tests. Each takes what matters to the test and fills in the rest."""

from datetime import UTC, datetime
from itertools import count

from django.db import transaction

from partners.people.changes import add_person, hold_role, make_scope
from partners.people.enums import Role, ScopeKind
from partners.people.models import Scope, Unit, User
from partners.people.queries import organisation
from portfolio.groups.models import Portfolio
from programmes.register.changes import create_programme
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme

NOW = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)  # a Wednesday, 10am in the UK
_number = count(1)


def make_unit(name: str = "") -> Unit:
    n = next(_number)
    return Unit.objects.create(code=f"U{n}", name=name or f"Unit {n}")


def make_person(name: str = "", *, unit: Unit | None = None) -> User:
    n = next(_number)
    return add_person(email=f"person{n}@example.org", name=name or f"Person {n}", unit=unit, now=NOW)


def give_role(user: User, role: Role, scope: Scope | None = None) -> User:
    """The role at the scope (the organisation without one); returns the person read afresh."""
    hold_role(user=user, role=role, scope=scope or organisation(), by=user, now=NOW)
    return User.objects.get(pk=user.pk)


def make_administrator(name: str = "") -> User:
    return give_role(make_person(name), Role.ADMINISTRATOR)


def make_portfolio(name: str = "") -> Portfolio:
    name = name or f"Portfolio {next(_number)}"
    return Portfolio.objects.create(name=name, scope=make_scope(kind=ScopeKind.PORTFOLIO, name=name))


def make_cio(portfolio: Portfolio, name: str = "") -> User:
    return give_role(make_person(name), Role.CIO, portfolio.scope)


@transaction.atomic
def make_programme(name: str = "", *, portfolio: Portfolio | None = None, by: User | None = None) -> Programme:
    return create_programme(
        portfolio_scope=(portfolio or make_portfolio()).scope,
        name=name or f"Programme {next(_number)}",
        summary="",
        delivery_model=DeliveryModel.TASKFORCE,
        owner=None,
        by=by or make_person(),
        now=NOW,
    )


def make_manager(programme: Programme, name: str = "") -> User:
    return give_role(make_person(name), Role.PROGRAMME_MANAGER, programme.scope)


def make_reader(programme: Programme, name: str = "") -> User:
    return give_role(make_person(name), Role.READER, programme.scope)
