from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.calendar import operations
from partners.calendar.forms import ChangeClosureForm, ClosureForm
from partners.calendar.models import Closure
from partners.calendar.queries import closure_with_id, closures, working_calendar
from partners.clock.queries import business_now
from partners.clock.rules import local_date, words_for_days
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of

BANK_HOLIDAYS_SHOWN = 10
REFUSED = 409
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def list_closures(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    calendar, today = working_calendar(), local_date(business_now())
    coming = sorted(day for day in calendar.holidays if day >= today)
    context = {
        "closures": [(each, words_for_days(each.first_on, each.last_on)) for each in closures()],
        "calendar": calendar,
        "bank_holidays": [(day, calendar.holidays[day]) for day in coming[:BANK_HOLIDAYS_SHOWN]],
    }
    return render(request, "partners/calendar/closures.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    form = ClosureForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_closure(**form.cleaned_data, by=person_of(request), now=business_now())
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Closure added.")
            return redirect("closures")
    return render(request, "partners/calendar/add_closure.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    closure = _closure(request, closure_id)
    form = ChangeClosureForm(request.POST) if request.method == "POST" else ChangeClosureForm.showing(closure)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_closure(
                closure_id=closure.pk, **form.cleaned_data, by=person_of(request), now=business_now()
            )
        except Conflict as conflict:
            closure = _closure(request, closure_id)
            form.data = request.POST.copy()
            form.data["version"] = str(closure.version)
            status = _tell(form, conflict)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Closure changed.")
            return redirect("closures")
    context = {"form": form, "closure": closure, "days": words_for_days(closure.first_on, closure.last_on)}
    return render(request, "partners/calendar/change_closure.html", context | {"status": status}, status=status)


@form_page
def remove(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    closure = _closure(request, closure_id)
    if request.method == "POST":
        operations.remove_closure(closure_id=closure.pk, by=person_of(request), now=business_now())
        messages.success(request, "Closure removed.")
        return redirect("closures")
    context: dict[str, Any] = {"closure": closure, "days": words_for_days(closure.first_on, closure.last_on)}
    return render(request, "partners/calendar/remove_closure.html", context)


def _closure(request: HttpRequest, closure_id: UUID) -> Closure:
    check(person_of(request), CHANGE_SETTINGS, None)
    closure = closure_with_id(closure_id)
    if closure is None:
        raise Http404
    return closure


def _tell(form: forms.Form, refused: Refused) -> int:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return REFUSED
