from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.files.responses import document_response
from partners.files.rules.kinds import LARGEST_BYTES
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateReview
from programmes.scheduling.operations import gate_reviews as operations
from programmes.scheduling.permissions import check_can_prepare_gate_reviews
from programmes.scheduling.queries import stages_of
from programmes.scheduling.queries.gate_reviews import (
    checks_of,
    document_in,
    evidence_of,
    follow_up_of,
    gate_reviews_of,
    is_unchanged,
    recommendations_of,
    reviews_visible_to,
)
from programmes.scheduling.queries.gates import gate_readiness
from programmes.scheduling.rules.gates import Readiness
from programmes.scheduling.serializers.gates import (
    AddressIn,
    CheckIn,
    CompleteIn,
    DocumentIn,
    GateReviewCancelIn,
    GateReviewChangeIn,
    GateReviewDetailOut,
    GateReviewIn,
    GateReviewMoreOut,
    GateReviewOut,
    ReadinessOut,
    RecommendationIn,
)
from programmes.workstreams.enums import DeliveryConfidence


class Gates(APIView):
    @extend_schema(operation_id="gates_readiness", responses=ReadinessOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """How far the gate before each stage of the programme is prepared, in order."""
        programme = _programme(request, programme_id)
        stages = stages_of([programme.pk]).get(programme.pk, [])
        ready = gate_readiness([stage.id for stage in stages])
        rows = [asdict(ready.get(stage.id, Readiness())) | {"stage": stage.id} for stage in stages]
        return Response(ReadinessOut(rows, many=True).data)


class GateReviews(GenericAPIView):
    serializer_class = GateReviewOut

    @extend_schema(operation_id="gate_reviews_list", responses=GateReviewOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Gate reviews of the programme, the newest first."""
        page = self.paginate_queryset(gate_reviews_of([_programme(request, programme_id).pk]))
        return self.get_paginated_response(GateReviewOut(page, many=True).data)

    @extend_schema(operation_id="gate_reviews_open", request=GateReviewIn, responses={201: GateReviewDetailOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Open a review of the gate before a stage."""
        entered = _valid(GateReviewIn(data=request.data))
        opened = operations.open_gate_review(
            programme_id=_programme(request, programme_id).pk,
            stage_id=entered.pop("stage"),
            **entered,
            **_acted(request),
        )
        return Response(_detail(request, opened.pk), status=201)


class GateReviewDetail(APIView):
    @extend_schema(operation_id="gate_reviews_detail", responses=GateReviewDetailOut)
    def get(self, request: Request, gate_review_id: UUID) -> Response:
        """One gate review with its checklist, evidence and recommendations."""
        return Response(_detail(request, gate_review_id))

    @extend_schema(operation_id="gate_reviews_change", request=GateReviewChangeIn, responses=GateReviewDetailOut)
    def patch(self, request: Request, gate_review_id: UUID) -> Response:
        """Say anew who reviews and when. Answers 409 when the version is not the latest."""
        review, entered = _review(request, gate_review_id), _valid(GateReviewChangeIn(data=request.data))
        operations.change_gate_review(review_id=review.pk, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id))


class Check(APIView):
    @extend_schema(operation_id="gate_reviews_answer", request=CheckIn, responses=GateReviewDetailOut)
    def put(self, request: Request, gate_review_id: UUID, gate_check_id: UUID) -> Response:
        """Answer one line of the checklist. Answers 409 when somebody answered that line meanwhile."""
        review, entered = _review(request, gate_review_id), _valid(CheckIn(data=request.data))
        if gate_check_id not in {check.pk for check in checks_of(review)}:
            raise Http404
        answer = CheckAnswer(entered.pop("answer"))
        operations.answer_check(
            review_id=review.pk, check_id=gate_check_id, answer=answer, **entered, **_acted(request)
        )
        return Response(_detail(request, gate_review_id))


class Evidence(APIView):
    @extend_schema(operation_id="gate_reviews_add_address", request=AddressIn, responses={201: GateReviewDetailOut})
    def post(self, request: Request, gate_review_id: UUID) -> Response:
        """Add the address of something kept elsewhere. A repeat with the same ``request_key`` adds nothing."""
        review = _review(request, gate_review_id)
        check_can_prepare_gate_reviews(person_of(request), review.stage.programme)
        entered = _valid(AddressIn(data=request.data))
        operations.add_evidence(review_id=review.pk, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id), status=201)


class Documents(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="gate_reviews_add_document",
        request={"multipart/form-data": DocumentIn},
        responses={201: GateReviewDetailOut},
    )
    def post(self, request: Request, gate_review_id: UUID) -> Response:
        """Add a document, up to 10 MB. A repeat with the same ``request_key`` adds nothing."""
        review = _review(request, gate_review_id)
        check_can_prepare_gate_reviews(person_of(request), review.stage.programme)
        entered = _valid(DocumentIn(data=request.data))
        sent = entered.pop("file")
        if sent.size > LARGEST_BYTES:
            raise Refused(f"The file is larger than {LARGEST_BYTES // 1024**2} MB. Choose a smaller one.", field="file")
        upload = operations.Upload(sent.name or "", sent.read())
        operations.add_evidence(review_id=review.pk, upload=upload, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id), status=201)


