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
from partners.calendar.rules import AsAt
from partners.clock.queries import business_now
from partners.people.queries import person_of
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan import operations
from portfolio.plan.queries import day_of, estimates_visible_to, lines_at, money_at, scenarios_visible_to
from portfolio.plan.serializers import (
    EstimateIn,
    EstimateOut,
    PlanAsAtQuery,
    PlanLinesOut,
    PlanLinesQuery,
    PlanMoneyOut,
    ScenarioIn,
    ScenarioOut,
)
from programmes.savings.rules import Cut, total_of

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="A UUID; a repeat does nothing new."
)


class MoneyOfPortfolio(APIView):
    @extend_schema(operation_id="plan_money", parameters=[PlanAsAtQuery], responses=PlanMoneyOut)
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What is required against what is delivered, expected and planned. Every figure names its lines."""
        portfolio = _portfolio(request, portfolio_id)
        when = _asked(portfolio, _valid(PlanAsAtQuery(data=request.query_params))["on"])
        money = money_at(portfolio, on=when.on, known_at=when.known_at)
        return Response(PlanMoneyOut(money, context={"lines": _address(portfolio, when)}).data)


class LinesOfPortfolio(APIView):
    @extend_schema(operation_id="plan_lines", parameters=[PlanLinesQuery], responses=PlanLinesOut)
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What one figure is the sum of, with the figure again."""
        portfolio, query = _portfolio(request, portfolio_id), PlanLinesQuery(data=request.query_params)
        when = _asked(portfolio, _valid(query)["on"])
        found = lines_at(portfolio, query.cut, on=when.on, known_at=when.known_at)
        total = total_of(found)
        whole = {"low_pence": total.low_pence, "high_pence": total.high_pence, "lines": found}
        return Response(PlanLinesOut(whole).data)


class Estimates(GenericAPIView):
    serializer_class = EstimateOut

    @extend_schema(operation_id="plan_estimates", responses=EstimateOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """Every estimate of what has to be saved, those replaced too, the latest stated first."""
        portfolio = _portfolio(request, portfolio_id)
        found = estimates_visible_to(person_of(request)).filter(portfolio=portfolio).prefetch_related("years")
        page = self.paginate_queryset(found.order_by("-stated_on", "-recorded_at", "pk"))
        return self.get_paginated_response(EstimateOut(page, many=True).data)

    @extend_schema(
        operation_id="plan_record_estimate",
        request=EstimateIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: EstimateOut},
    )
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Record what somebody said has to be saved; every estimate before it stays."""
        sent = EstimateIn(data=request.data)
        _valid(sent)
        recorded = operations.record_estimate(
            portfolio_id=_portfolio(request, portfolio_id).pk,
            request_key=_request_key(request),
            by=person_of(request),
            now=business_now(),
            **sent.estimate,
        )
        return Response(EstimateOut(recorded).data, status=201)


class EstimateDetail(APIView):
    @extend_schema(operation_id="plan_estimate", responses=EstimateOut)
    def get(self, request: Request, estimate_id: UUID) -> Response:
        """One estimate."""
        found = get_object_or_404(estimates_visible_to(person_of(request)), pk=estimate_id)
        return Response(EstimateOut(found).data)


class Scenarios(GenericAPIView):
    serializer_class = ScenarioOut

    @extend_schema(operation_id="plan_scenarios", responses=ScenarioOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """Scenarios of the portfolio, withdrawn ones too, in the order recorded."""
        portfolio = _portfolio(request, portfolio_id)
        found = scenarios_visible_to(person_of(request)).filter(portfolio=portfolio).prefetch_related("parts")
        page = self.paginate_queryset(found.order_by("recorded_at", "pk"))
        return self.get_paginated_response(ScenarioOut(page, many=True).data)

    @extend_schema(
        operation_id="plan_add_scenario",
        request=ScenarioIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ScenarioOut},
    )
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Take estimates together under a name."""
        entered = _valid(ScenarioIn(data=request.data))
        added = operations.add_scenario(
            portfolio_id=_portfolio(request, portfolio_id).pk,
            name=entered["name"],
            description=entered["description"],
            estimate_ids=entered["estimates"],
            request_key=_request_key(request),
            by=person_of(request),
            now=business_now(),
        )
        return Response(ScenarioOut(added).data, status=201)


class ScenarioDetail(APIView):
    @extend_schema(operation_id="plan_scenario", responses=ScenarioOut)
    def get(self, request: Request, scenario_id: UUID) -> Response:
        """One scenario; what it does to the plan is in the portfolio's savings."""
        found = get_object_or_404(scenarios_visible_to(person_of(request)), pk=scenario_id)
        return Response(ScenarioOut(found).data)


class WithdrawScenario(APIView):
    @extend_schema(operation_id="plan_withdraw_scenario", request=None, responses=ScenarioOut)
    def post(self, request: Request, scenario_id: UUID) -> Response:
        """Take a scenario out of the plan; days before show it still."""
        found = get_object_or_404(scenarios_visible_to(person_of(request)), pk=scenario_id)
        withdrawn = operations.withdraw_scenario(scenario_id=found.pk, by=person_of(request), now=business_now())
        return Response(ScenarioOut(withdrawn).data)


def _portfolio(request: Request, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


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


def _asked(portfolio: Portfolio, on: Any) -> AsAt:
    try:
        return day_of(portfolio, on, now=business_now())
    except Refused as refused:
        raise ValidationError({"on": [refused.sentence]}) from None


def _address(portfolio: Portfolio, when: AsAt) -> Callable[[Cut], str]:
    """Where the lines of a figure are, by its cut."""
    base = reverse("api_portfolio_savings_lines", args=[portfolio.pk])
    return lambda cut: f"{base}?{urlencode(cut.parameters | {'on': when.on.isoformat()})}"


_ONE = "portfolios/<uuid:portfolio_id>/"
urlpatterns = [
    path(f"{_ONE}savings/", MoneyOfPortfolio.as_view(), name="api_portfolio_savings"),
    path(f"{_ONE}savings/lines/", LinesOfPortfolio.as_view(), name="api_portfolio_savings_lines"),
    path(f"{_ONE}estimates/", Estimates.as_view(), name="api_estimates"),
    path("estimates/<uuid:estimate_id>/", EstimateDetail.as_view(), name="api_estimate"),
    path(f"{_ONE}scenarios/", Scenarios.as_view(), name="api_scenarios"),
    path("scenarios/<uuid:scenario_id>/", ScenarioDetail.as_view(), name="api_scenario"),
    path("scenarios/<uuid:scenario_id>/withdraw/", WithdrawScenario.as_view(), name="api_withdraw_scenario"),
]
