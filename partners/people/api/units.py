from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.models import Unit
from partners.people.queries import person_of, unit_if_any, units
from partners.people.serializers import UnitChangeIn, UnitFilter, UnitIn, UnitOut


class Units(GenericAPIView):
    serializer_class = UnitOut

    @extend_schema(operation_id="units_list", parameters=[UnitFilter], responses=UnitOut(many=True))
    def get(self, request: Request) -> Response:
        """Units by name."""
        narrowed = valid(UnitFilter(data=request.query_params))
        page = self.paginate_queryset(units(narrowed.get("q", "")))
        return self.get_paginated_response(UnitOut(page, many=True).data)

    @extend_schema(operation_id="units_add", request=UnitIn, responses={201: UnitOut})
    def post(self, request: Request) -> Response:
        """Add a unit. For administrators."""
        entered = valid(UnitIn(data=request.data))
        unit = operations.add_unit(
            code=entered["code"],
            name=entered["name"],
            parent_id=entered.get("parent"),
            by=person_of(request),
            now=business_now(),
        )
        return Response(UnitOut(unit).data, status=201)


class UnitDetail(APIView):
    @extend_schema(operation_id="units_detail", responses=UnitOut)
    def get(self, request: Request, unit_id: UUID) -> Response:
        """One unit."""
        return Response(UnitOut(_unit(unit_id)).data)

    @extend_schema(operation_id="units_change", request=UnitChangeIn, responses=UnitOut)
    def patch(self, request: Request, unit_id: UUID) -> Response:
        """Change a unit. For administrators. Answers 409 when the version is not the latest."""
        unit = _unit(unit_id)
        entered = valid(UnitChangeIn(data=request.data))
        changed = operations.change_unit(
            unit_id=unit.pk,
            code=entered.get("code", unit.code),
            name=entered.get("name", unit.name),
            parent_id=entered.get("parent", unit.parent_id),
            version=entered["version"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(UnitOut(changed).data)


def _unit(unit_id: UUID) -> Unit:
    unit = unit_if_any(unit_id)
    if unit is None:
        raise Http404
    return unit
