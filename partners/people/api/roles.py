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
from partners.people.enums import Role
from partners.people.models import User
from partners.people.queries import (
    active_person_with_email,
    active_person_with_id,
    holding_visible_to,
    holdings_visible_to,
    person_of,
    scope_visible_to,
    scopes_visible_to,
)
from partners.people.serializers import GrantIn, HoldingFilter, HoldingOut, ScopeOut

NOBODY = "Nobody with an account has this. Check it, or ask an administrator to add them."


class Scopes(GenericAPIView):
    serializer_class = ScopeOut

    @extend_schema(operation_id="scopes_list", responses=ScopeOut(many=True))
    def get(self, request: Request) -> Response:
        """Where roles are held, as far as you may see it."""
        page = self.paginate_queryset(scopes_visible_to(person_of(request)))
        return self.get_paginated_response(ScopeOut(page, many=True).data)


class Roles(GenericAPIView):
    serializer_class = HoldingOut

    @extend_schema(operation_id="roles_list", parameters=[HoldingFilter], responses=HoldingOut(many=True))
    def get(self, request: Request) -> Response:
        """Roles held now on what you may see."""
        narrowed = valid(HoldingFilter(data=request.query_params))
        found = holdings_visible_to(
            person_of(request),
            person_id=narrowed.get("person"),
            role=narrowed.get("role"),
            scope_id=narrowed.get("scope"),
        )
        return self.get_paginated_response(HoldingOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="roles_grant", request=GrantIn, responses={201: HoldingOut})
    def post(self, request: Request) -> Response:
        """Give somebody a role at a scope."""
        entered = valid(GrantIn(data=request.data))
        scope = scope_visible_to(person_of(request), entered["scope"])
        if scope is None:
            raise ValidationError({"scope": ["There is no such scope that you may see. List them at scopes/."]})
        holding = operations.grant_role(
            user_id=_person(entered).pk,
            role=Role(entered["role"]),
            scope_id=scope.pk,
            by=person_of(request),
            now=business_now(),
        )
        return Response(HoldingOut(holding).data, status=201)


class EndRole(APIView):
    @extend_schema(operation_id="roles_end", request=None, responses=HoldingOut)
    def post(self, request: Request, holding_id: UUID) -> Response:
        """End a role that somebody holds."""
        if holding_visible_to(person_of(request), holding_id) is None:
            raise Http404
        holding = operations.end_role(holding_id=holding_id, by=person_of(request), now=business_now())
        return Response(HoldingOut(holding).data)


def _person(entered: dict[str, object]) -> User:
    if "email" in entered:
        person, field = active_person_with_email(str(entered["email"])), "email"
    else:
        person, field = active_person_with_id(UUID(str(entered["person"]))), "person"
    if person is None:
        raise ValidationError({field: [NOBODY]})
    return person
