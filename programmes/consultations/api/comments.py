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
from programmes.consultations.api.requests import valid
from programmes.consultations.enums import Ground, Verdict
from programmes.consultations.models import Consultation
from programmes.consultations.operations.moderation import moderate_comment, open_sealed_comment
from programmes.consultations.permissions import check_can_moderate
from programmes.consultations.queries import (
    CommentRow,
    comment_row,
    comment_to_moderate,
    comments_of,
    consultations_visible_to,
    done_comments,
    queues_of,
    tasks_belonging_to,
    verdicts_on,
    waiting_comments,
)
from programmes.consultations.serializers import (
    CommentDetailOut,
    CommentOut,
    CommentToModerateOut,
    OpenSealedIn,
    OriginalOut,
    QueueFilter,
    QueueOut,
    VerdictIn,
)


class Comments(GenericAPIView):
    serializer_class = CommentOut

    @extend_schema(operation_id="comments_list", responses=CommentOut(many=True))
    def get(self, request: Request, consultation_id: UUID) -> Response:
        """Comments that a moderator has let through, for those who see the programme."""
        page = self.paginate_queryset(comments_of(_visible(request, consultation_id)))
        return self.get_paginated_response(CommentOut(page, many=True).data)


class CommentsOnMyTask(GenericAPIView):
    serializer_class = CommentOut

    @extend_schema(operation_id="my_tasks_comments", responses=CommentOut(many=True))
    def get(self, request: Request, task_id: UUID) -> Response:
        """What others who are asked the same have written, once a moderator has let it through."""
        task = get_object_or_404(tasks_belonging_to(person_of(request)), pk=task_id)
        page = self.paginate_queryset(comments_of(task.consultation))
        return self.get_paginated_response(CommentOut(page, many=True).data)


class Queues(GenericAPIView):
    serializer_class = QueueOut

    @extend_schema(operation_id="moderation_queues_list", responses=QueueOut(many=True))
    def get(self, request: Request) -> Response:
        """Consultations whose comments you moderate, those with most to do first."""
        page = self.paginate_queryset(queues_of(person_of(request)))  # type: ignore[arg-type]
        return self.get_paginated_response(QueueOut(page, many=True).data)


class Queue(GenericAPIView):
    serializer_class = CommentToModerateOut

    @extend_schema(
        operation_id="moderation_queue_list", parameters=[QueueFilter], responses=CommentToModerateOut(many=True)
    )
    def get(self, request: Request, consultation_id: UUID) -> Response:
        """Comments that wait, the oldest first; or those with a verdict, the latest first."""
        consultation = _to_moderate(request, consultation_id)
        show = valid(QueueFilter(data=request.query_params)).get("show", "waiting")
        rows = done_comments(consultation) if show == "done" else waiting_comments(consultation)
        page = self.paginate_queryset(rows) or []
        found = [_row(comment_row(each)) for each in page]
        return self.get_paginated_response(CommentToModerateOut(found, many=True).data)


class CommentDetail(APIView):
    @extend_schema(operation_id="moderation_comment_detail", responses=CommentDetailOut)
    def get(self, request: Request, consultation_id: UUID, answer_id: int) -> Response:
        """One comment with every verdict on it."""
        return Response(_detail(_comment(_to_moderate(request, consultation_id), answer_id)))

    @extend_schema(operation_id="moderation_moderate_comment", request=VerdictIn, responses=CommentDetailOut)
    def post(self, request: Request, consultation_id: UUID, answer_id: int) -> Response:
        """Say what others read of it; takes the place of earlier verdicts. 409 when somebody else was first."""
        entered = valid(VerdictIn(data=request.data))
        consultation = _to_moderate(request, consultation_id)
        moderate_comment(
            answer_id=_comment(consultation, answer_id).id,
            verdict=Verdict(entered.pop("verdict")),
            ground=Ground(entered.pop("ground")) if "ground" in entered else None,
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(_detail(_comment(consultation, answer_id)))


class OpenSealed(APIView):
    @extend_schema(operation_id="moderation_open_sealed", request=OpenSealedIn, responses=OriginalOut)
    def post(self, request: Request, consultation_id: UUID, answer_id: int) -> Response:
        """Read the original of a comment that is not shown, or shown in part. It is kept on record."""
        reason = valid(OpenSealedIn(data=request.data))["reason"]
        comment = _comment(_to_moderate(request, consultation_id), answer_id)
        text = open_sealed_comment(answer_id=comment.id, reason=reason, by=person_of(request), now=business_now())
        return Response(OriginalOut({"text": text}).data)


def _visible(request: Request, consultation_id: UUID) -> Consultation:
    return get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)


def _to_moderate(request: Request, consultation_id: UUID) -> Consultation:
    consultation = _visible(request, consultation_id)
    check_can_moderate(person_of(request), consultation.review.programme)
    return consultation


def _comment(consultation: Consultation, answer_id: int) -> CommentRow:
    comment = comment_to_moderate(consultation, answer_id)
    if comment is None:
        raise Http404
    return comment


def _row(comment: CommentRow) -> dict[str, Any]:
    return asdict(comment) | {"is_sealed": comment.is_sealed}


def _detail(comment: CommentRow) -> dict[str, Any]:
    return CommentDetailOut(_row(comment) | {"verdicts": verdicts_on(comment.id)}).data


_ONE = "consultations/<uuid:consultation_id>/"
_COMMENT = f"{_ONE}moderation/<int:answer_id>/"
urlpatterns = [
    path(f"{_ONE}comments/", Comments.as_view(), name="api_comments"),
    path("my-tasks/<uuid:task_id>/comments/", CommentsOnMyTask.as_view(), name="api_my_comments"),
    path("moderation/", Queues.as_view(), name="api_moderation"),
    path(f"{_ONE}moderation/", Queue.as_view(), name="api_moderation_queue"),
    path(_COMMENT, CommentDetail.as_view(), name="api_moderate_comment"),
    path(f"{_COMMENT}open/", OpenSealed.as_view(), name="api_open_sealed_comment"),
]
