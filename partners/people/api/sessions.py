from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.queries import person_of, sessions_of
from partners.people.serializers import SessionOut


class Sessions(GenericAPIView):
    serializer_class = SessionOut

    @extend_schema(operation_id="sessions_list", responses=SessionOut(many=True))
    def get(self, request: Request) -> Response:
        """The browsers in which you are signed in, the latest first."""
        found = sessions_of(person_of(request), current_key=request.session.session_key)
        return self.get_paginated_response(SessionOut(self.paginate_queryset(found), many=True).data)


class EndSession(APIView):
    @extend_schema(operation_id="sessions_end", request=None, responses={204: None})
    def post(self, request: Request, session_id: UUID) -> Response:
        """Sign yourself out of one browser at once. Answers 409 when you are not, or no longer, signed in there."""
        operations.end_session(handle=session_id, by=person_of(request), now=business_now())
        return Response(status=204)
