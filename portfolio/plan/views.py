from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Refused
from partners.calendar.rules import AsAt
from partners.clock.queries import business_now
from partners.people.queries import person_of
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.enums import EstimateKind
from portfolio.plan.forms import DayForm, EstimateForm, LinesForm, ScenarioForm
from portfolio.plan.models import Scenario
from portfolio.plan.operations import add_scenario, record_estimate, withdraw_scenario
from portfolio.plan.permissions import can_change_plan, check_can_change_plan
from portfolio.plan.queries import (
    day_of,
    estimates_of,
    estimates_visible_to,
    lines_at,
    money_at,
    scenarios_visible_to,
    scenarios_with,
    split_of,
)
from portfolio.plan.rules import MEASURES, bars_of_money, standing
from programmes.savings.rules import total_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def savings(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, form = _portfolio(request, portfolio_id), DayForm(request.GET)
    when = _asked(portfolio, form)
    money = money_at(portfolio, on=when.on, known_at=when.known_at)
    context = {
        "portfolio": portfolio,
        "form": form,
        "when": when,
        "money": money,
        "bars": bars_of_money(money),
        "can_change": can_change_plan(person_of(request), portfolio),
    }
    return render(request, "portfolio/plan/savings.html", context)


@require_GET
def lines_of_figure(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """What a figure of the portfolio is the sum of."""
    portfolio, form = _portfolio(request, portfolio_id), LinesForm(request.GET)
    if not form.is_valid():
        raise Http404
    when = _asked(portfolio, form)
    found = lines_at(portfolio, form.cut, on=when.on, known_at=when.known_at)
    context = {
        "portfolio": portfolio,
        "when": when,
        "what": dict(MEASURES)[form.cut.figure],
        "lines": found,
        "total": total_of(found),
    }
    return render(request, "portfolio/plan/lines.html", context)


@form_page
def record(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, person, now = _portfolio(request, portfolio_id), person_of(request), business_now()
    check_can_change_plan(person, portfolio)
    when = day_of(portfolio, None, now=now)
    form = EstimateForm(
        request.POST or None, replaceable=standing(estimates_of(portfolio, on=when.on, known_at=when.known_at))
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            recorded = record_estimate(portfolio_id=portfolio.pk, by=person, now=now, **form.estimate)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Estimate recorded.")
            return redirect("estimate", recorded.pk)
    return render(request, "portfolio/plan/record.html", {"portfolio": portfolio, "form": form}, status=status)


@form_page
def add(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, person, now = _portfolio(request, portfolio_id), person_of(request), business_now()
    check_can_change_plan(person, portfolio)
    when = day_of(portfolio, None, now=now)
    estimates = standing(estimates_of(portfolio, on=when.on, known_at=when.known_at))
    form = ScenarioForm(request.POST or None, estimates=estimates)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            added = add_scenario(portfolio_id=portfolio.pk, by=person, now=now, **form.scenario)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Scenario added.")
            return redirect("scenario", added.pk)
    has_required = any(each.kind == EstimateKind.REQUIRED for each in estimates)
    context = {"portfolio": portfolio, "form": form, "has_required": has_required}
    return render(request, "portfolio/plan/add.html", context, status=status)


@require_GET
def estimate(request: HttpRequest, requirement_estimate_id: UUID) -> HttpResponse:
    seen = estimates_visible_to(person_of(request)).select_related("replaces", "replaced_by")
    found = get_object_or_404(seen, pk=requirement_estimate_id)
    context = {
        "estimate": found,
        "portfolio": found.portfolio,
        "replaced_by": getattr(found, "replaced_by", None),
        "split": split_of(found),
        "scenarios": scenarios_with(found),
    }
    return render(request, "portfolio/plan/estimate.html", context)


@require_GET
def scenario(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    found, form = _scenario(request, scenario_id), DayForm(request.GET)
    portfolio = found.portfolio
    when = _asked(portfolio, form)
    money = money_at(portfolio, on=when.on, known_at=when.known_at)
    shown = next((each for each in money.scenarios if each.scenario.id == found.pk), None)
    context = {
        "scenario": found,
        "portfolio": portfolio,
        "form": form,
        "when": when,
        "money": shown,
        "bars": bars_of_money(shown) if shown else [],
        "can_change": can_change_plan(person_of(request), portfolio),
    }
    return render(request, "portfolio/plan/scenario.html", context)


@form_page
def withdraw(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    found, person = _scenario(request, scenario_id), person_of(request)
    check_can_change_plan(person, found.portfolio)
    if request.method == "POST":
        withdraw_scenario(scenario_id=found.pk, by=person, now=business_now())
        messages.success(request, "Scenario withdrawn.")
        return redirect("portfolio_savings", found.portfolio_id)
    context = {"scenario": found, "portfolio": found.portfolio}
    return render(request, "portfolio/plan/withdraw.html", context)


def _portfolio(request: HttpRequest, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


def _scenario(request: HttpRequest, scenario_id: UUID) -> Scenario:
    return get_object_or_404(scenarios_visible_to(person_of(request)).select_related("withdrawn_by"), pk=scenario_id)


def _asked(portfolio: Portfolio, form: DayForm) -> AsAt:
    """The day that the address asks for; the usual one, with an error in the form, where it cannot be that one."""
    now = business_now()
    try:
        return day_of(portfolio, form.cleaned_data["on"] if form.is_valid() else None, now=now)
    except Refused as refused:
        form.add_error("on", refused.sentence)
        return day_of(portfolio, None, now=now)


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
