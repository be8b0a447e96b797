from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from portfolio.groups.forms import PORTFOLIO_PARTS
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import change_portfolio, create_portfolio, set_up_programme
from portfolio.groups.queries import portfolios_visible_to, programme_rows
from portfolio.groups.serializers import (
    PortfolioChangeIn,
    PortfolioIn,
    PortfolioOut,
    ProgrammeFilter,
    ProgrammeRowOut,
    SetUpIn,
)
from programmes.register.enums import DeliveryModel

FILTERS = {"portfolio": "portfolio", "delivery_model": "delivery_model", "stage": "stage", "q": "name__icontains"}


class Portfolios(GenericAPIView):
    serializer_class = PortfolioOut

    @extend_schema(operation_id="portfolios_list", responses=PortfolioOut(many=True))
    def get(self, request: Request) -> Response:
        """Portfolios that you may see, by name."""
        found = portfolios_visible_to(person_of(request)).order_by("name", "pk")
        return self.get_paginated_response(PortfolioOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="portfolios_create", request=PortfolioIn, responses={201: PortfolioOut})
    def post(self, request: Request) -> Response:
        """Create a portfolio. Administrators may."""
        entered = _valid(PortfolioIn(data=request.data))
        portfolio = create_portfolio(by=person_of(request), now=business_now(), **entered)
        return Response(PortfolioOut(portfolio).data, status=201)


class PortfolioDetail(APIView):
    @extend_schema(operation_id="portfolios_detail", responses=PortfolioOut)
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """One portfolio."""
        return Response(PortfolioOut(_portfolio(request, portfolio_id)).data)

    @extend_schema(operation_id="portfolios_change", request=PortfolioChangeIn, responses=PortfolioOut)
    def patch(self, request: Request, portfolio_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        portfolio = _portfolio(request, portfolio_id)
        entered = _valid(PortfolioChangeIn(data=request.data))
        changed = change_portfolio(
            portfolio_id=portfolio.pk,
            version=entered["version"],
            **{part: entered.get(part, getattr(portfolio, part)) for part in PORTFOLIO_PARTS},
            by=person_of(request),
            now=business_now(),
        )
        return Response(PortfolioOut(changed).data)


class ProgrammesOfPortfolio(APIView):
    @extend_schema(operation_id="programmes_set_up", request=SetUpIn, responses={201: ProgrammeRowOut})
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Set up a programme with its three stages; the manager gets the role."""
        portfolio = _portfolio(request, portfolio_id)
        entered = _valid(SetUpIn(data=request.data))
        programme = set_up_programme(
            portfolio_id=portfolio.pk,
            name=entered["name"],
            summary=entered["summary"],
            delivery_model=DeliveryModel(entered["delivery_model"]),
            owner_id=entered["owner"],
            manager_id=entered["manager"],
            life_cycle_id=entered["life_cycle"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(programme_rows(person_of(request)).get(pk=programme.pk), status=201)


class Programmes(GenericAPIView):
    serializer_class = ProgrammeRowOut

    @extend_schema(operation_id="programmes_list", parameters=[ProgrammeFilter], responses=ProgrammeRowOut(many=True))
    def get(self, request: Request) -> Response:
        """Programmes that run, or with ``ended`` those that ended, as far as you may see them, by name."""
        narrowed = _valid(ProgrammeFilter(data=request.query_params))
        narrowed["ended_on__isnull"] = not narrowed.pop("ended")
        found = programme_rows(person_of(request)).filter(
            **{FILTERS.get(key, key): value for key, value in narrowed.items()}
        )
        return self.get_paginated_response(self.paginate_queryset(found))


def _portfolio(request: Request, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path("portfolios/", Portfolios.as_view(), name="api_portfolios"),
    path("portfolios/<uuid:portfolio_id>/", PortfolioDetail.as_view(), name="api_portfolio"),
    path(
        "portfolios/<uuid:portfolio_id>/programmes/",
        ProgrammesOfPortfolio.as_view(),
        name="api_programmes_of_portfolio",
    ),
    path("programmes/", Programmes.as_view(), name="api_programmes"),
]
