from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.calendar.rules import check_year, words_for_year, words_for_years
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from portfolio.groups.models import Portfolio
from portfolio.plan.enums import EstimateKind
from portfolio.plan.models import RequirementEstimate, RequirementYear, Scenario, ScenarioPart
from portfolio.plan.permissions import check_can_change_plan
from portfolio.plan.rules import (
    COVERS_LENGTH,
    PRICE_BASE_LENGTH,
    check_amounts,
    check_scenario,
    check_split,
    check_years,
)
from programmes.register.rules import NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.rules import words_for_range

USED_ALREADY = "This request was used for something else. Load the page again and send it once more."


@transaction.atomic(durable=True)
def record_estimate(
    *,
    portfolio_id: UUID,
    kind: EstimateKind,
    title: str,
    low_pence: int,
    high_pence: int,
    first_year: int,
    last_year: int,
    split: Mapping[int, int] | None = None,
    counts: bool = True,
    stated_by: str,
    stated_on: date,
    covers: str = "",
    price_base: str = "",
    source: str,
    replaces_id: UUID | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> RequirementEstimate:
    """Record what somebody said has to be saved, or a pressure on it; every estimate before it stays.

    ``split`` holds pence by financial year, all years or none. The same request key again returns the first.

    Raises: NotPermitted; Refused for what the rules refuse, a day in the future, or an estimate to be replaced that is
    of another portfolio or kind, was stated later, or is replaced already.
    """
    portfolio = _locked(portfolio_id)
    check_can_change_plan(by, portfolio)
    known = RequirementEstimate.objects.filter(pk=request_key).first()
    if known is not None:
        if known.portfolio_id != portfolio.pk:
            raise Refused(USED_ALREADY)
        return known
    split = split or {}
    check_day(stated_on, field="stated_on", named="The day", today=local_date(now))
    for year, field in ((first_year, "first_year"), (last_year, "last_year")):
        check_year(year, field=field)
    check_amounts(str(kind), low_pence, high_pence)
    check_years(first_year, last_year)
    check_split(split, low_pence=low_pence, high_pence=high_pence, first_year=first_year, last_year=last_year)
    replaced = _to_replace(portfolio, replaces_id, kind=kind, stated_on=stated_on) if replaces_id else None
    estimate = RequirementEstimate.objects.create(
        pk=request_key,
        portfolio=portfolio,
        kind=kind,
        title=one_line(title, limit=NAME_LENGTH, field="title", named="a title"),
        low_pence=low_pence,
        high_pence=high_pence,
        first_year=first_year,
        last_year=last_year,
        counts=counts,
        stated_by=one_line(stated_by, limit=NAME_LENGTH, field="stated_by", named="who stated it"),
        stated_on=stated_on,
        covers=one_line(covers, limit=COVERS_LENGTH, field="covers", named="what it covers", required=False),
        price_base=one_line(
            price_base, limit=PRICE_BASE_LENGTH, field="price_base", named="the price base", required=False
        ),
        source=one_line(source, limit=SOURCE_LENGTH, field="source", named="the source"),
        replaces=replaced,
        recorded_at=now,
        recorded_by=by,
    )
    RequirementYear.objects.bulk_create(
        RequirementYear(estimate=estimate, year=year, pence=pence) for year, pence in sorted(split.items())
    )
    amount = words_for_range(low_pence, high_pence)
    record(
        by=by,
        now=now,
        action="plan.record_estimate",
        subject=estimate,
        scope_id=portfolio.scope_id,
        summary=f"recorded an estimate: {estimate.title}, {amount} over {words_for_years(first_year, last_year)}"
        + (f", in place of {replaced.title}" if replaced else ""),
        after={
            "kind": str(kind),
            "title": estimate.title,
            "low_pence": low_pence,
            "high_pence": high_pence,
            "years": words_for_years(first_year, last_year),
            "split": {words_for_year(year): pence for year, pence in sorted(split.items())},
            "counts": counts,
            "stated_by": estimate.stated_by,
            "stated_on": stated_on.isoformat(),
            "source": estimate.source,
            "replaces": str(replaces_id or ""),
        },
    )
    return estimate


@transaction.atomic(durable=True)
def add_scenario(
    *,
    portfolio_id: UUID,
    name: str,
    description: str = "",
    estimate_ids: Collection[UUID],
    request_key: UUID,
    by: User,
    now: datetime,
) -> Scenario:
    """Take estimates together under a name: one of what is required, and any pressures on it.

    The same request key again returns the first.

    Raises: NotPermitted; Refused for words that are not allowed, a name that is taken, or estimates that are not of this
    portfolio, are replaced or do not make a scenario.
    """
    portfolio = _locked(portfolio_id)
    check_can_change_plan(by, portfolio)
    known = Scenario.objects.filter(pk=request_key).first()
    if known is not None:
        if known.portfolio_id != portfolio.pk:
            raise Refused(USED_ALREADY)
        return known
    name = one_line(name, limit=NAME_LENGTH, field="name", named="a name")
    description = lines(description, limit=SUMMARY_LENGTH, field="description", named="the description")
    live = Scenario.objects.filter(portfolio=portfolio, withdrawn_at=None)
    if live.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise Refused(f"There is a scenario called {name} already. Choose another name.", field="name")
    estimates = list(
        RequirementEstimate.objects.filter(portfolio=portfolio, pk__in=estimate_ids)
        .select_related("replaced_by")
        .order_by("-kind", "stated_on", "pk")
    )
    if len(estimates) < len(set(estimate_ids)):
        raise Refused("One of the estimates is not of this portfolio. Choose its own.", field="estimates")
    for estimate in estimates:
        if hasattr(estimate, "replaced_by"):
            raise Refused(f"{estimate} was replaced by {estimate.replaced_by}. Choose that one.", field="estimates")
    check_scenario([estimate.kind for estimate in estimates])
    scenario = Scenario.objects.create(
        pk=request_key, portfolio=portfolio, name=name, description=description, recorded_at=now, recorded_by=by
    )
    ScenarioPart.objects.bulk_create(ScenarioPart(scenario=scenario, estimate=estimate) for estimate in estimates)
    low, high = sum(each.low_pence for each in estimates), sum(each.high_pence for each in estimates)
    record(
        by=by,
        now=now,
        action="plan.add_scenario",
        subject=scenario,
        scope_id=portfolio.scope_id,
        summary=f"added the scenario {name}: {words_for_range(low, high)}",
        after={"name": name, "description": description, "estimates": [str(each.pk) for each in estimates]},
    )
    return scenario


@transaction.atomic(durable=True)
def withdraw_scenario(*, scenario_id: UUID, by: User, now: datetime) -> Scenario:
    """Take a scenario out of the plan; days before show it still.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    rows = Scenario.objects.select_for_update(of=("self",), no_key=True)
    scenario = rows.select_related("portfolio__scope", "withdrawn_by", "recorded_by").get(pk=scenario_id)
    check_can_change_plan(by, scenario.portfolio)
    if scenario.withdrawn_at:
        who = scenario.withdrawn_by.name if scenario.withdrawn_by else "Somebody"
        raise Refused(f"{who} withdrew this scenario on {words_for_date(local_date(scenario.withdrawn_at))} already.")
    scenario.withdrawn_at, scenario.withdrawn_by = now, by
    scenario.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="plan.withdraw_scenario",
        subject=scenario,
        scope_id=scenario.portfolio.scope_id,
        summary=f"withdrew the scenario {scenario.name}",
        before={"name": scenario.name, "description": scenario.description},
    )
    return scenario


def _locked(portfolio_id: UUID) -> Portfolio:
    rows = Portfolio.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    return rows.get(pk=portfolio_id)


def _to_replace(portfolio: Portfolio, estimate_id: UUID, *, kind: EstimateKind, stated_on: date) -> RequirementEstimate:
    """The estimate that another one may take the place of. Raises: Refused at ``replaces``."""
    found = (
        RequirementEstimate.objects.filter(portfolio=portfolio, pk=estimate_id).select_related("replaced_by").first()
    )
    if found is None or found.kind != kind:
        raise Refused("It can take the place of an estimate of the same kind and portfolio only.", field="replaces")
    if hasattr(found, "replaced_by"):
        raise Refused(f"{found} was replaced by {found.replaced_by} already. Replace that one.", field="replaces")
    if stated_on < found.stated_on:
        raise Refused(
            f"{found} was stated on {words_for_date(found.stated_on)}. Only what was stated later takes its place.",
            field="stated_on",
        )
    return found
