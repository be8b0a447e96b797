"""Savings with their statements, estimates of what is required, scenarios."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from partners.people.models import User
from programmes.register.models import Programme
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.operations import add_saving, state_saving
from tests.builders.core import NOW, make_manager

MILLION = 100_000_000  # pence
_number = count(1)


def make_saving(programme: Programme, title: str = "", *, by: User | None = None, now: datetime = NOW) -> Saving:
    return add_saving(
        programme_id=programme.pk,
        title=title or f"Saving {next(_number)}",
        request_key=uuid4(),
        by=by or make_manager(programme),
        now=now,
    )


def state(
    saving: Saving,
    year: int = 2026,
    *,
    planned: int = 0,
    expected: int = 0,
    delivered: int = 0,
    stated_on: date | None = None,
    by: User | None = None,
    now: datetime = NOW,
    **more: Any,
) -> SavingStatement:
    """The next statement for the financial year, in whole millions of pounds; what is planned is solid."""
    return state_saving(
        saving_id=saving.pk,
        year=year,
        planned_pence=planned * MILLION,
        expected_pence=expected * MILLION,
        delivered_pence=delivered * MILLION,
        stated_on=stated_on or now.date(),
        by=by or make_manager(saving.programme),
        now=now,
        **{
            "based_on": saving.statements.filter(year=year).count(),
            "confidence": "solid" if planned else "",
            "source": "Budget paper",
            "request_key": uuid4(),
        }
        | more,
    )