class EvidenceDocument(APIView):
    @extend_schema(
        operation_id="gate_reviews_document", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, gate_review_id: UUID, gate_evidence_id: UUID) -> HttpResponse:
        """The document of a piece of evidence, as it was uploaded."""
        found = document_in(_review(request, gate_review_id), gate_evidence_id)
        if found is None:
            raise Http404
        return document_response(found)


class RemoveEvidence(APIView):
    @extend_schema(operation_id="gate_reviews_remove_evidence", request=None, responses=GateReviewDetailOut)
    def post(self, request: Request, gate_review_id: UUID, gate_evidence_id: UUID) -> Response:
        """Take a piece of evidence out before the review is completed."""
        review = _review(request, gate_review_id)
        if gate_evidence_id not in {each.pk for each in evidence_of(review)}:
            raise Http404
        operations.remove_evidence(review_id=review.pk, evidence_id=gate_evidence_id, **_acted(request))
        return Response(_detail(request, gate_review_id))


class Recommendations(APIView):
    @extend_schema(
        operation_id="gate_reviews_recommend", request=RecommendationIn, responses={201: GateReviewDetailOut}
    )
    def post(self, request: Request, gate_review_id: UUID) -> Response:
        """Recommend something to somebody by a day. A repeat with the same ``request_key`` adds nothing."""
        review, entered = _review(request, gate_review_id), _valid(RecommendationIn(data=request.data))
        operations.add_recommendation(review_id=review.pk, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id), status=201)


class RemoveRecommendation(APIView):
    @extend_schema(operation_id="gate_reviews_remove_recommendation", request=None, responses=GateReviewDetailOut)
    def post(self, request: Request, gate_review_id: UUID, gate_recommendation_id: UUID) -> Response:
        """Take a recommendation out before the review is completed."""
        review = _review(request, gate_review_id)
        if gate_recommendation_id not in {each.pk for each in recommendations_of(review)}:
            raise Http404
        operations.remove_recommendation(
            review_id=review.pk, recommendation_id=gate_recommendation_id, **_acted(request)
        )
        return Response(_detail(request, gate_review_id))


class Complete(APIView):
    @extend_schema(operation_id="gate_reviews_complete", request=CompleteIn, responses=GateReviewDetailOut)
    def post(self, request: Request, gate_review_id: UUID) -> Response:
        """Complete the review: it is never changed again. Answers 409, naming each line that is not answered."""
        review, entered = _review(request, gate_review_id), _valid(CompleteIn(data=request.data))
        rating = DeliveryConfidence(entered.pop("rating"))
        operations.complete_gate_review(review_id=review.pk, rating=rating, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id))


class Cancel(APIView):
    @extend_schema(operation_id="gate_reviews_cancel", request=GateReviewCancelIn, responses=GateReviewDetailOut)
    def post(self, request: Request, gate_review_id: UUID) -> Response:
        """Say why the review will not be completed; it stays on record, and another one may be opened."""
        review, entered = _review(request, gate_review_id), _valid(GateReviewCancelIn(data=request.data))
        operations.cancel_gate_review(review_id=review.pk, **entered, **_acted(request))
        return Response(_detail(request, gate_review_id))


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _review(request: Request, gate_review_id: UUID) -> GateReview:
    return get_object_or_404(reviews_visible_to(person_of(request)), pk=gate_review_id)


def _detail(request: Request, gate_review_id: UUID) -> dict[str, Any]:
    review = _review(request, gate_review_id)
    follow_up = follow_up_of(review)
    beside = {
        "is_unchanged": is_unchanged(review) if review.completed_at else None,
        "checks": checks_of(review),
        "evidence": evidence_of(review),
        "recommendations": recommendations_of(review),
        "follow_up": follow_up.pk if follow_up else None,
    }
    return GateReviewOut(review).data | GateReviewMoreOut({"review": review} | beside).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _acted(request: Request) -> dict[str, Any]:
    return {"by": person_of(request), "now": business_now()}


_ONE = "gate-reviews/<uuid:gate_review_id>/"
urlpatterns = [
    path("programmes/<uuid:programme_id>/gates/", Gates.as_view(), name="api_gates"),
    path("programmes/<uuid:programme_id>/gate-reviews/", GateReviews.as_view(), name="api_gate_reviews"),
    path(_ONE, GateReviewDetail.as_view(), name="api_gate_review"),
    path(f"{_ONE}checks/<uuid:gate_check_id>/", Check.as_view(), name="api_gate_check"),
    path(f"{_ONE}evidence/", Evidence.as_view(), name="api_gate_evidence"),
    path(f"{_ONE}documents/", Documents.as_view(), name="api_gate_documents"),
    path(f"{_ONE}evidence/<uuid:gate_evidence_id>/document/", EvidenceDocument.as_view(), name="api_gate_document"),
    path(f"{_ONE}evidence/<uuid:gate_evidence_id>/remove/", RemoveEvidence.as_view(), name="api_remove_gate_evidence"),
    path(f"{_ONE}recommendations/", Recommendations.as_view(), name="api_gate_recommendations"),
    path(
        f"{_ONE}recommendations/<uuid:gate_recommendation_id>/remove/",
        RemoveRecommendation.as_view(),
        name="api_remove_gate_recommendation",
    ),
    path(f"{_ONE}cancel/", Cancel.as_view(), name="api_cancel_gate_review"),
    path(f"{_ONE}complete/", Complete.as_view(), name="api_complete_gate_review"),
]
