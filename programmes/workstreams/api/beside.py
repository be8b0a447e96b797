"""What a workstream need not report, and what it needs from others."""

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
from programmes.workstreams.api.requests import valid, workstream_in
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.queries import exception_in, exceptions_of, link_in, links_of, reporting_days
from programmes.workstreams.serializers import ExceptionIn, LinkIn, LinksOut, ReportingExceptionOut


class Exceptions(GenericAPIView):
    serializer_class = ReportingExceptionOut

    @extend_schema(operation_id="exceptions_list", responses=ReportingExceptionOut(many=True))
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """Reporting days for which it owes no report or its rating is kept back, the latest first."""
        page = self.paginate_queryset(exceptions_of(workstream_in(request, workstream_id)))
        return self.get_paginated_response(ReportingExceptionOut(page, many=True).data)

    @extend_schema(operation_id="exceptions_record", request=ExceptionIn, responses={201: ReportingExceptionOut})
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """Record one. Answers 409 for a day already reported for and while another one is not over."""
        workstream, entered = workstream_in(request, workstream_id), valid(ExceptionIn(data=request.data))
        found = operations.record_exception(
            workstream_id=workstream.pk,
            by=person_of(request),
            now=business_now(),
            **entered | {"kind": ExceptionKind(entered["kind"])},
        )
        return Response(ReportingExceptionOut(found).data, status=201)


class EndException(APIView):
    @extend_schema(operation_id="exceptions_end", request=None, responses=ReportingExceptionOut)
    def post(self, request: Request, workstream_id: UUID, exception_id: UUID) -> Response:
        """End it early; reporting days that are over stay as they were."""
        found = exception_in(workstream_in(request, workstream_id), exception_id)
        if found is None:
            raise Http404
        ended = operations.end_exception(exception_id=found.pk, by=person_of(request), now=business_now())
        return Response(ReportingExceptionOut(ended).data)


class Links(APIView):
    @extend_schema(operation_id="links_list", responses=LinksOut)
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """What a workstream needs from others, and which need it."""
        return Response(_links(request, workstream_id))

    @extend_schema(operation_id="links_add", request=LinkIn, responses={201: LinksOut})
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """Record that it needs something from another workstream of the portfolio."""
        workstream, entered = workstream_in(request, workstream_id), valid(LinkIn(data=request.data))
        operations.link_provider(
            dependant_id=workstream.pk,
            provider_id=entered["provider"],
            what=entered["what"],
            request_key=entered["request_key"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_links(request, workstream_id), status=201)


class EndLink(APIView):
    @extend_schema(operation_id="links_end", request=None, responses=LinksOut)
    def post(self, request: Request, workstream_id: UUID, need_id: UUID) -> Response:
        """It needs nothing from the other any more."""
        found = link_in(workstream_in(request, workstream_id), need_id)
        if found is None:
            raise Http404
        operations.end_link(link_id=found.pk, by=person_of(request), now=business_now())
        return Response(_links(request, workstream_id))


def _links(request: Request, workstream_id: UUID) -> dict[str, object]:
    workstream = workstream_in(request, workstream_id)
    days = reporting_days(business_now(), workstream.programme.scope.parent_id)
    return dict(LinksOut(links_of(workstream, user=person_of(request), days=days)).data)


_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(f"{_ONE}exceptions/", Exceptions.as_view(), name="api_exceptions"),
    path(f"{_ONE}exceptions/<uuid:exception_id>/end/", EndException.as_view(), name="api_end_exception"),
    path(f"{_ONE}links/", Links.as_view(), name="api_links"),
    path(f"{_ONE}links/<uuid:need_id>/end/", EndLink.as_view(), name="api_end_link"),
]
