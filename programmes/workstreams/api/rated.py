"""Ratings of a programme beside what its workstreams add up to."""

from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.workstreams import operations
from programmes.workstreams.api.requests import programme_in, valid
from programmes.workstreams.enums import DeliveryConfidence, Rating, Scale
from programmes.workstreams.queries import (
    assurance_in,
    assurance_of,
    override_in,
    overrides_of,
    reporting_days,
    rollups_by_programme,
    stands_now,
)
from programmes.workstreams.rules import Rollup
from programmes.workstreams.serializers import (
    AssuranceIn,
    AssuranceOut,
    OverrideIn,
    OverrideOut,
    StandsOut,
    WorkstreamReasonIn,
)


class WhatStands(APIView):
    @extend_schema(operation_id="ratings_detail", responses=StandsOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Which rating of a programme stands, and whose it is."""
        programme, now = programme_in(request, programme_id), business_now()
        said = rollups_by_programme([programme.pk], reporting_days(now, programme.scope.parent_id)).get(programme.pk)
        rollup = said.rollup if said else Rollup()
        found = stands_now(programme, rollup, now)
        parts = {
            "overall": found.overall,
            "source": found.source,
            "own": found.own,
            "coverage": rollup.coverage_words,
            "is_diverging": found.is_diverging,
        }
        return Response(StandsOut(parts).data)


class Assurance(GenericAPIView):
    serializer_class = AssuranceOut

    @extend_schema(operation_id="assurance_list", responses=AssuranceOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Every independent rating of a programme, withdrawn and expired ones too, the newest first."""
        page = self.paginate_queryset(assurance_of(programme_in(request, programme_id)))
        return self.get_paginated_response(AssuranceOut(page, many=True).data)

    @extend_schema(operation_id="assurance_record", request=AssuranceIn, responses={201: AssuranceOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Record an independent rating; the CIO of the portfolio."""
        programme, entered = programme_in(request, programme_id), valid(AssuranceIn(data=request.data))
        found = operations.record_assurance(
            programme_id=programme.pk,
            by=person_of(request),
            now=business_now(),
            **entered | {"scale": Scale(entered["scale"]), "rating": DeliveryConfidence(entered["rating"])},
        )
        return Response(AssuranceOut(found).data, status=201)


class WithdrawAssurance(APIView):
    @extend_schema(operation_id="assurance_withdraw", request=WorkstreamReasonIn, responses=AssuranceOut)
    def post(self, request: Request, programme_id: UUID, assurance_id: UUID) -> Response:
        """Let it count no longer; it stays on record."""
        found = assurance_in(programme_in(request, programme_id), assurance_id)
        if found is None:
            raise Http404
        entered = valid(WorkstreamReasonIn(data=request.data))
        withdrawn = operations.withdraw_assurance(
            assurance_id=found.pk, reason=entered["reason"], by=person_of(request), now=business_now()
        )
        return Response(AssuranceOut(withdrawn).data)


class Overrides(GenericAPIView):
    serializer_class = OverrideOut

    @extend_schema(operation_id="overrides_list", responses=OverrideOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What the portfolio's office showed for a programme, the newest first."""
        page = self.paginate_queryset(overrides_of(programme_in(request, programme_id)))
        return self.get_paginated_response(OverrideOut(page, many=True).data)

    @extend_schema(operation_id="overrides_record", request=OverrideIn, responses={201: OverrideOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Show another rating until the end of the next reporting day; the CIO of the portfolio."""
        programme, entered = programme_in(request, programme_id), valid(OverrideIn(data=request.data))
        found = operations.override_rating(
            programme_id=programme.pk,
            by=person_of(request),
            now=business_now(),
            **entered | {"rating": Rating(entered["rating"])},
        )
        return Response(OverrideOut(found).data, status=201)


class WithdrawOverride(APIView):
    @extend_schema(operation_id="overrides_withdraw", request=None, responses=OverrideOut)
    def post(self, request: Request, programme_id: UUID, override_id: UUID) -> Response:
        """Show the programme's own rating again."""
        found = override_in(programme_in(request, programme_id), override_id)
        if found is None:
            raise Http404
        withdrawn = operations.withdraw_override(override_id=found.pk, by=person_of(request), now=business_now())
        return Response(OverrideOut(withdrawn).data)


_ONE = "programmes/<uuid:programme_id>/"
urlpatterns = [
    path(f"{_ONE}ratings/", WhatStands.as_view(), name="api_ratings"),
    path(f"{_ONE}assurance/", Assurance.as_view(), name="api_assurance"),
    path(f"{_ONE}assurance/<uuid:assurance_id>/withdraw/", WithdrawAssurance.as_view(), name="api_withdraw_assurance"),
    path(f"{_ONE}overrides/", Overrides.as_view(), name="api_overrides"),
    path(f"{_ONE}overrides/<uuid:override_id>/withdraw/", WithdrawOverride.as_view(), name="api_withdraw_override"),
]
