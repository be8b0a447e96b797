from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.calendar.queries import working_calendar
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.operations import (
    StagePlan,
    finish_stage,
    plan_stages,
    skip_stage,
    start_stage,
    take_up_stage,
    undo_stage_step,
)
from programmes.scheduling.permissions import check_can_run_stages
from programmes.scheduling.queries import gates_of, moves_of_stage, stages_of
from programmes.scheduling.rules import Gate, PlanDays, StageDates, fingerprint_of, is_late, plan_warnings, replan
from programmes.scheduling.serializers import (
    DateMoveOut,
    PlanIn,
    PlanPreviewIn,
    PlanPreviewOut,
    SkipIn,
    StageOut,
    StagesOut,
    StepIn,
    UndoIn,
)


class Stages(APIView):
    @extend_schema(operation_id="stages_list", responses=StagesOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """The stages of a programme in order, with planned and actual days and what was decided at the gate before each."""
        programme = _programme(request, programme_id)
        return Response(told(programme.pk, _stages(programme), business_now()))

    @extend_schema(operation_id="stages_plan", request=PlanIn, responses=StagesOut)
    def patch(self, request: Request, programme_id: UUID) -> Response:
        """Plan some or all stages, in their order. Stages may overlap; the answer warns of it.

        A day that is not worked becomes the next one that is.
        """
        programme = _programme(request, programme_id)
        entered, now = _valid(PlanIn(data=request.data)), business_now()
        found = plan_stages(
            programme_id=programme.pk,
            plans=_plans(entered),
            move_following=entered["move_following"],
            expected=entered["expected"],
            by=person_of(request),
            now=now,
        )
        return Response(told(programme.pk, found, now))


class PreviewPlan(APIView):
    @extend_schema(operation_id="stages_preview_plan", request=PlanPreviewIn, responses=PlanPreviewOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """What a plan would move, and why; nothing is saved. Versions are not looked at."""
        programme = _programme(request, programme_id)
        check_can_run_stages(person_of(request), programme)
        entered, found = _valid(PlanPreviewIn(data=request.data)), _stages(programme)
        wanted = {
            plan.stage_id: (plan.planned_start_on, plan.planned_finish_on)
            for plan in _plans(entered)
            if plan.stage_id in {stage.id for stage in found}
        }
        moved = replan(found, wanted, PlanDays(working_calendar()), move_following=entered["move_following"])
        return Response(PlanPreviewOut({"fingerprint": fingerprint_of(moved), "moved": moved}).data)


class SkipStage(APIView):
    @extend_schema(operation_id="stages_skip", request=SkipIn, responses=StageOut)
    def post(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Go on without a stage that has not started; it keeps its planned days."""
        return _skip(request, programme_id, stage_id, skip_stage)


class TakeUpStage(APIView):
    @extend_schema(operation_id="stages_take_up", request=SkipIn, responses=StageOut)
    def post(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Take up a skipped stage again, with the planned days that it had."""
        return _skip(request, programme_id, stage_id, take_up_stage)


class DateMoves(GenericAPIView):
    serializer_class = DateMoveOut

    @extend_schema(operation_id="stages_dates", responses=DateMoveOut(many=True))
    def get(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Every planned day of a stage that moved, and why, the latest first."""
        _programme_with_stage(request, programme_id, stage_id)
        page = self.paginate_queryset(moves_of_stage(stage_id))
        return self.get_paginated_response(DateMoveOut(page, many=True).data)


class StartStage(APIView):
    @extend_schema(operation_id="stages_start", request=StepIn, responses=StageOut)
    def post(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Record the day on which a stage started. Answers 409 unless a decision passed the gate before it by that day."""
        programme = _programme_with_stage(request, programme_id, stage_id)
        on, now = _valid(StepIn(data=request.data))["on"], business_now()
        started = start_stage(programme_id=programme.pk, stage_id=stage_id, on=on, by=person_of(request), now=now)
        return Response(_one(programme.pk, started, now))


class FinishStage(APIView):
    @extend_schema(operation_id="stages_finish", request=StepIn, responses=StageOut)
    def post(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Record the day on which a stage finished."""
        programme = _programme_with_stage(request, programme_id, stage_id)
        on, now = _valid(StepIn(data=request.data))["on"], business_now()
        finished = finish_stage(programme_id=programme.pk, stage_id=stage_id, on=on, by=person_of(request), now=now)
        return Response(_one(programme.pk, finished, now))


class UndoStageStep(APIView):
    @extend_schema(operation_id="stages_undo", request=UndoIn, responses=StageOut)
    def post(self, request: Request, programme_id: UUID, stage_id: UUID) -> Response:
        """Take back the latest step of the programme, with a reason."""
        programme = _programme_with_stage(request, programme_id, stage_id)
        entered, now = _valid(UndoIn(data=request.data)), business_now()
        stage = undo_stage_step(programme_id=programme.pk, stage_id=stage_id, by=person_of(request), now=now, **entered)
        return Response(_one(programme.pk, stage, now))


def _skip(request: Request, programme_id: UUID, stage_id: UUID, act: Callable[..., StageDates]) -> Response:
    programme = _programme_with_stage(request, programme_id, stage_id)
    entered, now = _valid(SkipIn(data=request.data)), business_now()
    stage = act(programme_id=programme.pk, stage_id=stage_id, by=person_of(request), now=now, **entered)
    return Response(_one(programme.pk, stage, now))


def _plans(entered: dict[str, Any]) -> list[StagePlan]:
    return [
        StagePlan(plan["stage"], plan["version"], plan["planned_start_on"], plan["planned_finish_on"])
        for plan in entered["stages"]
    ]


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _programme_with_stage(request: Request, programme_id: UUID, stage_id: UUID) -> Programme:
    programme = _programme(request, programme_id)
    if stage_id not in {stage.id for stage in _stages(programme)}:
        raise Http404
    return programme


def _stages(programme: Programme) -> list[StageDates]:
    return stages_of([programme.pk]).get(programme.pk, [])


def told(programme_id: UUID, stages: Sequence[StageDates], now: datetime) -> dict[str, Any]:
    gates = gates_of([programme_id])
    return {
        "stages": [_row(stage, gates.get(stage.id, []), now) for stage in stages],
        "warnings": plan_warnings(stages),
    }


def _one(programme_id: UUID, stage: StageDates, now: datetime) -> dict[str, Any]:
    return _row(stage, gates_of([programme_id]).get(stage.id, []), now)


def _row(stage: StageDates, gates: list[Gate], now: datetime) -> dict[str, Any]:
    told = {"state": stage.state, "is_late": is_late(stage, local_date(now)), "gates": gates}
    return StageOut(asdict(stage) | told).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ALL = "programmes/<uuid:programme_id>/stages/"
_ONE = f"{_ALL}<uuid:stage_id>/"
urlpatterns = [
    path(_ALL, Stages.as_view(), name="api_stages"),
    path(f"{_ALL}preview/", PreviewPlan.as_view(), name="api_preview_plan"),
    path(f"{_ONE}skip/", SkipStage.as_view(), name="api_skip_stage"),
    path(f"{_ONE}take-up/", TakeUpStage.as_view(), name="api_take_up_stage"),
    path(f"{_ONE}dates/", DateMoves.as_view(), name="api_stage_dates"),
    path(f"{_ONE}start/", StartStage.as_view(), name="api_start_stage"),
    path(f"{_ONE}finish/", FinishStage.as_view(), name="api_finish_stage"),
    path(f"{_ONE}undo/", UndoStageStep.as_view(), name="api_undo_stage_step"),
]
