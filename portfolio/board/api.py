from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.calendar.rules import as_at
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from portfolio.board.enums import FINISHED, STAGES
from portfolio.board.forms import BoardForm
from portfolio.board.operations import delete_view, rename_view, save_view
from portfolio.board.queries import (
    Wanted,
    beside_of,
    board_of,
    gaps_in,
    portfolio_asks,
    portfolio_changes,
    portfolio_due,
    search,
    since_of,
    views_of,
)
from portfolio.board.rules import asked_of, query_of
from portfolio.board.serializers import (
    BesideOut,
    BesideQuery,
    BoardAskOut,
    BoardChangeOut,
    BoardChangesQuery,
    BoardDueOut,
    BoardDueQuery,
    BoardOut,
    BoardQuery,
    ChangedProgrammeOut,
    GapOut,
    PageQuery,
    RecordsQuery,
    SearchOut,
    SearchQuery,
    SinceQuery,
    ViewIn,
    ViewNameIn,
    ViewOut,
)
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.queries import day_of
from programmes.overview.queries import changes_of
from programmes.overview.rules import AskedChanges
from programmes.scheduling.queries import stage_kinds
from programmes.workstreams.queries import reporting_days


class PortfolioBoard(GenericAPIView):
    serializer_class = BoardOut

    @extend_schema(operation_id="portfolios_board", parameters=[BoardQuery, PageQuery], responses=BoardOut)
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """The portfolio in figures, and its programmes as on its page: most in need of attention first."""
        portfolio, now = _portfolio(request, portfolio_id), business_now()
        asked = _valid(BoardQuery(data=request.query_params))
        if asked.get("stage", FINISHED) not in {*stage_kinds(), FINISHED}:
            raise ValidationError({"stage": ["There is no such stage."]})
        when = day_of(portfolio, asked.pop("on", None), now=now)
        board = board_of(portfolio, Wanted(**asked), now=now, when=when)
        page: Any = self.paginate_queryset(board.shown)
        glance = board.glance
        totals = {
            "as_of": when.known_at,
            "programmes": glance.programmes,
            "ended": glance.ended,
            "coverage": glance.rollup.coverage_words,
            "workstreams": glance.rollup,
            "programmes_by_rating": {overall.value: count for overall, count in glance.overalls.items()},
            "programmes_by_exception": {key: count for key, _, count in board.exceptions},
            "asks": glance.asks,
        }
        paged = self.get_paginated_response(page).data
        return Response(BoardOut(totals | paged, context={"raised": board.raised}).data)


class PortfolioBeside(APIView):
    @extend_schema(operation_id="portfolios_beside", parameters=[BesideQuery], responses=BesideOut)
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What stands beside the programmes on the portfolio's page: decisions, reviews, partners."""
        portfolio, asked = _portfolio(request, portfolio_id), _valid(BesideQuery(data=request.query_params))
        when = day_of(portfolio, asked.get("on"), now=business_now())
        found = beside_of(portfolio, user=person_of(request), when=when)
        return Response(
            BesideOut(
                {name: getattr(found, name) for name in found.__slots__} | {"on": when.on, "known_at": when.known_at}
            ).data
        )


class PortfolioChanges(GenericAPIView):
    serializer_class = BoardChangeOut

    @extend_schema(
        operation_id="portfolios_changes", parameters=[BoardChangesQuery], responses=BoardChangeOut(many=True)
    )
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What changed in the portfolio and its programmes, newest first."""
        portfolio, entered = _portfolio(request, portfolio_id), _valid(BoardChangesQuery(data=request.query_params))
        asked = AskedChanges(entered["days"], entered["routine"])
        events = portfolio_changes(portfolio, since=asked.since(business_now()), with_routine=asked.with_routine)
        page: Any = self.paginate_queryset(events)
        return self.get_paginated_response(BoardChangeOut(changes_of(page), many=True).data)


class PortfolioDue(GenericAPIView):
    serializer_class = BoardDueOut

    @extend_schema(operation_id="portfolios_due", parameters=[BoardDueQuery], responses=BoardDueOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What is late, then what is due: steps of reviews, planned days of stages, reporting days."""
        portfolio, entered = _portfolio(request, portfolio_id), _valid(BoardDueQuery(data=request.query_params))
        found: Any = portfolio_due(portfolio, now=business_now(), days=entered["days"])
        return self.get_paginated_response(BoardDueOut(self.paginate_queryset(found), many=True).data)


