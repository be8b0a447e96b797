from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting import operations
from programmes.reporting.serializers import CorrectionIn, UpdateIn
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import update_in, updates_of, workstreams_visible_to
from programmes.workstreams.serializers import UpdateOut

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", UUID, OpenApiParameter.HEADER, description="A UUID; a repeat publishes nothing new."
)


class Updates(GenericAPIView):
    serializer_class = UpdateOut

    @extend_schema(operation_id="updates_list", responses=UpdateOut(many=True))
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """Every update of a workstream, newest first; corrected ones carry what superseded them."""
        page = self.paginate_queryset(updates_of(_workstream(request, workstream_id).pk))
        return self.get_paginated_response(UpdateOut(page, many=True).data)

    @extend_schema(
        operation_id="updates_publish", request=UpdateIn, parameters=[IDEMPOTENCY_KEY], responses={201: UpdateOut}
    )
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """Publish a status. Answers 409 when somebody published since ``based_on``: read theirs and send again."""
        workstream, entered = _workstream(request, workstream_id), _valid(UpdateIn(data=request.data))
        update = operations.record_status_update(
            workstream_id=workstream.pk,
            based_on_id=entered["based_on"],
            by=person_of(request),
            now=business_now(),
            **_report(request, entered),
        )
        return Response(UpdateOut(update).data, status=201)


class Corrections(APIView):
    @extend_schema(
        operation_id="updates_correct", request=CorrectionIn, parameters=[IDEMPOTENCY_KEY], responses={201: UpdateOut}
    )
    def post(self, request: Request, workstream_id: UUID, update_id: UUID) -> Response:
        """Publish a correction in place of the latest update."""
        update = update_in(_workstream(request, workstream_id), update_id)
        if update is None:
            raise Http404
        entered = _valid(CorrectionIn(data=request.data))
        correction = operations.correct_status_update(
            update_id=update.pk,
            reason=entered["reason"],
            by=person_of(request),
            now=business_now(),
            **_report(request, entered),
        )
        return Response(UpdateOut(correction).data, status=201)


def _workstream(request: Request, workstream_id: UUID) -> Workstream:
    found: Workstream = get_object_or_404(workstreams_visible_to(person_of(request)), pk=workstream_id)
    return found


def _report(request: Request, entered: dict[str, Any]) -> dict[str, Any]:
    return {
        "rating": Rating(entered["rating"]),
        "changed": entered["changed"],
        "next_steps": entered["next_steps"],
        "ask_kind": Ask(entered["ask_kind"]),
        "ask": entered["ask"],
        "request_key": entered.get("request_key") or _idempotency_key(request),
    }


def _idempotency_key(request: Request) -> UUID:
    """Raises: ValidationError when the header is missing or no UUID."""
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {
                "request_key": [
                    "Send a new UUID as request_key or as the header Idempotency-Key, and the same one when you repeat."
                ]
            }
        ) from None


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(f"{_ONE}updates/", Updates.as_view(), name="api_updates"),
    path(f"{_ONE}updates/<uuid:update_id>/correction/", Corrections.as_view(), name="api_correct_update"),
]
