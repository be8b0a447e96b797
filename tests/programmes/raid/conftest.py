"""A programme that runs, one that ended, and who manages the first."""

import pytest
from django.db import transaction

from partners.people.enums import Role
from programmes.register.changes import end_programme
from tests.builders import (
    NOW,
    give_role,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_workstream,
)

TODAY = NOW.date()


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Custody", portfolio=portfolio)


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Grace Adeyemi")


@pytest.fixture
def ended(portfolio):
    programme = make_programme("Old radios", portfolio=portfolio)
    with transaction.atomic():
        end_programme(programme, on=TODAY, reason="Done", by=programme.set_up_by, now=NOW)
    return programme


@pytest.fixture
def lead(programme):
    return give_role(make_person("Lee Lead"), Role.WORKSTREAM_LEAD, programme.scope)


@pytest.fixture
def workstream(programme, lead):
    return make_workstream(programme, "Tablets", lead=lead)
