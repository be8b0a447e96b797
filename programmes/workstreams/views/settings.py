from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.enums import ScopeKind
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of, scope_visible_to
from programmes.workstreams import operations
from programmes.workstreams.forms import ReportingForm
from programmes.workstreams.permissions import check_can_choose_reporting
from programmes.workstreams.queries import (
    explained,
    explained_choices,
    portfolio_reporting,
    reporting_rule,
    reporting_settings,
)
from programmes.workstreams.views.access import form_page, tell, typed_with


@form_page
def reporting(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    now = business_now()
    form = ReportingForm(request.POST) if request.method == "POST" else ReportingForm.showing(reporting_settings())
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_reporting_settings(by=person_of(request), now=now, **form.chosen)
        except Conflict as conflict:
            form.data = typed_with(request, version=reporting_settings().version)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Reporting day saved.")
            return redirect("reporting_settings")
    context: dict[str, Any] = {
        "form": form,
        "scope": None,
        "current": explained(reporting_rule(), local_date(now)),
        "choices": explained_choices(now),
    }
    return render(request, "programmes/workstreams/reporting.html", context, status=status)


@form_page
def portfolio(request: HttpRequest, scope_id: UUID) -> HttpResponse:
    """The reporting day of one portfolio, by its scope: this floor knows no more of it."""
    scope = scope_visible_to(person_of(request), scope_id)
    if scope is None or scope.kind != ScopeKind.PORTFOLIO:
        raise Http404
    check_can_choose_reporting(person_of(request), scope)
    now, chosen = business_now(), portfolio_reporting(scope.pk)
    form = ReportingForm.showing(chosen or reporting_settings())
    if chosen is None:
        form.initial["version"] = 0
    if request.method == "POST":
        form = ReportingForm(request.POST)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.choose_portfolio_reporting(scope_id=scope.pk, by=person_of(request), now=now, **form.chosen)
        except Conflict as conflict:
            chosen = portfolio_reporting(scope.pk)
            form.data = typed_with(request, version=chosen.version if chosen else 0)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Reporting day saved.")
            return redirect("portfolio_reporting", scope.pk)
    context: dict[str, Any] = {
        "form": form,
        "scope": scope,
        "is_own": chosen is not None,
        "current": explained(reporting_rule(scope.pk), local_date(now)),
        "choices": explained_choices(now),
    }
    return render(request, "programmes/workstreams/reporting.html", context, status=status)
