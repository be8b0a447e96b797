"""Savings with their statements, estimates of what is required, scenarios."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.plan.enums import EstimateKind
from portfolio.plan.models import RequirementEstimate, Scenario
from portfolio.plan.operations import add_scenario, record_estimate
from programmes.register.models import Programme
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.operations import add_saving, state_saving
from tests.builders.core import NOW, make_cio, make_manager

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
    whole: dict[str, Any] = {
        "based_on": saving.statements.filter(year=year).count(),
        "confidence": "solid" if planned else "",
        "source": "Budget paper",
        "request_key": uuid4(),
    }
    return state_saving(
        saving_id=saving.pk,
        year=year,
        planned_pence=planned * MILLION,
        expected_pence=expected * MILLION,
        delivered_pence=delivered * MILLION,
        stated_on=stated_on or now.date(),
        by=by or make_manager(saving.programme),
        now=now,
        **(whole | more),
    )


def make_estimate(
    portfolio: Portfolio,
    low: int = 126,
    high: int | None = None,
    *,
    kind: EstimateKind = EstimateKind.REQUIRED,
    split: Mapping[int, int] | None = None,
    by: User | None = None,
    now: datetime = NOW,
    **more: Any,
) -> RequirementEstimate:
    """An estimate over 2025-26 to 2028-29, amounts and split in whole millions of pounds."""
    whole: dict[str, Any] = {
        "title": f"Estimate {next(_number)}",
        "first_year": 2025,
        "last_year": 2028,
        "stated_by": "The treasurer",
        "stated_on": now.date(),
        "source": "Budget paper",
        "request_key": uuid4(),
    }
    return record_estimate(
        portfolio_id=portfolio.pk,
        kind=kind,
        low_pence=low * MILLION,
        high_pence=(low if high is None else high) * MILLION,
        split={year: millions * MILLION for year, millions in (split or {}).items()},
        by=by or make_cio(portfolio),
        now=now,
        **(whole | more),
    )


def make_pressure(portfolio: Portfolio, low: int = 0, high: int = 16, **more: Any) -> RequirementEstimate:
    return make_estimate(portfolio, low, high, kind=EstimateKind.PRESSURE, **more)


def make_scenario(
    portfolio: Portfolio, *estimates: RequirementEstimate, name: str = "", by: User | None = None, now: datetime = NOW
) -> Scenario:
    return add_scenario(
        portfolio_id=portfolio.pk,
        name=name or f"Scenario {next(_number)}",
        estimate_ids=[each.pk for each in estimates],
        request_key=uuid4(),
        by=by or make_cio(portfolio),
        now=now,
    )


def make_money(portfolio: Portfolio, programme: Programme, *, by: User) -> None:
    """£78m of £126m under way, £48m planned, and up to £16m more: a row of each kind."""
    saving = make_saving(programme, "Fewer leased buildings", by=by)
    state(saving, 2025, planned=40, by=by)
    state(saving, 2025, delivered=40, by=by)
    state(saving, 2026, expected=38, by=by)
    rest = make_saving(programme, "Shared services", by=by)
    state(rest, 2027, planned=26, by=by)
    state(rest, 2028, planned=22, confidence="uncertain", by=by)
    required = make_estimate(portfolio, split={2025: 32, 2026: 32, 2027: 31, 2028: 31}, by=by)
    pressure = make_pressure(portfolio, first_year=2027, by=by)
    make_scenario(portfolio, required, name="As required", by=by)
    make_scenario(portfolio, required, pressure, name="With the cut in funding", by=by)
