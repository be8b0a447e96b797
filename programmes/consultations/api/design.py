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
from programmes.consultations.models import Consultation, Question
from programmes.consultations.operations import design
from programmes.consultations.operations.launch import launch_consultation
from programmes.consultations.queries import (
    audience_of,
    consultations_of,
    consultations_visible_to,
    launch_plan,
    partners_on_the_roll,
    progress_of,
    question_of,
    questions_of,
)
from programmes.consultations.serializers import (
    AudienceIn,
    ChangeQuestionIn,
    ConsultationOut,
    ConsultationRowOut,
    DraftConsultationIn,
    EditConsultationIn,
    MoveQuestionIn,
    ProgressOut,
    QuestionIn,
    QuestionOut,
)
from programmes.reviews.models import Review
from programmes.reviews.queries import reviews_visible_to


class Consultations(GenericAPIView):
    serializer_class = ConsultationRowOut

    @extend_schema(operation_id="consultations_list", responses=ConsultationRowOut(many=True))
    def get(self, request: Request, review_id: UUID) -> Response:
        """Consultations of one review, by title."""
        page = self.paginate_queryset(consultations_of(_review(request, review_id))) or []
        now = business_now()
        rows = [
            {"id": each.pk, "title": each.title, "state": each.state_at(now), "launched_at": each.launched_at}
            for each in page
        ]
        return self.get_paginated_response(ConsultationRowOut(rows, many=True).data)

    @extend_schema(
        operation_id="consultations_draft",
        request=DraftConsultationIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ConsultationOut},
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """Begin a consultation; questions and audience follow."""
        entered = valid(DraftConsultationIn(data=request.data))
        made = design.draft_consultation(
            review_id=_review(request, review_id).pk,
            request_key=request_key(request),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(_detail(request, made.pk), status=201)


class ConsultationDetail(APIView):
    @extend_schema(operation_id="consultations_detail", responses=ConsultationOut)
    def get(self, request: Request, consultation_id: UUID) -> Response:
        """One consultation with its questions and its audience."""
        return Response(_detail(request, consultation_id))

    @extend_schema(operation_id="consultations_edit", request=EditConsultationIn, responses=ConsultationOut)
    def patch(self, request: Request, consultation_id: UUID) -> Response:
        """Change title or introduction of a draft."""
        entered = valid(EditConsultationIn(data=request.data))
        consultation = _visible(request, consultation_id)
        design.edit_consultation(
            consultation_id=consultation.pk,
            title=entered.get("title", consultation.title),
            introduction=entered.get("introduction", consultation.introduction),
            version=entered["version"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, consultation_id))


class Questions(APIView):
    @extend_schema(
        operation_id="questions_add", request=QuestionIn, parameters=[IDEMPOTENCY_KEY], responses={201: QuestionOut}
    )
    def post(self, request: Request, consultation_id: UUID) -> Response:
        """Add a question at the end."""
        entered = valid(QuestionIn(data=request.data))
        question = design.add_question(
            consultation_id=_visible(request, consultation_id).pk,
            request_key=request_key(request),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(QuestionOut(question).data, status=201)


class QuestionDetail(APIView):
    @extend_schema(operation_id="questions_change", request=ChangeQuestionIn, responses=QuestionOut)
    def put(self, request: Request, consultation_id: UUID, question_id: UUID) -> Response:
        """Put the question as it is to be."""
        entered = valid(ChangeQuestionIn(data=request.data))
        question = design.change_question(
            question_id=_question(request, consultation_id, question_id).pk,
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(QuestionOut(question).data)

    @extend_schema(operation_id="questions_remove", responses={204: None})
    def delete(self, request: Request, consultation_id: UUID, question_id: UUID) -> Response:
        """Take the question out of the draft."""
        question = _question(request, consultation_id, question_id)
        design.remove_question(question_id=question.pk, by=person_of(request), now=business_now())
        return Response(status=204)


class MoveQuestion(APIView):
    @extend_schema(operation_id="questions_move", request=MoveQuestionIn, responses=QuestionOut)
    def post(self, request: Request, consultation_id: UUID, question_id: UUID) -> Response:
        """Put the question at another place, counted from 1."""
        entered = valid(MoveQuestionIn(data=request.data))
        question = design.move_question(
            question_id=_question(request, consultation_id, question_id).pk,
            position=entered["position"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(QuestionOut(question).data)


class Audience(APIView):
    @extend_schema(operation_id="consultations_choose_audience", request=AudienceIn, responses=ConsultationOut)
    def put(self, request: Request, consultation_id: UUID) -> Response:
        """Say who is asked at the launch: people of units and of those below, contacts of organisations and of members."""
        entered = valid(AudienceIn(data=request.data))
        design.choose_audience(
            consultation_id=_visible(request, consultation_id).pk,
            unit_ids=entered.get("units", []),
            organisation_ids=entered.get("organisations", []),
            consortium_ids=entered.get("consortia", []),
            version=entered["version"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, consultation_id))


class Launch(APIView):
    @extend_schema(operation_id="consultations_launch", request=None, responses=ConsultationOut)
    def post(self, request: Request, consultation_id: UUID) -> Response:
        """Freeze questions and audience, give everybody asked a task and plan the reminders."""
        consultation = _visible(request, consultation_id)
        launch_consultation(consultation_id=consultation.pk, by=person_of(request), now=business_now())
        return Response(_detail(request, consultation_id))


class Progress(APIView):
    @extend_schema(operation_id="consultations_progress", responses=ProgressOut)
    def get(self, request: Request, consultation_id: UUID) -> Response:
        """How many have answered, in all and by unit; never who or what."""
        return Response(ProgressOut(progress_of(_visible(request, consultation_id))).data)


def _review(request: Request, review_id: UUID) -> Review:
    return get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)


def _visible(request: Request, consultation_id: UUID) -> Consultation:
    return get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)


def _question(request: Request, consultation_id: UUID, question_id: UUID) -> Question:
    question = question_of(_visible(request, consultation_id), question_id)
    if question is None:
        raise Http404
    return question


def _detail(request: Request, consultation_id: UUID) -> dict[str, Any]:
    consultation = _visible(request, consultation_id)
    now = business_now()
    is_draft = consultation.launched_at is None
    plan = launch_plan(consultation, now) if is_draft else None
    audience = plan.audience if plan else audience_of(consultation)
    return ConsultationOut(
        {
            "id": consultation.pk,
            "review": consultation.review_id,
            "title": consultation.title,
            "introduction": consultation.introduction,
            "state": consultation.state_at(now),
            "opens_at": consultation.review.opens_at,
            "closes_at": consultation.review.closes_at,
            "launched_at": consultation.launched_at,
            "version": consultation.version,
            "questions": questions_of(consultation),
            "audience": audience.units,
            "organisations": audience.organisations,
            "consortia": audience.consortia,
            "people": plan.people if plan else progress_of(consultation).asked,
            "partners": plan.partners if plan else partners_on_the_roll(consultation),
            "missing": plan.missing if plan else [],
            "advice": plan.advice if plan else [],
        }
    ).data


_ONE = "consultations/<uuid:consultation_id>/"
_QUESTION = f"{_ONE}questions/<uuid:question_id>/"
urlpatterns = [
    path("reviews/<uuid:review_id>/consultations/", Consultations.as_view(), name="api_consultations"),
    path(_ONE, ConsultationDetail.as_view(), name="api_consultation"),
    path(f"{_ONE}questions/", Questions.as_view(), name="api_questions"),
    path(_QUESTION, QuestionDetail.as_view(), name="api_question"),
    path(f"{_QUESTION}move/", MoveQuestion.as_view(), name="api_move_question"),
    path(f"{_ONE}audience/", Audience.as_view(), name="api_audience"),
    path(f"{_ONE}launch/", Launch.as_view(), name="api_launch"),
    path(f"{_ONE}progress/", Progress.as_view(), name="api_progress"),
]
