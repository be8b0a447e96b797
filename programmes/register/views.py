from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register import operations
from programmes.register.enums import POSITION_HINTS, PositionKind
from programmes.register.forms import ConstraintForm, LessonFilterForm, LessonForm, PositionForm, ProgrammeForm
from programmes.register.models import Programme
from programmes.register.permissions import can_edit_programme, check_can_edit_programme
from programmes.register.queries import (
    constraint_of,
    constraints_of,
    delivery_models_of,
    lesson_of,
    lessons_of,
    lessons_saying,
    lessons_visible_to,
    position_of,
    positions_of,
    programmes_visible_to,
)

LESSONS_ALIKE = 3
LESSONS_ON_A_PAGE = 20
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def change(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    check_can_edit_programme(person_of(request), programme)
    form = ProgrammeForm(request.POST) if request.method == "POST" else ProgrammeForm.showing(programme)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, programme, form)
        except Conflict as conflict:
            programme = _programme(request, programme_id)
            form.data = _with_version(request, programme.version)
            form.add_error(None, conflict.sentence)
            context["differences"] = form.differences(programme)
            status = 409
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Programme changed.")
            return redirect("programme", programme_id)
    context |= {"programme": programme, "form": form}
    return render(request, "programmes/register/change.html", context, status=status)


@form_page
def constraints(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    form = ConstraintForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_constraint(
                programme_id=programme.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Constraint recorded.")
            return redirect("constraints_of_programme", programme_id)
    context = {
        "programme": programme,
        "constraints": list(constraints_of(programme)),
        "can_edit": can_edit_programme(person_of(request), programme),
        "form": form,
    }
    return render(request, "programmes/register/constraints.html", context, status=status)


@form_page
def withdraw_constraint(request: HttpRequest, programme_id: UUID, constraint_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    constraint = constraint_of(programme, constraint_id)
    if constraint is None:
        raise Http404
    check_can_edit_programme(person_of(request), programme)
    if request.method == "POST":
        operations.withdraw_constraint(
            programme_id=programme.pk, constraint_id=constraint.pk, by=person_of(request), now=business_now()
        )
        messages.success(request, "Constraint withdrawn.")
        return redirect("constraints_of_programme", programme_id)
    context = {"programme": programme, "constraint": constraint}
    return render(request, "programmes/register/withdraw_constraint.html", context)


@form_page
def lessons(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    form = LessonForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_lesson(
                programme_id=programme.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Lesson recorded.")
            return redirect("lessons_of_programme", programme_id)
    alike = lessons_visible_to(person_of(request)).filter(programme__delivery_model=programme.delivery_model)
    context = {
        "programme": programme,
        "lessons": list(lessons_of(programme)),
        "alike": list(alike.exclude(programme=programme)[:LESSONS_ALIKE]),
        "can_edit": can_edit_programme(person_of(request), programme),
        "form": form,
    }
    return render(request, "programmes/register/lessons.html", context, status=status)


@form_page
def withdraw_lesson(request: HttpRequest, programme_id: UUID, lesson_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    lesson = lesson_of(programme, lesson_id)
    if lesson is None:
        raise Http404
    check_can_edit_programme(person_of(request), programme)
    if request.method == "POST":
        operations.withdraw_lesson(
            programme_id=programme.pk, lesson_id=lesson.pk, by=person_of(request), now=business_now()
        )
        messages.success(request, "Lesson withdrawn.")
        return redirect("lessons_of_programme", programme_id)
    context = {"programme": programme, "lesson": lesson}
    return render(request, "programmes/register/withdraw_lesson.html", context)


@form_page
def positions(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    form = PositionForm(request.POST or None, initial={"request_key": uuid4()})
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data | {"kind": PositionKind(form.cleaned_data["kind"])}
        try:
            operations.record_position(programme_id=programme.pk, by=person_of(request), now=business_now(), **entered)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{entered['kind'].label} recorded.")
            return redirect("positions_of_programme", programme_id)
    context = {
        "programme": programme,
        "positions": list(positions_of(programme)),
        "can_edit": can_edit_programme(person_of(request), programme),
        "form": form,
        "hints": POSITION_HINTS,
    }
    return render(request, "programmes/register/positions.html", context, status=status)


@form_page
def withdraw_position(request: HttpRequest, programme_id: UUID, position_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    position = position_of(programme, position_id)
    if position is None:
        raise Http404
    check_can_edit_programme(person_of(request), programme)
    if request.method == "POST":
        operations.withdraw_position(
            programme_id=programme.pk, position_id=position.pk, by=person_of(request), now=business_now()
        )
        messages.success(request, f"{position.get_kind_display()} withdrawn.")
        return redirect("positions_of_programme", programme_id)
    context = {"programme": programme, "position": position}
    return render(request, "programmes/register/withdraw_position.html", context)


@require_GET
def delivery_models(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """How the programme is and was delivered, each time with the decision that said so."""
    programme = _programme(request, programme_id)
    context = {"programme": programme, "periods": list(delivery_models_of(programme))}
    return render(request, "programmes/register/delivery_models.html", context)


@require_GET
def all_lessons(request: HttpRequest) -> HttpResponse:
    """Every visible lesson, so that a later programme finds what an earlier one learned."""
    form = LessonFilterForm(request.GET)
    sought = form.sought
    found = lessons_saying(lessons_visible_to(person_of(request)), sought.get("q", ""))
    if "delivery_model" in sought:
        found = found.filter(programme__delivery_model=sought["delivery_model"])
    context = {
        "form": form,
        "is_filtered": bool(sought),
        "page": Paginator(found, LESSONS_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "programmes/register/all_lessons.html", context)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _save(request: HttpRequest, programme: Programme, form: ProgrammeForm) -> None:
    entered = form.cleaned_data
    operations.change_programme(
        programme_id=programme.pk,
        version=entered["version"],
        name=entered["name"],
        summary=entered["summary"],
        owner_id=entered["owner"],
        by=person_of(request),
        now=business_now(),
    )


def _with_version(request: HttpRequest, version: int) -> QueryDict:
    """What was typed, to be saved over this version."""
    typed = request.POST.copy()
    typed["version"] = str(version)
    return typed


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
