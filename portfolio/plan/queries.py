from datetime import date, datetime

from django.db.models import Q, QuerySet

from partners.calendar.rules import AsAt, as_at
from partners.clock.rules import local_date
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.models import RequirementEstimate, RequirementYear, Scenario, ScenarioPart
from portfolio.plan.rules import Estimate, Known, Line, Money, NamedScenario, PlanCut, lines, money_of
from programmes.register.models import Programme
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
    programmes = Programme.objects.filter(scope__parent_id=portfolio.scope_id).order_by().values("pk")
    return Known(
        estimates=estimates_of(portfolio, on=on, known_at=known_at),
        scenarios=_scenarios(portfolio, known_at),
        statements=tuple(stated_at(programmes, on=on, known_at=known_at)),
    )


def estimates_of(portfolio: Portfolio, *, on: date, known_at: datetime) -> tuple[Estimate, ...]:
    """Every estimate stated by the day and recorded by then, those replaced too, the latest stated first."""
    rows = (
        RequirementEstimate.objects.filter(portfolio=portfolio, stated_on__lte=on, recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("-stated_on", "-recorded_at", "pk")
    )
    split: dict[object, list[tuple[int, int]]] = {}
    years = RequirementYear.objects.filter(estimate__in=rows.order_by().values("pk")).order_by("year")
    for estimate_id, year, pence in years.values_list("estimate_id", "year", "pence"):
        split.setdefault(estimate_id, []).append((year, pence))
    return tuple(
        Estimate(
            low_pence=row.low_pence,
            high_pence=row.high_pence,
            id=row.pk,
            kind=row.kind,
            title=row.title,
            first_year=row.first_year,
            last_year=row.last_year,
            counts=row.counts,
            stated_by=row.stated_by,
            stated_on=row.stated_on,
            covers=row.covers,
            price_base=row.price_base,
            source=row.source,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by.name,
            replaces_id=row.replaces_id,
            split=tuple(split.get(row.pk, ())),
        )
        for row in rows
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
    rows = Scenario.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_at), portfolio=portfolio, recorded_at__lte=known_at
    ).order_by("recorded_at", "pk")
    parts: dict[object, list[object]] = {}
    found = ScenarioPart.objects.filter(scenario__in=rows.order_by().values("pk")).order_by("pk")
    for scenario_id, estimate_id in found.values_list("scenario_id", "estimate_id"):
        parts.setdefault(scenario_id, []).append(estimate_id)
    return tuple(
        NamedScenario(row.pk, row.name, row.description, tuple(parts.get(row.pk, ())))  # type: ignore[arg-type]
        for row in rows
    )
