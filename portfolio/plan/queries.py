from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.calendar.rules import AsAt, as_at
from partners.clock.rules import local_date
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to, programme_ids_in
from portfolio.plan.models import RequirementEstimate, RequirementYear, Scenario, ScenarioPart
from portfolio.plan.rules import Estimate, Known, Line, Money, NamedScenario, PlanCut, lines, money_of
from programmes.savings.queries import stated_at


def estimates_visible_to(user: User) -> QuerySet[RequirementEstimate]:
    """Estimates of the portfolios that the person may see, with portfolio, scope and who recorded them. Unordered."""
    seen = portfolios_visible_to(user).order_by().values("pk")
    return RequirementEstimate.objects.filter(portfolio__in=seen).select_related("portfolio__scope", "recorded_by")


def scenarios_visible_to(user: User) -> QuerySet[Scenario]:
    """Scenarios of the portfolios that the person may see, withdrawn ones too, with portfolio and scope. Unordered."""
    seen = portfolios_visible_to(user).order_by().values("pk")
    return Scenario.objects.filter(portfolio__in=seen).select_related("portfolio__scope", "recorded_by")


def split_of(estimate: RequirementEstimate) -> list[RequirementYear]:
    """The parts of an estimate by financial year, in order; empty where it is not split."""
    return list(RequirementYear.objects.filter(estimate=estimate).order_by("year"))


def scenarios_with(estimate: RequirementEstimate) -> list[Scenario]:
    """Scenarios that were made of the estimate, withdrawn ones too, by name."""
    return list(Scenario.objects.filter(parts__estimate=estimate).order_by("name", "pk"))


def money_at(portfolio: Portfolio, *, on: date, known_at: datetime) -> Money:
    """What the portfolio has to save and does on a day, from what was recorded by ``known_at``; eight queries at most."""
    return money_of(known_of(portfolio, on=on, known_at=known_at), on=on, known_at=known_at)


def known_of(portfolio: Portfolio, *, on: date, known_at: datetime) -> Known:
    """What the portfolio's money is worked out from: estimates by day, scenarios by name, statements."""
    return Known(
        estimates=estimates_of(portfolio, on=on, known_at=known_at),
        scenarios=_scenarios(portfolio, known_at),
        statements=tuple(stated_at(programme_ids_in(portfolio), on=on, known_at=known_at)),
    )


def estimates_of(portfolio: Portfolio, *, on: date, known_at: datetime) -> tuple[Estimate, ...]:
    """Every estimate stated by the day and recorded by then, those replaced too, the latest stated first."""
    rows = _ESTIMATES.rows(portfolio=portfolio.pk, on=on, known_at=known_at)
    split: dict[object, list[tuple[int, int]]] = {}
    if rows:
        years = RequirementYear.objects.filter(estimate__in=[row[_ID] for row in rows]).order_by("year")
        for estimate_id, year, pence in years.values_list("estimate_id", "year", "pence"):
            split.setdefault(estimate_id, []).append((year, pence))
    return tuple(
        Estimate(**dict(zip(_COLUMNS, row, strict=True)), split=tuple(split.get(row[_ID], ()))) for row in rows
    )


def lines_at(portfolio: Portfolio, cut: PlanCut, *, on: date, known_at: datetime) -> list[Line]:
    """What a figure of the portfolio is the sum of, estimates first, then statements by programme and saving."""
    return lines(known_of(portfolio, on=on, known_at=known_at), cut)


def day_of(portfolio: Portfolio, asked: date | None, *, now: datetime) -> AsAt:
    """The day that was asked for; else today, or the last day of a portfolio that is kept as a record.

    Raises: Refused at ``on`` for a day in the future.
    """
    kept_until = portfolio.record_until
    return as_at(asked or (min(kept_until, local_date(now)) if kept_until else None), now=now)


def _scenarios(portfolio: Portfolio, known_at: datetime) -> tuple[NamedScenario, ...]:
    """Scenarios recorded by then and not withdrawn then, in the order recorded."""
    rows = _SCENARIOS.rows(portfolio=portfolio.pk, known_at=known_at)
    parts: dict[UUID, list[UUID]] = {}
    if rows:
        found = ScenarioPart.objects.filter(scenario__in=[pk for pk, _, _ in rows]).order_by("pk")
        for scenario_id, estimate_id in found.values_list("scenario_id", "estimate_id"):
            parts.setdefault(scenario_id, []).append(estimate_id)
    return tuple(NamedScenario(pk, name, description, tuple(parts.get(pk, ()))) for pk, name, description in rows)


# The columns of an estimate, and what ``Estimate`` calls them.
_COLUMNS = {
    "id": "pk",
    "kind": "kind",
    "title": "title",
    "low_pence": "low_pence",
    "high_pence": "high_pence",
    "first_year": "first_year",
    "last_year": "last_year",
    "counts": "counts",
    "stated_by": "stated_by",
    "stated_on": "stated_on",
    "covers": "covers",
    "price_base": "price_base",
    "source": "source",
    "recorded_at": "recorded_at",
    "recorded_by": "recorded_by__name",
    "replaces_id": "replaces_id",
}
_ID = 0


def _estimates(portfolio: RawSQL, on: RawSQL, known_at: RawSQL) -> QuerySet:
    found = RequirementEstimate.objects.filter(portfolio=portfolio, stated_on__lte=on, recorded_at__lte=known_at)
    return found.order_by("-stated_on", "-recorded_at", "pk").values_list(*_COLUMNS.values())


def _standing_scenarios(portfolio: RawSQL, known_at: RawSQL) -> QuerySet:
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_at)
    found = Scenario.objects.filter(standing, portfolio=portfolio, recorded_at__lte=known_at)
    return found.order_by("recorded_at", "pk").values_list("pk", "name", "description")


_ESTIMATES, _SCENARIOS = Statement(_estimates), Statement(_standing_scenarios)
