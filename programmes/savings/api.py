from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.audit.rules import Refused
from partners.calendar.rules import AsAt, as_at
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.savings import operations
from programmes.savings.models import Saving
from programmes.savings.queries import lines_at, savings_at, savings_of, savings_visible_to, statements_of
from programmes.savings.rules import Cut, total_of
from programmes.savings.serializers import (
    AsAtQuery,
    LinesOut,
    LinesQuery,
    ProgrammeMoneyOut,
    SavingChangeIn,
    SavingIn,
    SavingOut,
    StatementIn,
    StatementOut,
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="A UUID; a repeat does nothing new."
)


class Savings(GenericAPIView):
    serializer_class = SavingOut

    @extend_schema(operation_id="savings_list", responses=SavingOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Savings that stand in the programme now, by title."""
        page = self.paginate_queryset(savings_of(_programme(request, programme_id)))
        return self.get_paginated_response(SavingOut(page, many=True).data)

    @extend_schema(
        operation_id="savings_add", request=SavingIn, parameters=[IDEMPOTENCY_KEY], responses={201: SavingOut}
    )
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Add a saving. What it comes to is stated by financial year afterwards."""
        entered = _valid(SavingIn(data=request.data))
        added = operations.add_saving(
            programme_id=_programme(request, programme_id).pk,
            title=entered["title"],
            description=entered["description"],
            owner_id=entered["owner"],
            request_key=_request_key(request),
            by=person_of(request),
            now=business_now(),
        )
        return Response(SavingOut(added).data, status=201)


class MoneyOfProgramme(APIView):
    @extend_schema(operation_id="savings_money", parameters=[AsAtQuery], responses=ProgrammeMoneyOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What the programme saves: in all, by financial year, by saving. Every figure names its lines."""
        programme = _programme(request, programme_id)
        when = _asked(_valid(AsAtQuery(data=request.query_params))["on"])
        money = savings_at(programme, on=when.on, known_at=when.known_at)
        whole = {
            "on": when.on,
            "known_at": when.known_at,
            "saved": money.saved,
            "years": money.years,
            "savings": money.savings,
        }
        return Response(ProgrammeMoneyOut(whole, context={"lines": _address(programme, when)}).data)


class LinesOfProgramme(APIView):
    @extend_schema(operation_id="savings_lines", parameters=[LinesQuery], responses=LinesOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What one figure is the sum of, with the figure again."""
        programme = _programme(request, programme_id)
        query = LinesQuery(data=request.query_params)
        when = _asked(_valid(query)["on"])
        found = lines_at(programme, query.cut, on=when.on, known_at=when.known_at)
        return Response(LinesOut({"pence": total_of(found).low_pence, "lines": found}).data)


class SavingDetail(APIView):
    @extend_schema(operation_id="savings_detail", responses=SavingOut)
    def get(self, request: Request, saving_id: UUID) -> Response:
        """One saving."""
        return Response(SavingOut(_saving(request, saving_id)).data)

    @extend_schema(operation_id="savings_change", request=SavingChangeIn, responses=SavingOut)
    def patch(self, request: Request, saving_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        saving, entered = _saving(request, saving_id), _valid(SavingChangeIn(data=request.data))
        changed = operations.change_saving(
            saving_id=saving.pk,
            version=entered["version"],
            title=entered.get("title", saving.title),
            description=entered.get("description", saving.description),
            owner_id=entered.get("owner", saving.owner_id),
            by=person_of(request),
            now=business_now(),
        )
        return Response(SavingOut(changed).data)


class Statements(GenericAPIView):
    serializer_class = StatementOut

    @extend_schema(operation_id="savings_statements", responses=StatementOut(many=True))
    def get(self, request: Request, saving_id: UUID) -> Response:
        """Every statement of the saving, by financial year, the newest first."""
        page = self.paginate_queryset(statements_of(_saving(request, saving_id)))
        return self.get_paginated_response(StatementOut(page, many=True).data)

    @extend_schema(
        operation_id="savings_state", request=StatementIn, parameters=[IDEMPOTENCY_KEY], responses={201: StatementOut}
    )
    def post(self, request: Request, saving_id: UUID) -> Response:
        """State what it comes to in a financial year. Answers 409 when somebody stated it since you read it."""
        entered = _valid(StatementIn(data=request.data))
        stated = operations.state_saving(
            saving_id=_saving(request, saving_id).pk,
            request_key=_request_key(request),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(StatementOut(stated).data, status=201)


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _saving(request: Request, saving_id: UUID) -> Saving:
    return get_object_or_404(savings_visible_to(person_of(request)), pk=saving_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _request_key(request: Request) -> UUID:
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {"Idempotency-Key": ["Send a header Idempotency-Key with a new UUID, and the same one when you repeat."]}
        ) from None


def _asked(on: Any) -> AsAt:
    try:
        return as_at(on, now=business_now())
    except Refused as refused:
        raise ValidationError({"on": [refused.sentence]}) from None


def _address(programme: Programme, when: AsAt) -> Callable[[Cut], str]:
    """Where the lines of a figure are, by its cut."""
    base = reverse("api_savings_lines_of_programme", args=[programme.pk])
    return lambda cut: f"{base}?{urlencode(cut.parameters | {'on': when.on.isoformat()})}"


_ONE = "programmes/<uuid:programme_id>/savings/"
urlpatterns = [
    path(_ONE, Savings.as_view(), name="api_savings"),
    path(f"{_ONE}money/", MoneyOfProgramme.as_view(), name="api_savings_of_programme"),
    path(f"{_ONE}lines/", LinesOfProgramme.as_view(), name="api_savings_lines_of_programme"),
    path("savings/<uuid:saving_id>/", SavingDetail.as_view(), name="api_saving"),
    path("savings/<uuid:saving_id>/statements/", Statements.as_view(), name="api_saving_statements"),
]
