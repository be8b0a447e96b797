from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.enums import ScopeKind
from partners.people.models import Scope
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of, scope_visible_to
from programmes.workstreams import operations
from programmes.workstreams.api.requests import valid
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.queries import pattern_of, portfolio_reporting, reporting_rule, reporting_settings
from programmes.workstreams.serializers import ReportingIn, ReportingOut


class Reporting(APIView):
    @extend_schema(operation_id="reporting_settings_detail", responses=ReportingOut)
    def get(self, request: Request) -> Response:
        """When reports are due where a portfolio has chosen nothing of its own. Everyone may know."""
        return Response(_reporting())

    @extend_schema(operation_id="reporting_settings_change", request=ReportingIn, responses=ReportingOut)
    def put(self, request: Request) -> Response:
        """Choose when reports are due, at once, wherever a portfolio has chosen nothing of its own; administrators."""
        check(person_of(request), CHANGE_SETTINGS, None)
        operations.change_reporting_settings(by=person_of(request), now=business_now(), **_chosen(request))
        return Response(_reporting())


class PortfolioReportingDay(APIView):
    @extend_schema(operation_id="portfolio_reporting_detail", responses=ReportingOut)
    def get(self, request: Request, scope_id: UUID) -> Response:
        """When reports are due in the portfolio of this scope."""
        return Response(_reporting(_portfolio(request, scope_id)))

    @extend_schema(operation_id="portfolio_reporting_choose", request=ReportingIn, responses=ReportingOut)
    def put(self, request: Request, scope_id: UUID) -> Response:
        """Choose when reports are due in one portfolio, at once; its CIO and administrators."""
        scope = _portfolio(request, scope_id)
        operations.choose_portfolio_reporting(
            scope_id=scope.pk, by=person_of(request), now=business_now(), **_chosen(request)
        )
        return Response(_reporting(scope))


def _portfolio(request: Request, scope_id: UUID) -> Scope:
    scope = scope_visible_to(person_of(request), scope_id)
    if scope is None or scope.kind != ScopeKind.PORTFOLIO:
        raise Http404
    return scope


def _chosen(request: Request) -> dict[str, Any]:
    entered = valid(ReportingIn(data=request.data))
    return entered | {"frequency": Frequency(entered["frequency"]), "weekday": Weekday(entered["weekday"])}


def _reporting(scope: Scope | None = None) -> dict[str, Any]:
    own = portfolio_reporting(scope.pk) if scope else None
    choice, rule = own or reporting_settings(), reporting_rule(scope.pk if scope else None)
    days = rule.around(business_now())
    return dict(
        ReportingOut(
            {
                "frequency": choice.frequency,
                "weekday": choice.weekday,
                "first_on": choice.first_on,
                "words": pattern_of(choice).words,
                "last_on": days.last_on,
                "next_on": days.next_on,
                "version": choice.version if own or scope is None else 0,
            }
        ).data
    )


urlpatterns = [
    path("settings/reporting/", Reporting.as_view(), name="api_reporting_settings"),
    path("reporting/<uuid:scope_id>/", PortfolioReportingDay.as_view(), name="api_portfolio_reporting"),
]
