from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.calendar.queries import working_calendar
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.enums import StageState
from programmes.scheduling.forms import PlanForm, SkipForm, StepForm, UndoForm
from programmes.scheduling.operations import (
    finish_stage,
    plan_stages,
    skip_stage,
    start_stage,
    take_up_stage,
    undo_stage_step,
)
from programmes.scheduling.permissions import can_run_stages, check_can_run_stages
from programmes.scheduling.queries import gate_readiness, gates_of, moves_of_stage, stages_of
from programmes.scheduling.rules import (
    PlanDays,
    StageDates,
    Step,
    StepKind,
    against_plan,
    fingerprint_of,
    is_late,
    last_step,
    next_step,
    plan_warnings,
    replan,
    with_moves,
)
from programmes.scheduling.rules.gates import Readiness

DONE = {"start": "Start recorded.", "finish": "Finish recorded."}
MOVES_ON_A_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def stages(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, found = _programme_and_stages(request, programme_id)
    today, gates = local_date(business_now()), gates_of([programme.pk])
    ready = gate_readiness([stage.id for stage in found])
    context = {
        "programme": programme,
        "stages": [
            {
                "dates": stage,
                "state": StageState(stage.state),
                "against_plan": against_plan(stage, today),
                "is_late": is_late(stage, today),
                "gates": gates.get(stage.id, []),
                "ready": ready.get(stage.id, Readiness()),
            }
            for stage in found
        ],
        "warnings": plan_warnings(found),
        "next": _next_step(programme, found),
        "last": last_step(found),
        "can_run": can_run_stages(person_of(request), programme),
    }
    return render(request, "programmes/scheduling/stages.html", context)


@form_page
def plan(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Days are typed, then what else would move is shown; nothing is saved until that is answered."""
    programme, found = _programme_and_stages(request, programme_id)
    check_can_run_stages(person_of(request), programme)
    form = PlanForm(found, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"programme": programme, "differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if not form.cleaned_data["moves"] and (asked := _asked_first(form, found)):
                return render(request, "programmes/scheduling/check_plan.html", context | asked)
            plan_stages(
                programme_id=programme.pk,
                plans=form.plans(),
                move_following=form.cleaned_data["moves"] == "all",
                expected=form.cleaned_data["expected"] or None,
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            form, context["differences"] = _over_what_is_saved(request, programme)
            form.add_error(None, conflict.sentence)
            status = 409
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            status = 409
        else:
            messages.success(request, "Plan saved.")
            return redirect("stages_of_programme", programme_id)
    context |= {"form": form, "skipped": [stage for stage in found if not stage.is_active]}
    return render(request, "programmes/scheduling/plan.html", context, status=status)


@require_GET
def dates(request: HttpRequest, programme_id: UUID, stage_id: UUID) -> HttpResponse:
    programme, stage = _programme_and_stage(request, programme_id, stage_id)
    page = Paginator(moves_of_stage(stage.id), MOVES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "programmes/scheduling/dates.html", {"programme": programme, "stage": stage, "page": page})


@form_page
def skip(request: HttpRequest, programme_id: UUID, stage_id: UUID, take_up: bool) -> HttpResponse:
    """Skip the stage, or take it up again."""
    programme, stage = _programme_and_stage(request, programme_id, stage_id)
    check_can_run_stages(person_of(request), programme)
    form = SkipForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        act = take_up_stage if take_up else skip_stage
        try:
            act(
                programme_id=programme.pk,
                stage_id=stage.id,
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, f"{stage.title} is {'taken up again' if take_up else 'skipped'}.")
            return redirect("stages_of_programme", programme_id)
    context = {"programme": programme, "stage": stage, "take_up": take_up, "form": form}
    return render(request, "programmes/scheduling/skip.html", context, status=status)


@form_page
def record_step(request: HttpRequest, programme_id: UUID, stage_id: UUID, step: StepKind) -> HttpResponse:
    programme, stage = _programme_and_stage(request, programme_id, stage_id)
    check_can_run_stages(person_of(request), programme)
    now = business_now()
    form = StepForm(request.POST or None, initial={"on": local_date(now)})
    status = 200
    if request.method == "POST" and form.is_valid():
        act = start_stage if step == "start" else finish_stage
        try:
            act(
                programme_id=programme.pk,
                stage_id=stage.id,
                on=form.cleaned_data["on"],
                by=person_of(request),
                now=now,
            )
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, DONE[step])
            return redirect("stages_of_programme", programme_id)
    gates = gates_of([programme.pk]).get(stage.id, []) if step == "start" else []
    context = {"programme": programme, "stage": stage, "step": step, "form": form, "gate": next(iter(gates), None)}
    return render(request, "programmes/scheduling/step.html", context, status=status)


@form_page
def undo(request: HttpRequest, programme_id: UUID, stage_id: UUID, step: StepKind) -> HttpResponse:
    programme, stage = _programme_and_stage(request, programme_id, stage_id)
    check_can_run_stages(person_of(request), programme)
    form = UndoForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            undo_stage_step(
                programme_id=programme.pk,
                stage_id=stage.id,
                step=step,
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, f"The {step} of {stage.title} is taken back.")
            return redirect("stages_of_programme", programme_id)
    context = {"programme": programme, "stage": stage, "step": step, "form": form}
    return render(request, "programmes/scheduling/undo.html", context, status=status)


def _asked_first(form: PlanForm, stages: list[StageDates]) -> dict[str, Any] | None:
    """What would move besides what was typed, to be shown first; None when nothing would."""
    days = PlanDays(working_calendar())
    moved = replan(stages, form.wanted(), days)
    if all(move.is_as_entered for move in moved):
        return None
    along = [move for move in moved if not move.is_entered]
    return {
        "form": form,
        "moved": moved,
        "moves_others": bool(along),
        "all": fingerprint_of(moved),
        "mine": fingerprint_of(move for move in moved if move.is_entered),
        "warnings": plan_warnings(with_moves(stages, moved)),
    }


def _next_step(programme: Programme, stages: list[StageDates]) -> Step | None:
    """What may be recorded next; nothing starts in a programme that ended."""
    step = next_step(stages)
    return None if step and step.kind == "start" and programme.ended_on else step


def _programme_and_stages(request: HttpRequest, programme_id: UUID) -> tuple[Programme, list[StageDates]]:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    return programme, stages_of([programme.pk]).get(programme.pk, [])


def _programme_and_stage(request: HttpRequest, programme_id: UUID, stage_id: UUID) -> tuple[Programme, StageDates]:
    programme, found = _programme_and_stages(request, programme_id)
    stage = next((stage for stage in found if stage.id == stage_id), None)
    if stage is None:
        raise Http404
    return programme, stage


def _over_what_is_saved(request: HttpRequest, programme: Programme) -> tuple[PlanForm, list[Any]]:
    """The form with what was typed, to be saved over what is saved now; and where the two differ."""
    saved = stages_of([programme.pk])[programme.pk]
    typed = request.POST.copy()
    for stage in saved:
        typed[f"version_{stage.kind}"] = str(stage.version)
    form = PlanForm(saved, typed)
    form.is_valid()
    return form, form.differences()
