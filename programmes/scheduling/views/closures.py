from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.calendar.models import Closure
from partners.calendar.queries import closure_with_id, closures, working_calendar
from partners.calendar.rules import ClosedDays
from partners.clock.queries import business_now
from partners.clock.rules import local_date, words_for_days
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of
from programmes.scheduling import operations
from programmes.scheduling.forms import ChangeClosureForm, ClosureForm
from programmes.scheduling.queries import effect_of_closure, reviews_over

BANK_HOLIDAYS_SHOWN = 10
PROGRAMMES_ON_A_PAGE = 20
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
    return render(request, "programmes/scheduling/closures.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    form = ClosureForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if _moves_anything(form.days, None):
                return redirect(f"{reverse('closure_check')}?{urlencode(form.as_query)}")
            operations.add_closure(**form.cleaned_data, by=person_of(request), now=business_now())
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Closure added.")
            return redirect("closures")
    return render(request, "programmes/scheduling/add_closure.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    closure = _closure(request, closure_id)
    form = ChangeClosureForm(request.POST) if request.method == "POST" else ChangeClosureForm.showing(closure)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["version"] == closure.version and _moves_anything(form.days, closure):
                return redirect(f"{reverse('closure_check_change', args=[closure.pk])}?{urlencode(form.as_query)}")
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
    return render(request, "programmes/scheduling/change_closure.html", context | {"status": status}, status=status)


@form_page
def check_addition(request: HttpRequest) -> HttpResponse:
    """What a closure would move, before it is added. What was typed is in the address."""
    check(person_of(request), CHANGE_SETTINGS, None)
    form = ClosureForm(request.GET)
    if not form.is_valid():
        return redirect("closure_new")
    return _checked(
        request,
        form.days,
        None,
        lambda **acted: operations.add_closure(**form.cleaned_data, **acted),
        {"heading": f"What {form.days.name} moves", "button": "Add the closure", "back": reverse("closure_new")},
        told="Closure added.",
    )


@form_page
def check_change(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    """What a change of a closure would move, before it is made. What was typed is in the address."""
    closure = _closure(request, closure_id)
    form = ChangeClosureForm(request.GET)
    if not form.is_valid():
        return redirect("closure_change", closure_id)
    return _checked(
        request,
        form.days,
        closure,
        lambda **acted: operations.change_closure(closure_id=closure.pk, **form.cleaned_data, **acted),
        {
            "heading": f"What the change of {closure.name} moves",
            "button": "Change the closure",
            "back": reverse("closure_change", args=[closure.pk]),
        },
        told="Closure changed.",
    )


@form_page
def remove(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    closure = _closure(request, closure_id)
    days = words_for_days(closure.first_on, closure.last_on)
    return _checked(
        request,
        None,
        closure,
        lambda **acted: operations.remove_closure(closure_id=closure.pk, **acted),
        {
            "heading": f"Remove {closure.name}",
            "lead": f"{days} will be working days again, unless they are weekends or bank holidays.",
            "button": "Remove the closure",
            "back": reverse("closures"),
        },
        told="Closure removed.",
    )


def _checked(
    request: HttpRequest,
    days: ClosedDays | None,
    closure: Closure | None,
    act: Callable[..., object],
    words: dict[str, str],
    *,
    told: str,
) -> HttpResponse:
    """Shows what moves, page by page, and does it when that is confirmed."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            act(by=person_of(request), now=business_now(), expected=request.POST.get("expected") or None)
        except Refused as refused:
            problem, status = refused.sentence, REFUSED
        else:
            messages.success(request, told)
            return redirect("closures")
    context: dict[str, Any] = (
        {"lead": ""} | words | {"problem": problem, "days": days and words_for_days(days.first_on, days.last_on)}
    )
    try:
        effect = effect_of_closure(days, instead_of=closure.pk if closure else None)
    except Refused as refused:
        context |= {"problem": problem or refused.sentence, "effect": None, "page": None, "reviews": []}
    else:
        page = Paginator(effect.programmes, PROGRAMMES_ON_A_PAGE).get_page(request.GET.get("page"))
        context |= {"effect": effect, "page": page, "reviews": list(reviews_over(_touched(days, closure)))}
    return render(request, "programmes/scheduling/check_closure.html", context, status=status)


def _moves_anything(days: ClosedDays, closure: Closure | None) -> bool:
    """Whether there is something to look at first. Raises: Refused when the closure cannot join the calendar."""
    effect = effect_of_closure(days, instead_of=closure.pk if closure else None)
    return bool(effect.programmes) or reviews_over(_touched(days, closure)).exists()


def _touched(days: ClosedDays | None, closure: Closure | None) -> list[ClosedDays]:
    """The days that are closed or open again."""
    saved = [ClosedDays(closure.name, closure.first_on, closure.last_on)] if closure else []
    return [*saved, *([days] if days else [])]


def _closure(request: HttpRequest, closure_id: UUID) -> Closure:
    check(person_of(request), CHANGE_SETTINGS, None)
    closure = closure_with_id(closure_id)
    if closure is None:
        raise Http404
    return closure


def _tell(form: forms.Form, refused: Refused) -> int:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return REFUSED
