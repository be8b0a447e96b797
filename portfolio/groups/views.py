from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from portfolio.groups.forms import ChangePortfolioForm, PortfolioForm, SetUpForm
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import change_portfolio, create_portfolio, set_up_programme
from portfolio.groups.permissions import (
    check_can_change_portfolio,
    check_can_create_portfolio,
    check_can_set_up_programme,
)
from portfolio.groups.queries import portfolios_visible_to
from programmes.register.enums import DELIVERY_MODEL_HINTS, DeliveryModel
from programmes.register.queries import (
    newest_constraints_by_model,
    newest_lessons_by_model,
    newest_positions_by_model,
)
from programmes.scheduling.queries import offered_life_cycles

EACH = 5
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def create(request: HttpRequest) -> HttpResponse:
    check_can_create_portfolio(person_of(request))
    form = PortfolioForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            portfolio = create_portfolio(by=person_of(request), now=business_now(), **form.cleaned_data)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{portfolio.name} created. Next, set up its first programme.")
            return redirect("portfolio_board", portfolio.pk)
    return render(request, "portfolio/groups/create.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = _portfolio(request, portfolio_id)
    check_can_change_portfolio(person_of(request), portfolio)
    form = ChangePortfolioForm(request.POST) if request.method == "POST" else ChangePortfolioForm.showing(portfolio)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            change_portfolio(portfolio_id=portfolio.pk, by=person_of(request), now=business_now(), **form.cleaned_data)
        except Conflict as conflict:
            portfolio = _portfolio(request, portfolio_id)
            typed = request.POST.copy()
            typed["version"] = str(portfolio.version)
            form.data = typed
            form.add_error(None, conflict.sentence)
            context["differences"] = form.differences(portfolio)
            status = 409
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Portfolio changed.")
            return redirect("portfolio_board", portfolio_id)
    context |= {"portfolio": portfolio, "form": form}
    return render(request, "portfolio/groups/change.html", context, status=status)


@form_page
def set_up(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = _portfolio(request, portfolio_id)
    person = person_of(request)
    check_can_set_up_programme(person, portfolio)
    offered = offered_life_cycles()
    form = SetUpForm([row for row, _ in offered], request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            programme = set_up_programme(
                portfolio_id=portfolio.pk,
                name=entered["name"],
                summary=entered["summary"],
                delivery_model=DeliveryModel(entered["delivery_model"]),
                owner_id=entered["owner"],
                manager_id=entered["manager"],
                life_cycle_id=entered["life_cycle"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{programme.name} is set up. Next, plan its stages and add its workstreams.")
            return redirect("programme", programme.pk)
    newest = (newest_lessons_by_model, newest_constraints_by_model, newest_positions_by_model)
    lessons, constraints, positions = (found(person, each=EACH) for found in newest)
    context = {
        "portfolio": portfolio,
        "form": form,
        "hints": DELIVERY_MODEL_HINTS,
        "life_cycle_hints": {str(row.pk): ", ".join(titles) for row, titles in offered},
        "earlier": [
            (model, lessons.get(model.value, []), constraints.get(model.value, []), positions.get(model.value, []))
            for model in DeliveryModel
            if model.value in {*lessons, *constraints, *positions}
        ],
    }
    return render(request, "portfolio/groups/set_up.html", context, status=status)


def _portfolio(request: HttpRequest, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
