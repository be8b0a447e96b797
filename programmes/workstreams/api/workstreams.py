from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.workstreams import operations
from programmes.workstreams.api.requests import valid, workstream_in
from programmes.workstreams.queries import (
    are_withheld,
    days_withheld_from,
    narrowed,
    reporting_by_portfolio,
    with_standing,
    workstream_values,
    workstreams_visible_to,
)
from programmes.workstreams.rules import Standing
from programmes.workstreams.serializers import (
    WorkstreamChangeIn,
    WorkstreamDetailOut,
    WorkstreamFilter,
    WorkstreamIn,
    WorkstreamOut,
    WorkstreamReasonIn,
)


class Workstreams(GenericAPIView):
    serializer_class = WorkstreamOut

    @extend_schema(operation_id="workstreams_list", parameters=[WorkstreamFilter], responses=WorkstreamOut(many=True))
    def get(self, request: Request) -> Response:
        """Workstreams of the programmes you may see, by name; open ones unless you ask for closed ones."""
        sought = valid(WorkstreamFilter(data=request.query_params))
        found = with_standing(workstreams_visible_to(person_of(request)), reporting_by_portfolio(business_now()))
        for field in ("programme", "lead"):
            if field in sought:
                found = found.filter(**{field: sought[field]})
        if sought["closed"] is not None:
            found = found.filter(closed_at__isnull=not sought["closed"])
        if sought["silent"] is not None:
            silent = {"standing": Standing.SILENT.value}
            found = found.filter(**silent) if sought["silent"] else found.exclude(**silent)
        found = narrowed(found, show=sought.get("rating", "all"), text=sought.get("q", ""))
        page = self.paginate_queryset(workstream_values(found.order_by("name", "pk")))
        return self.get_paginated_response(page)

    @extend_schema(operation_id="workstreams_add", request=WorkstreamIn, responses={201: WorkstreamDetailOut})
    def post(self, request: Request) -> Response:
        """Add a workstream to a programme."""
        entered = valid(WorkstreamIn(data=request.data))
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=entered["programme"])
        added = operations.add_workstream(
            programme_id=programme.pk,
            name=entered["name"],
            description=entered["description"],
            lead_id=entered["lead"],
            reviewer_id=entered["reviewer"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, added.pk), status=201)


class WorkstreamDetail(APIView):
    @extend_schema(operation_id="workstreams_detail", responses=WorkstreamDetailOut)
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """One workstream with the update that stands."""
        return Response(_detail(request, workstream_id))

    @extend_schema(operation_id="workstreams_change", request=WorkstreamChangeIn, responses=WorkstreamDetailOut)
    def patch(self, request: Request, workstream_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        workstream = workstream_in(request, workstream_id)
        entered = valid(WorkstreamChangeIn(data=request.data))
        operations.change_workstream(
            workstream_id=workstream.pk,
            version=entered["version"],
            name=entered.get("name", workstream.name),
            description=entered.get("description", workstream.description),
            lead_id=entered.get("lead", workstream.lead_id),
            reviewer_id=entered.get("reviewer", workstream.reviewer_id),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, workstream_id))


class CloseWorkstream(APIView):
    @extend_schema(operation_id="workstreams_close", request=WorkstreamReasonIn, responses=WorkstreamDetailOut)
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """End its reports; the history stays."""
        workstream, entered = workstream_in(request, workstream_id), valid(WorkstreamReasonIn(data=request.data))
        operations.close_workstream(
            workstream_id=workstream.pk, reason=entered["reason"], by=person_of(request), now=business_now()
        )
        return Response(_detail(request, workstream_id))


class ReopenWorkstream(APIView):
    @extend_schema(operation_id="workstreams_reopen", request=WorkstreamReasonIn, responses=WorkstreamDetailOut)
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """Let it report again, from the next reporting day on."""
        workstream, entered = workstream_in(request, workstream_id), valid(WorkstreamReasonIn(data=request.data))
        operations.reopen_workstream(
            workstream_id=workstream.pk, reason=entered["reason"], by=person_of(request), now=business_now()
        )
        return Response(_detail(request, workstream_id))


def _detail(request: Request, workstream_id: UUID) -> dict[str, Any]:
    seen = workstreams_visible_to(person_of(request)).select_related("current_update__reported_by", "reviewer")
    now = business_now()
    workstream = get_object_or_404(with_standing(seen, reporting_by_portfolio(now)), pk=workstream_id)
    if are_withheld(days_withheld_from(person_of(request), workstream, now), workstream.current_period_on):
        workstream.current_update = None
    return dict(WorkstreamDetailOut(workstream).data)


_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path("workstreams/", Workstreams.as_view(), name="api_workstreams"),
    path(_ONE, WorkstreamDetail.as_view(), name="api_workstream"),
    path(f"{_ONE}close/", CloseWorkstream.as_view(), name="api_close_workstream"),
    path(f"{_ONE}reopen/", ReopenWorkstream.as_view(), name="api_reopen_workstream"),
]