class PortfolioAsks(GenericAPIView):
    serializer_class = BoardAskOut

    @extend_schema(operation_id="portfolios_asks", responses=BoardAskOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What workstreams of the portfolio need from above, the longest waiting first."""
        found: Any = portfolio_asks(_portfolio(request, portfolio_id))
        return self.get_paginated_response(BoardAskOut(self.paginate_queryset(found), many=True).data)


class PortfolioSince(GenericAPIView):
    serializer_class = ChangedProgrammeOut

    @extend_schema(operation_id="portfolios_since", parameters=[SinceQuery], responses=ChangedProgrammeOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """Programmes that differ from what they were at the end of a day, each with what differs."""
        portfolio, now = _portfolio(request, portfolio_id), business_now()
        asked = _valid(SinceQuery(data=request.query_params))
        when, then = day_of(portfolio, asked.get("on"), now=now), as_at(asked["since"], now=now)
        if then.on >= when.on:
            raise ValidationError({"since": ["Choose a day before the one that it is compared with."]})
        before, after = (board_of(portfolio, Wanted(), now=now, when=day) for day in (then, when))
        found: Any = since_of(portfolio, before, after, then=then, now=when).programmes
        return self.get_paginated_response(ChangedProgrammeOut(self.paginate_queryset(found), many=True).data)


class PortfolioRecords(GenericAPIView):
    serializer_class = GapOut

    @extend_schema(operation_id="portfolios_records", parameters=[RecordsQuery], responses=GapOut(many=True))
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What is missing in the records of programmes that run, with what to do about it."""
        portfolio, now = _portfolio(request, portfolio_id), business_now()
        check = _valid(RecordsQuery(data=request.query_params)).get("check")
        gaps = gaps_in(portfolio, days=reporting_days(now, portfolio.scope_id), today=local_date(now))
        found: Any = [gap for gap in gaps if check in (None, gap.check)]
        return self.get_paginated_response(GapOut(self.paginate_queryset(found), many=True).data)


class SavedViews(GenericAPIView):
    serializer_class = ViewOut

    @extend_schema(operation_id="views_list", responses=ViewOut(many=True))
    def get(self, request: Request) -> Response:
        """The views that you keep, by portfolio and name."""
        found = self.paginate_queryset(views_of(person_of(request)))
        return self.get_paginated_response(ViewOut(found, many=True).data)

    @extend_schema(operation_id="views_save", request=ViewIn, responses={201: ViewOut})
    def post(self, request: Request) -> Response:
        """Keep a filter of a board under a name, for yourself. A repeat with the same key gives the first."""
        entered = _valid(ViewIn(data=request.data))
        portfolio = _portfolio(request, entered.pop("portfolio"))
        form = BoardForm(asked_of(entered["query"]), stages={**stage_kinds(), FINISHED: STAGES[FINISHED]})
        if form.errors:
            raise ValidationError({"query": ["A part of it is not one of the choices."]})
        entered["query"] = query_of(form.asked)
        view = save_view(portfolio_id=portfolio.pk, by=person_of(request), now=business_now(), **entered)
        return Response(ViewOut(view).data, status=201)


class SavedViewDetail(APIView):
    @extend_schema(operation_id="views_rename", request=ViewNameIn, responses=ViewOut)
    def patch(self, request: Request, view_id: UUID) -> Response:
        """Rename a view of yours."""
        person = person_of(request)
        view = get_object_or_404(views_of(person), pk=view_id)
        entered = _valid(ViewNameIn(data=request.data))
        return Response(ViewOut(rename_view(view_id=view.pk, by=person, now=business_now(), **entered)).data)

    @extend_schema(operation_id="views_delete", responses={204: None})
    def delete(self, request: Request, view_id: UUID) -> Response:
        """Delete a view of yours."""
        person = person_of(request)
        delete_view(view_id=get_object_or_404(views_of(person), pk=view_id).pk, by=person, now=business_now())
        return Response(status=204)


class Search(APIView):
    @extend_schema(operation_id="search", parameters=[SearchQuery], responses=SearchOut)
    def get(self, request: Request) -> Response:
        """Programmes, workstreams, reviews, consultations, lessons, your own tasks and (for administrators) people."""
        entered = _valid(SearchQuery(data=request.query_params))
        only, number = entered.get("only", ""), entered.get("page", 1)
        groups = search(person_of(request), entered["q"], only=only, page=number)
        if only and any(group.page.number != number for group in groups):
            raise NotFound("There is no such page of results.")
        return Response(SearchOut({"q": entered["q"], "groups": groups}).data)


def _portfolio(request: Request, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "portfolios/<uuid:portfolio_id>/"
urlpatterns = [
    path(f"{_ONE}board/", PortfolioBoard.as_view(), name="api_portfolio_board"),
    path(f"{_ONE}beside/", PortfolioBeside.as_view(), name="api_portfolio_beside"),
    path(f"{_ONE}changes/", PortfolioChanges.as_view(), name="api_portfolio_changes"),
    path(f"{_ONE}due/", PortfolioDue.as_view(), name="api_portfolio_due"),
    path(f"{_ONE}asks/", PortfolioAsks.as_view(), name="api_portfolio_asks"),
    path(f"{_ONE}since/", PortfolioSince.as_view(), name="api_portfolio_since"),
    path(f"{_ONE}records/", PortfolioRecords.as_view(), name="api_portfolio_records"),
    path("views/", SavedViews.as_view(), name="api_views"),
    path("views/<uuid:view_id>/", SavedViewDetail.as_view(), name="api_view"),
    path("search/", Search.as_view(), name="api_search"),
]
