"""A programme that runs, one that ended, and who manages the first."""

import pytest
from django.db import transaction

from programmes.register.changes import end_programme
from tests.builders import (
    NOW,
    make_manager,
    make_portfolio,
    make_programme,
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
