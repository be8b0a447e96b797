from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people import operations
from partners.people.forms import (
    ChangeOfficeForm,
    CorrectHoldingForm,
    EndHoldingForm,
    HoldingForm,
    OfficeFilterForm,
    OfficeForm,
    OnDayForm,
)
from partners.people.models import Office, OfficeHolding
from partners.people.permissions import can_manage_offices, check_can_manage_offices
from partners.people.queries import person_of
from partners.people.queries.offices import (
    holding_on,
    office_holding_visible_to,
    office_rows,
    office_visible_to,
    offices_over,
    offices_visible_to,
    scope_with_offices,
    scopes_of_offices_visible_to,
    scopes_with_offices_managed_by,
)
from partners.people.rules.offices import nobody_words, tenures
from partners.people.views.filling import form_page, tell, typed, with_version

OFFICES_ON_A_PAGE = 50
EVENTS_SHOWN = 20


@require_GET
def list_offices(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    form = OfficeFilterForm(request.GET, scopes=scopes_of_offices_visible_to(user))
    entered = form.cleaned_data if form.is_valid() else {}
    day, scope = entered.get("on") or _today(), entered.get("scope")
    found = offices_visible_to(user)
    if scope:
        found = found.filter(scope=scope)
    page = Paginator(found, OFFICES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": office_rows(page.object_list, day),
        "day": day,
        "is_today": day == _today(),
        "scope": scope,
        "addable": list(scopes_with_offices_managed_by(user)),
    }
    return render(request, "partners/people/offices.html", context)


@require_GET
def show(request: HttpRequest, office_id: UUID) -> HttpResponse:
    """The office, its holders and vacancies, and who held it on the day that ``on`` names."""
    office = _office(request, office_id)
    form = OnDayForm(request.GET)
    day = (form.cleaned_data["on"] if form.is_valid() else None) or _today()
    holding = holding_on(office, day)
    successor = office.successor.title if office.successor else ""
    context = {
        "office": office,
        "form": form,
        "day": day,
        "is_today": day == _today(),
        "holding": holding,
        "nobody": "" if holding else nobody_words(office.title, office.days, day, successor=successor),
        "tenures": tenures(office.days, office.holdings.all()),
        "can_manage": can_manage_offices(person_of(request), office.scope),
        "events": list(events_about(office.pk)[:EVENTS_SHOWN]),
    }
    return render(request, "partners/people/office.html", context)


@form_page
def add(request: HttpRequest, scope_id: UUID) -> HttpResponse:
    user = person_of(request)
    scope = scope_with_offices(user, scope_id)
    if scope is None:
        raise Http404
    check_can_manage_offices(user, scope)
    form = OfficeForm(typed(request), successors=offices_over(scope))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            office = operations.add_office(scope_id=scope.pk, **form.entered(), by=user, now=business_now())
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{office.title} added. Record who holds it.")
            return redirect("office", office.pk)
    return render(request, "partners/people/add_office.html", {"form": form, "scope": scope}, status=status)


@form_page
def change(request: HttpRequest, office_id: UUID) -> HttpResponse:
    user, office = person_of(request), _managed_office(request, office_id)
    successors = offices_over(office.scope).exclude(pk=office.pk)
    form = ChangeOfficeForm.showing(office, successors)
    status = 200
    if request.method == "POST":
        form = ChangeOfficeForm(request.POST, office=office, successors=successors)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_office(office_id=office.pk, **form.entered(), by=user, now=business_now())
        except Conflict as conflict:
            office = _managed_office(request, office_id)
            form.data = with_version(request, office.version)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Office changed.")
            return redirect("office", office.pk)
    context = {"form": form, "office": office, "status": status}
    return render(request, "partners/people/change_office.html", context, status=status)


@form_page
def add_holding(request: HttpRequest, office_id: UUID) -> HttpResponse:
    user, office = person_of(request), _managed_office(request, office_id)
    form = HoldingForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_holding(office_id=office.pk, **form.entered(), by=user, now=business_now())
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Holder recorded.")
            return redirect("office", office.pk)
    return render(request, "partners/people/add_holding.html", {"form": form, "office": office}, status=status)


@form_page
def end_holding(request: HttpRequest, office_holding_id: UUID) -> HttpResponse:
    user, holding = person_of(request), _managed_holding(request, office_holding_id)
    form = EndHoldingForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.end_holding(holding_id=holding.pk, to_on=form.cleaned_data["to_on"], by=user, now=business_now())
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"The last day of {holding.holder_name} is recorded.")
            return redirect("office", holding.office_id)
    return render(request, "partners/people/end_holding.html", {"form": form, "holding": holding}, status=status)


@form_page
def correct_holding(request: HttpRequest, office_holding_id: UUID) -> HttpResponse:
    user, holding = person_of(request), _managed_holding(request, office_holding_id)
    form = CorrectHoldingForm.showing(holding)
    status = 200
    if request.method == "POST":
        form = CorrectHoldingForm(request.POST, holding=holding)
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_holding(holding_id=holding.pk, **form.entered(), by=user, now=business_now())
        except Conflict as conflict:
            holding = _managed_holding(request, office_holding_id)
            form.data = with_version(request, holding.version)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Record of the holder corrected.")
            return redirect("office", holding.office_id)
    context = {"form": form, "holding": holding, "status": status}
    return render(request, "partners/people/correct_holding.html", context, status=status)


def _today() -> date:
    return local_date(business_now())


def _office(request: HttpRequest, office_id: UUID) -> Office:
    office = office_visible_to(person_of(request), office_id)
    if office is None:
        raise Http404
    return office


def _managed_office(request: HttpRequest, office_id: UUID) -> Office:
    office = _office(request, office_id)
    check_can_manage_offices(person_of(request), office.scope)
    return office


def _managed_holding(request: HttpRequest, holding_id: UUID) -> OfficeHolding:
    holding = office_holding_visible_to(person_of(request), holding_id)
    if holding is None:
        raise Http404
    check_can_manage_offices(person_of(request), holding.office.scope)
    return holding
