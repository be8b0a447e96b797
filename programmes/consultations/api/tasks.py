from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.api.requests import IDEMPOTENCY_KEY, request_key, valid
from programmes.consultations.models import ConsultationTask
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.queries import question_of, responses_of, sheet_of, task_row, tasks_belonging_to, tasks_of
from programmes.consultations.serializers import (
    ResponseOut,
    SaveAnswerIn,
    SavedAnswerOut,
    TaskDetailOut,
    TaskOut,
)


class MyTasks(GenericAPIView):
    serializer_class = TaskOut

    @extend_schema(operation_id="my_tasks_list", responses=TaskOut(many=True))
    def get(self, request: Request) -> Response:
        """What you are asked, the most urgent first."""
        page = self.paginate_queryset(tasks_of(person_of(request), business_now()))  # type: ignore[arg-type]
        return self.get_paginated_response(TaskOut(page, many=True).data)


class MyTask(APIView):
    @extend_schema(operation_id="my_tasks_detail", responses=TaskDetailOut)
    def get(self, request: Request, task_id: UUID) -> Response:
        """One task with its questions and the answers that stand now."""
        return Response(_detail(_own(request, task_id)))


class MyAnswer(APIView):
    @extend_schema(operation_id="my_tasks_save_answer", request=SaveAnswerIn, responses=SavedAnswerOut)
    def put(self, request: Request, task_id: UUID, question_id: UUID) -> Response:
        """Save an answer; it counts once you submit. Empty takes it back."""
        entered = valid(SaveAnswerIn(data=request.data))
        task = _own(request, task_id)
        if question_of(task.consultation, question_id) is None:
            raise Http404
        saved = save_draft_answer(
            task_id=task.pk,
            question_id=question_id,
            value=entered["value"],
            seen_number=entered.get("seen_number"),
            by=person_of(request),
            now=business_now(),
        )
        return Response(SavedAnswerOut(saved).data)


class SubmitMyAnswers(APIView):
    @extend_schema(
        operation_id="my_tasks_submit", request=None, parameters=[IDEMPOTENCY_KEY], responses={201: ResponseOut}
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """Submit the saved answers. A repeat with the same key gives the same receipt."""
        key = request_key(request)
        response = submit_response(
            task_id=_own(request, task_id).pk, request_key=key, by=person_of(request), now=business_now
        )
        return Response(ResponseOut(response).data, status=201)


class MyResponses(GenericAPIView):
    serializer_class = ResponseOut

    @extend_schema(operation_id="my_tasks_responses", responses=ResponseOut(many=True))
    def get(self, request: Request, task_id: UUID) -> Response:
        """What you have submitted, the latest first; that one counts."""
        page = self.paginate_queryset(responses_of(_own(request, task_id)))
        return self.get_paginated_response(ResponseOut(page, many=True).data)


def _own(request: Request, task_id: UUID) -> ConsultationTask:
    """404 for everybody else's task, administrators included."""
    return get_object_or_404(tasks_belonging_to(person_of(request)), pk=task_id)


def _detail(task: ConsultationTask) -> dict[str, Any]:
    row = task_row(task, business_now())
    sheet = sheet_of(task)
    more = {
        "introduction": task.consultation.introduction,
        "number_sent": sheet.number_sent,
        "answers": sheet.rows,
    }
    return TaskDetailOut(asdict(row) | more).data


_ONE = "my-tasks/<uuid:task_id>/"
urlpatterns = [
    path("my-tasks/", MyTasks.as_view(), name="api_my_tasks"),
    path(_ONE, MyTask.as_view(), name="api_my_task"),
    path(f"{_ONE}answers/<uuid:question_id>/", MyAnswer.as_view(), name="api_my_answer"),
    path(f"{_ONE}submit/", SubmitMyAnswers.as_view(), name="api_submit_my_answers"),
    path(f"{_ONE}responses/", MyResponses.as_view(), name="api_my_responses"),
]
