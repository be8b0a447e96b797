from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.calendar.models import Closure
from partners.calendar.queries import closure_with_id, closures
from partners.calendar.rules import ClosedDays
from partners.clock.queries import business_now
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of
from programmes.scheduling import operations
from programmes.scheduling.queries import effect_of_closure
from programmes.scheduling.serializers import (
    ClosureChangeIn,
    ClosureEffectIn,
    ClosureEffectOut,
    ClosureIn,
    ClosureOut,
)


class Closures(GenericAPIView):
    serializer_class = ClosureOut

    @extend_schema(operation_id="closures_list", responses=ClosureOut(many=True))
    def get(self, request: Request) -> Response:
        """Days on which the organisation is shut besides weekends and bank holidays, the latest first."""
        return self.get_paginated_response(ClosureOut(self.paginate_queryset(closures()), many=True).data)

    @extend_schema(operation_id="closures_add", request=ClosureIn, responses={201: ClosureOut})
    def post(self, request: Request) -> Response:
        """Add a closure and re-plan every programme. For administrators; ask first what it moves."""
        entered = _valid(ClosureIn(data=request.data))
        closure = operations.add_closure(**entered, by=person_of(request), now=business_now())
        return Response(ClosureOut(closure).data, status=201)


class ClosureEffect(APIView):
    @extend_schema(operation_id="closures_effect", request=ClosureEffectIn, responses=ClosureEffectOut)
    def post(self, request: Request) -> Response:
        """What planned days a closure would move, or one taken out; nothing is saved. For administrators.

        Give the fingerprint back as ``expected`` when you apply it: it is refused if something else would move then.
        """
        check(person_of(request), CHANGE_SETTINGS, None)
        entered = _valid(ClosureEffectIn(data=request.data))
        instead_of = _closure(entered["instead_of"]).pk if entered["instead_of"] else None
        days = ClosedDays(entered["name"], entered["first_on"], entered["last_on"]) if entered["first_on"] else None
        return Response(ClosureEffectOut(effect_of_closure(days, instead_of=instead_of)).data)


class ClosureDetail(APIView):
    @extend_schema(operation_id="closures_detail", responses=ClosureOut)
    def get(self, request: Request, closure_id: UUID) -> Response:
        """One closure."""
        return Response(ClosureOut(_closure(closure_id)).data)

    @extend_schema(operation_id="closures_change", request=ClosureChangeIn, responses=ClosureOut)
    def patch(self, request: Request, closure_id: UUID) -> Response:
        """Change a closure and re-plan every programme. For administrators. Answers 409 when the version is not the latest."""
        closure = _closure(closure_id)
        entered = _valid(ClosureChangeIn(data=request.data))
        saved: dict[str, Any] = {"name": closure.name, "first_on": closure.first_on, "last_on": closure.last_on}
        changed = operations.change_closure(
            closure_id=closure.pk, **(saved | entered), by=person_of(request), now=business_now()
        )
        return Response(ClosureOut(changed).data)

    @extend_schema(operation_id="closures_remove", request=None, responses={204: None})
    def delete(self, request: Request, closure_id: UUID) -> Response:
        """Take a closure out of the calendar and re-plan every programme. For administrators."""
        closure = _closure(closure_id)
        operations.remove_closure(closure_id=closure.pk, by=person_of(request), now=business_now())
        return Response(status=204)


def _closure(closure_id: UUID) -> Closure:
    closure = closure_with_id(closure_id)
    if closure is None:
        raise Http404
    return closure


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path("closures/", Closures.as_view(), name="api_closures"),
    path("closures/effect/", ClosureEffect.as_view(), name="api_closures_effect"),
    path("closures/<uuid:closure_id>/", ClosureDetail.as_view(), name="api_closure"),
]
