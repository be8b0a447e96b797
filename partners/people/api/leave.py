from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.queries import person_of, person_with_id
from partners.people.queries.leave import leaves_visible_to
from partners.people.serializers import LeaveFilter, LeaveIn, LeaveOut


class Leaves(GenericAPIView):
    serializer_class = LeaveOut

    @extend_schema(operation_id="leave_list", parameters=[LeaveFilter], responses=LeaveOut(many=True))
    def get(self, request: Request) -> Response:
        """Your leave, the latest first; as an administrator everybody's."""
        narrowed = valid(LeaveFilter(data=request.query_params))
        found = leaves_visible_to(person_of(request))
        if "person" in narrowed:
            found = found.filter(user_id=narrowed["person"])
        return self.get_paginated_response(LeaveOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="leave_record", request=LeaveIn, responses={201: LeaveOut})
    def post(self, request: Request) -> Response:
        """Record when you are away and who stands in; as an administrator for anybody."""
        entered = valid(LeaveIn(data=request.data))
        person = person_with_id(entered["person"]) if "person" in entered else person_of(request)
        if person is None:
            raise ValidationError({"person": ["Nobody has an account with this id. List people at people/."]})
        leave = operations.record_leave(
            person_id=person.pk,
            from_on=entered["from_on"],
            to_on=entered["to_on"],
            delegate_id=entered.get("delegate"),
            request_key=entered.get("request_key"),
            by=person_of(request),
            now=business_now(),
        )
        return Response(LeaveOut(leave).data, status=201)


class CancelLeave(APIView):
    @extend_schema(operation_id="leave_cancel", request=None, responses=LeaveOut)
    def post(self, request: Request, leave_id: UUID) -> Response:
        """Take leave back. Of leave that has begun the days before today stay."""
        if not leaves_visible_to(person_of(request)).filter(pk=leave_id).exists():
            raise Http404
        return Response(
            LeaveOut(operations.cancel_leave(leave_id=leave_id, by=person_of(request), now=business_now())).data
        )
