from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.audit.rules import NotPermitted
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.models import ApiToken
from partners.people.queries import holdings_of, live_tokens_of, person_of, token_visible_to
from partners.people.serializers import MeOut, NewTokenOut, TokenIn, TokenOut


class Me(APIView):
    @extend_schema(operation_id="me", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Who you are here, and which roles you hold."""
        person = person_of(request)
        person.roles = list(holdings_of(person))  # type: ignore[attr-defined]
        return Response(MeOut(person).data)


class Tokens(GenericAPIView):
    serializer_class = TokenOut

    @extend_schema(operation_id="tokens_list", responses=TokenOut(many=True))
    def get(self, request: Request) -> Response:
        """Your tokens that still work, the latest first."""
        page = self.paginate_queryset(live_tokens_of(person_of(request), now=business_now()))
        return self.get_paginated_response(TokenOut(page, many=True).data)

    @extend_schema(operation_id="tokens_create", request=TokenIn, responses={201: NewTokenOut})
    def post(self, request: Request) -> Response:
        """Make a token. Only somebody signed in with a browser can: a stolen token must not prolong itself."""
        if isinstance(request.auth, ApiToken):
            raise NotPermitted("A token cannot make tokens. Sign in and make it on your account page.")
        entered = valid(TokenIn(data=request.data))
        made = operations.create_token(by=person_of(request), now=business_now(), **entered)
        return Response(TokenOut(made.token).data | {"secret": made.secret}, status=201)


class RevokeToken(APIView):
    @extend_schema(operation_id="tokens_revoke", request=None, responses=TokenOut)
    def post(self, request: Request, token_id: UUID) -> Response:
        """Revoke a token of yours; an administrator may revoke anybody's. It stops working at once."""
        if token_visible_to(person_of(request), token_id) is None:
            raise Http404
        token = operations.revoke_token(token_id=token_id, by=person_of(request), now=business_now())
        return Response(TokenOut(token).data)
