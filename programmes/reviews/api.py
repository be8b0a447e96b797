from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.calendar.queries import working_calendar
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.reviews.models import Review
from programmes.reviews.operations import cancel_review, open_review
from programmes.reviews.queries import milestones_of, review_row, reviews_visible_to, state_condition
from programmes.reviews.rules import plan_review
from programmes.reviews.serializers import (
    CancelReviewIn,
    OpenReviewIn,
    PlanOut,
    PlanQuery,
    ReviewDetailOut,
    ReviewFilter,
    ReviewOut,
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="A UUID; a repeat does nothing new."
)


class Reviews(GenericAPIView):
    serializer_class = ReviewOut

    @extend_schema(operation_id="reviews_list", parameters=[ReviewFilter], responses=ReviewOut(many=True))
    def get(self, request: Request) -> Response:
        """Reviews of the programmes you may see, the latest opening first."""
        narrowed = _valid(ReviewFilter(data=request.query_params))
        now = business_now()
        found = reviews_visible_to(person_of(request))
        if "programme" in narrowed:
            found = found.filter(programme_id=narrowed["programme"])
        if "state" in narrowed:
            found = found.filter(state_condition(narrowed["state"], now))
        page = self.paginate_queryset(found.order_by("-opens_at", "pk")) or []
        return self.get_paginated_response(ReviewOut([review_row(review, now) for review in page], many=True).data)

    @extend_schema(
        operation_id="reviews_open",
        request=OpenReviewIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ReviewDetailOut},
    )
    def post(self, request: Request) -> Response:
        """Open a review of up to eight weeks; its milestones are planned with it."""
        entered = _valid(OpenReviewIn(data=request.data))
        key = request_key(request)
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=entered.pop("programme"))
        review = open_review(
            programme_id=programme.pk, request_key=key, by=person_of(request), now=business_now(), **entered
        )
        return Response(_detail(request, review.pk), status=201)


class ReviewDetail(APIView):
    @extend_schema(operation_id="reviews_detail", responses=ReviewDetailOut)
    def get(self, request: Request, review_id: UUID) -> Response:
        """One review with its milestones and the reason for each date."""
        return Response(_detail(request, review_id))


class CancelReview(APIView):
    @extend_schema(operation_id="reviews_cancel", request=CancelReviewIn, responses=ReviewDetailOut)
    def post(self, request: Request, review_id: UUID) -> Response:
        """Cancel a review and the reminders that serve it."""
        entered = _valid(CancelReviewIn(data=request.data))
        review = get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)
        cancel_review(review_id=review.pk, reason=entered["reason"], by=person_of(request), now=business_now())
        return Response(_detail(request, review_id))


class PlanReview(APIView):
    @extend_schema(operation_id="reviews_plan", parameters=[PlanQuery], responses=PlanOut)
    def get(self, request: Request) -> Response:
        """The dates that a review would have; nothing is written."""
        entered = _valid(PlanQuery(data=request.query_params))
        plan = plan_review(entered.pop("starts_on"), calendar=working_calendar(), **entered)
        return Response(PlanOut(plan).data)


def request_key(request: Request) -> UUID:
    """The caller's own key of this act. Raises: ValidationError when it is missing or no UUID."""
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {"Idempotency-Key": ["Send a header Idempotency-Key with a new UUID, and the same one when you repeat."]}
        ) from None


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _detail(request: Request, review_id: UUID) -> dict[str, Any]:
    review: Review = get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)
    row = asdict(review_row(review, business_now()))
    return ReviewDetailOut(
        row | {"purpose": review.purpose, "cancel_reason": review.cancel_reason, "milestones": milestones_of(review)}
    ).data


urlpatterns = [
    path("reviews/", Reviews.as_view(), name="api_reviews"),
    path("reviews/plan/", PlanReview.as_view(), name="api_review_plan"),
    path("reviews/<uuid:review_id>/", ReviewDetail.as_view(), name="api_review"),
    path("reviews/<uuid:review_id>/cancel/", CancelReview.as_view(), name="api_cancel_review"),
]
