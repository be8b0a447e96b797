from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.forms import ChangeUnitForm, UnitForm
from partners.people.models import Unit
from partners.people.permissions import check_can_manage_people
from partners.people.queries import person_of, unit_if_any, units_with_counts
from partners.people.views.filling import form_page, tell, typed, with_version

UNITS_ON_A_PAGE = 100
EVENTS_SHOWN = 20


@require_GET
def list_units(request: HttpRequest) -> HttpResponse:
    check_can_manage_people(person_of(request))
    text = request.GET.get("q", "").strip()[:200]
    context = {
        "text": text,
        "page": Paginator(units_with_counts(text), UNITS_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "partners/people/units.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check_can_manage_people(person_of(request))
    form = UnitForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            unit = operations.add_unit(**_entered(form), by=person_of(request), now=business_now())
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{unit.name} added.")
            return redirect("units")
    return render(request, "partners/people/add_unit.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    unit = _unit(request, unit_id)
    form = ChangeUnitForm(request.POST, unit=unit) if request.method == "POST" else ChangeUnitForm.showing(unit)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_unit(
                unit_id=unit.pk,
                version=form.cleaned_data["version"],
                **_entered(form),
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            unit = _unit(request, unit_id)
            form.data = with_version(request, unit.version)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Unit changed.")
            return redirect("units")
    context = {"form": form, "unit": unit, "status": status, "events": list(events_about(unit.pk)[:EVENTS_SHOWN])}
    return render(request, "partners/people/change_unit.html", context, status=status)


def _unit(request: HttpRequest, unit_id: UUID) -> Unit:
    check_can_manage_people(person_of(request))
    unit = unit_if_any(unit_id)
    if unit is None:
        raise Http404
    return unit


def _entered(form: UnitForm) -> dict[str, Any]:
    entered = form.cleaned_data
    parent = entered["parent"]
    return {"code": entered["code"], "name": entered["name"], "parent_id": parent.pk if parent else None}
