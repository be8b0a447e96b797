from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.calendar.rules import AsAt, as_at, words_for_year
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.savings.forms import (
    ChangeSavingForm,
    DayForm,
    LinesForm,
    SavingForm,
    StatementForm,
    YearForm,
)
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.operations import add_saving, change_saving, state_saving
from programmes.savings.permissions import can_state_savings, check_can_state_savings
from programmes.savings.queries import (
    latest_statements,
    lines_at,
    saving_years,
    savings_at,
    savings_visible_to,
    statements_of,
)
from programmes.savings.rules import total_of, words_for_change

form_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with what it changed, in words."""

    statement: SavingStatement
    change: str


@require_GET
def savings(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, form = _programme(request, programme_id), DayForm(request.GET)
    when = _asked(form)
    context = {
        "programme": programme,
        "form": form,
        "when": when,
        "money": savings_at(programme, on=when.on, known_at=when.known_at),
        "can_state": can_state_savings(person_of(request), programme),
    }
    return render(request, "programmes/savings/savings.html", context)


@require_GET
def lines(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """What a figure of the programme is the sum of."""
    programme, form = _programme(request, programme_id), LinesForm(request.GET)
    if not form.is_valid():
        raise Http404
    when = _asked(form)
    found = lines_at(programme, form.cut, on=when.on, known_at=when.known_at)
    context = {"programme": programme, "when": when, "cut": form.cut, "lines": found, "total": total_of(found)}
    return render(request, "programmes/savings/lines.html", context)


@form_page
def add(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    check_can_state_savings(person, programme)
    form = SavingForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            added = add_saving(
                programme_id=programme.pk,
                title=entered["title"],
                description=entered["description"],
                owner_id=entered["owner"],
                request_key=entered["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Saving added. Next, state what it comes to.")
            return redirect("saving", added.pk)
    return render(request, "programmes/savings/add.html", {"programme": programme, "form": form}, status=status)


@require_GET
def saving(request: HttpRequest, saving_id: UUID) -> HttpResponse:
    found, when = _saving(request, saving_id), as_at(None, now=business_now())
    context = {
        "saving": found,
        "years": saving_years(found, on=when.on, known_at=when.known_at),
        "history": _history(found),
        "today": when.on,
        "can_state": can_state_savings(person_of(request), found.programme),
    }
    return render(request, "programmes/savings/saving.html", context)


@form_page
def change(request: HttpRequest, saving_id: UUID) -> HttpResponse:
    found, person = _saving(request, saving_id), person_of(request)
    check_can_state_savings(person, found.programme)
    form = ChangeSavingForm(request.POST) if request.method == "POST" else ChangeSavingForm.showing(found)
    form.fields["owner"].keeps = found.owner  # type: ignore[attr-defined]
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            change_saving(
                saving_id=found.pk,
                version=entered["version"],
                title=entered["title"],
                description=entered["description"],
                owner_id=entered["owner"],
                by=person,
                now=business_now(),
            )
        except Conflict as conflict:
            found = _saving(request, saving_id)
            _take_over(form, request, conflict, version=found.version)
            context["differences"] = form.differences(found)
            status = 409
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Saving changed.")
            return redirect("saving", found.pk)
    context |= {"saving": found, "form": form}
    return render(request, "programmes/savings/change.html", context, status=status)


@form_page
def state(request: HttpRequest, saving_id: UUID) -> HttpResponse:
    """Asks for the financial year first, then for what the saving comes to in it."""
    found, person, now = _saving(request, saving_id), person_of(request), business_now()
    check_can_state_savings(person, found.programme)
    asked = YearForm(request.GET or None)
    if not asked.is_valid():
        return render(request, "programmes/savings/choose_year.html", {"saving": found, "form": asked})
    year = asked.cleaned_data["year"]
    latest = _latest(found, year)
    form = (
        StatementForm(request.POST)
        if request.method == "POST"
        else StatementForm.after(latest, stated_on=local_date(now))
    )
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            state_saving(saving_id=found.pk, year=year, by=person, now=now, **form.statement)
        except Conflict as conflict:
            latest = _latest(found, year)
            _take_over(form, request, conflict, based_on=latest.number if latest else 0)
            context["differences"] = form.differences(latest) if latest else []
            status = 409
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"Stated for {words_for_year(year)}.")
            return redirect("saving", found.pk)
    context |= {"saving": found, "year": words_for_year(year), "latest": latest, "form": form}
    return render(request, "programmes/savings/state.html", context, status=status)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _saving(request: HttpRequest, saving_id: UUID) -> Saving:
    return get_object_or_404(savings_visible_to(person_of(request)), pk=saving_id)


def _latest(saving: Saving, year: int) -> SavingStatement | None:
    return next((each for each in latest_statements(saving) if each.year == year), None)


def _history(saving: Saving) -> list[StatementRow]:
    """Every statement beside the one before, the latest recorded first."""
    before: dict[int, SavingStatement] = {}
    rows = []
    for statement in sorted(statements_of(saving), key=lambda each: (each.year, each.number)):
        earlier = before.get(statement.year)
        rows.append(StatementRow(statement, words_for_change(earlier.amounts if earlier else None, statement.amounts)))
        before[statement.year] = statement
    return sorted(rows, key=lambda row: (row.statement.recorded_at, row.statement.number), reverse=True)


def _asked(form: DayForm) -> AsAt:
    """The day that the address asks for; today, with an error in the form, where it cannot be that one."""
    now = business_now()
    try:
        return as_at(form.cleaned_data["on"] if form.is_valid() else None, now=now)
    except Refused as refused:
        form.add_error("on", refused.sentence)
        return as_at(None, now=now)


def _take_over(form: forms.Form, request: HttpRequest, conflict: Conflict, **read: int) -> None:
    """Keep what was typed, to be sent over what is saved now."""
    typed = request.POST.copy()
    for name, value in read.items():
        typed[name] = str(value)
    form.data = typed
    form.add_error(None, conflict.sentence)


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
