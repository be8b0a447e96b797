from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.enums import HoldingKind
from partners.people.models import Office, OfficeHolding
from partners.people.queries import person_of
from partners.people.queries.offices import (
    holdings_of_office,
    office_holding_visible_to,
    office_rows,
    office_visible_to,
    offices_visible_to,
    scope_with_offices,
)
from partners.people.serializers import (
    NewOfficeIn,
    OfficeChangeIn,
    OfficeDay,
    OfficeFilter,
    OfficeHoldingChangeIn,
    OfficeHoldingEndIn,
    OfficeHoldingIn,
    OfficeHoldingOut,
    OfficeOut,
)

PARTS = ("title", "body", "established_on", "abolished_on", "source")
HOLDING_PARTS = ("holder_name", "from_on", "to_on", "source")


class Offices(GenericAPIView):
    serializer_class = OfficeOut

    @extend_schema(operation_id="offices_list", parameters=[OfficeFilter], responses=OfficeOut(many=True))
    def get(self, request: Request) -> Response:
        """Offices that you may see, by body and title, each with who holds it on a day."""
        narrowed = valid(OfficeFilter(data=request.query_params))
        found = offices_visible_to(person_of(request))
        if "scope" in narrowed:
            found = found.filter(scope=narrowed["scope"])
        rows = office_rows(self.paginate_queryset(found) or [], narrowed.get("on") or _today())
        return self.get_paginated_response(OfficeOut(rows, many=True).data)

    @extend_schema(operation_id="offices_add", request=NewOfficeIn, responses={201: OfficeOut})
    def post(self, request: Request) -> Response:
        """Add an office of a portfolio or of the organisation. Nobody holds it yet."""
        entered = valid(NewOfficeIn(data=request.data))
        scope = scope_with_offices(person_of(request), entered.pop("scope"))
        if scope is None:
            raise ValidationError({"scope": ["There is no such portfolio that you may see. List them at scopes/."]})
        office = operations.add_office(
            scope_id=scope.pk,
            clerk_id=entered.pop("clerk", None),
            successor_id=entered.pop("successor", None),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(_told(office, _today()), status=201)


class OfficeDetail(APIView):
    @extend_schema(operation_id="offices_detail", parameters=[OfficeDay], responses=OfficeOut)
    def get(self, request: Request, office_id: UUID) -> Response:
        """One office and who holds it on a day."""
        day = valid(OfficeDay(data=request.query_params)).get("on") or _today()
        return Response(_told(_office(request, office_id), day))

    @extend_schema(operation_id="offices_change", request=OfficeChangeIn, responses=OfficeOut)
    def patch(self, request: Request, office_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        office = _office(request, office_id)
        entered = valid(OfficeChangeIn(data=request.data))
        changed = operations.change_office(
            office_id=office.pk,
            version=entered["version"],
            successor_id=entered.get("successor", office.successor_id),
            clerk_id=entered.get("clerk", office.clerk_id),
            by=person_of(request),
            now=business_now(),
            **{part: entered.get(part, getattr(office, part)) for part in PARTS},
        )
        return Response(_told(changed, _today()))


class Holdings(GenericAPIView):
    serializer_class = OfficeHoldingOut

    @extend_schema(operation_id="office_holders_list", responses=OfficeHoldingOut(many=True))
    def get(self, request: Request, office_id: UUID) -> Response:
        """Who held the office from when to when, the latest first. Days in between are vacancies."""
        page = self.paginate_queryset(holdings_of_office(_office(request, office_id)))
        return self.get_paginated_response(OfficeHoldingOut(page, many=True).data)

    @extend_schema(operation_id="office_holders_add", request=OfficeHoldingIn, responses={201: OfficeHoldingOut})
    def post(self, request: Request, office_id: UUID) -> Response:
        """Record that somebody holds the office. Answers 409 for days on which somebody else does."""
        office = _office(request, office_id)
        entered = valid(OfficeHoldingIn(data=request.data))
        holding = operations.add_holding(
            office_id=office.pk,
            user_id=entered.pop("person", None),
            kind=HoldingKind(entered.pop("kind")),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(OfficeHoldingOut(holding).data, status=201)


class CorrectHolding(APIView):
    @extend_schema(operation_id="office_holders_correct", request=OfficeHoldingChangeIn, responses=OfficeHoldingOut)
    def patch(self, request: Request, office_holding_id: UUID) -> Response:
        """Correct a mistake. Answers 409 for what a decision rests on, or when the version is not the latest."""
        holding = _holding(request, office_holding_id)
        entered = valid(OfficeHoldingChangeIn(data=request.data))
        corrected = operations.correct_holding(
            holding_id=holding.pk,
            version=entered["version"],
            user_id=entered.get("person", holding.user_id),
            kind=HoldingKind(entered.get("kind", holding.kind)),
            by=person_of(request),
            now=business_now(),
            **{part: entered.get(part, getattr(holding, part)) for part in HOLDING_PARTS},
        )
        return Response(OfficeHoldingOut(corrected).data)


class EndHolding(APIView):
    @extend_schema(operation_id="office_holders_end", request=OfficeHoldingEndIn, responses=OfficeHoldingOut)
    def post(self, request: Request, office_holding_id: UUID) -> Response:
        """Record the last day on which somebody holds the office."""
        holding = _holding(request, office_holding_id)
        to_on: date = valid(OfficeHoldingEndIn(data=request.data))["to_on"]
        ended = operations.end_holding(holding_id=holding.pk, to_on=to_on, by=person_of(request), now=business_now())
        return Response(OfficeHoldingOut(ended).data)


def _today() -> date:
    return local_date(business_now())


def _office(request: Request, office_id: UUID) -> Office:
    office = office_visible_to(person_of(request), office_id)
    if office is None:
        raise Http404
    return office


def _holding(request: Request, holding_id: UUID) -> OfficeHolding:
    holding = office_holding_visible_to(person_of(request), holding_id)
    if holding is None:
        raise Http404
    return holding


def _told(office: Office, day: date) -> dict[str, Any]:
    return OfficeOut(office_rows([office], day)[0]).data
