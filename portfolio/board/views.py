from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Refused
from partners.calendar.rules import AsAt, as_at
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.files.responses import table_response
from partners.files.rules.tables import TableFormat
from partners.people.queries import person_of
from portfolio.board.enums import FINISHED, STAGES
from portfolio.board.forms import (
    BoardForm,
    ChangesForm,
    DayForm,
    DueForm,
    SaveViewForm,
    SearchForm,
    SinceForm,
    ViewForm,
)
from portfolio.board.operations import delete_view, rename_view, save_view
from portfolio.board.queries import (
    HEADINGS,
    Wanted,
    as_table,
    attention_of,
    beside_of,
    board_of,
    first_page_of,
    gaps_by_check,
    gaps_in,
    portfolio_asks,
    portfolio_changes,
    portfolio_due,
    portfolio_rows,
    search,
    since_of,
    views_of,
)
from portfolio.board.rules import CHECKS, asked_of, query_of
from portfolio.groups.models import Portfolio
from portfolio.groups.permissions import can_change_portfolio, can_create_portfolio, can_set_up_programme
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.queries import day_of
from programmes.overview.queries import changes_of
from programmes.scheduling.queries import stage_kinds
from programmes.workstreams.permissions import can_choose_reporting
from programmes.workstreams.queries import reporting_days

LINES_ON_A_PAGE = 100
SINCE_DAYS = 7
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Sends each role to its own page."""
    name, portfolio = first_page_of(person_of(request))
    return redirect(name, portfolio.pk) if portfolio else redirect(name)


@require_GET
def portfolios(request: HttpRequest) -> HttpResponse:
    now, person = business_now(), person_of(request)
    context = {"rows": portfolio_rows(person, now=now), "now": now, "can_create": can_create_portfolio(person)}
    return render(request, "portfolio/board/portfolios.html", context)


@require_GET
def board(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, person, now = _portfolio(request, portfolio_id), person_of(request), business_now()
    form, day = _board_form(request.GET), DayForm(request.GET)
    when = _asked(portfolio, day, now)
    found = board_of(portfolio, form.wanted, now=now, when=when)
    asked = query_of(form.asked)
    # The complete list, for printing, leaves what needs attention to the pages of its own; an earlier day has none.
    attention = None if form.is_complete or when.known_at != now else attention_of(portfolio, found, now=now)
    context = {
        "day": day,
        "day_field": _day_field(day) if day.errors else _kept_day_field(when.on if day.cleaned_data["on"] else None),
        "when": when,
        "is_today": when.known_at == now,
        "beside": None if form.is_complete else beside_of(portfolio, user=person, when=when),
        "portfolio": portfolio,
        "form": form,
        "filter_fields": _filter_fields(form.wanted, form.size, form.stages),
        "asked": asked,
        "exported": "&".join(filter(None, [asked, "" if when.known_at == now else f"on={when.on.isoformat()}"])),
        "wanted": form.wanted,
        "board": found,
        "page": Paginator(found.shown, form.size).get_page(request.GET.get("page")),
        "attention": attention,
        "now": now,
        "today": local_date(now),
        "can_set_up": can_set_up_programme(person, portfolio),
        "can_change": can_change_portfolio(person, portfolio),
        "can_choose_reporting": can_choose_reporting(person, portfolio.scope),
    }
    return render(request, "portfolio/board/board.html", context)


@require_GET
def export(request: HttpRequest, portfolio_id: UUID, table_format: TableFormat) -> HttpResponse:
    """The list as the board shows it, all of it; the file is named after the portfolio and the day."""
    portfolio, now = _portfolio(request, portfolio_id), business_now()
    form = _board_form(request.GET)
    when = _asked(portfolio, DayForm(request.GET), now)
    found = board_of(portfolio, form.wanted, now=now, when=when)
    rows = as_table(found, today=when.on, host=request.build_absolute_uri("/").rstrip("/"))
    return table_response(f"{portfolio.name} as at {when.on.isoformat()}", HEADINGS, rows, table_format)


@require_GET
def since(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now, form = _portfolio(request, portfolio_id), business_now(), SinceForm(request.GET)
    when = _asked(portfolio, form, now)
    asked = form.cleaned_data.get("since") or when.on - timedelta(days=SINCE_DAYS)
    if asked >= when.on:
        form.add_error("since", "Choose a day before the one that it is compared with.")
        asked = when.on - timedelta(days=SINCE_DAYS)
    then = as_at(asked, now=now)
    before, after = (board_of(portfolio, Wanted(), now=now, when=day) for day in (then, when))
    found = since_of(portfolio, before, after, then=then, now=when)
    page = Paginator(found.programmes, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"portfolio": portfolio, "form": form, "then": then, "when": when, "found": found, "page": page}
    return render(request, "portfolio/board/since.html", context | {"now": now, "is_today": when.known_at == now})


@require_GET
def quality(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now = _portfolio(request, portfolio_id), business_now()
    days = reporting_days(now, portfolio.scope_id)
    gaps = gaps_in(portfolio, days=days, today=local_date(now))
    check = request.GET.get("check", "")
    shown = [gap for gap in gaps if gap.check == check] if check in CHECKS else gaps
    page = Paginator(shown, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"portfolio": portfolio, "page": page, "counts": gaps_by_check(gaps), "check": check, "now": now}
    return render(request, "portfolio/board/quality.html", context)


@require_GET
def saved_views(request: HttpRequest) -> HttpResponse:
    return render(request, "portfolio/board/views.html", {"views": list(views_of(person_of(request)))})


@form_page
def save_view_page(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = _portfolio(request, portfolio_id)
    form = SaveViewForm(request.POST or None, initial={"query": query_of(_board_form(request.GET).asked)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            entered = form.cleaned_data
            entered["query"] = query_of(_board_form(asked_of(entered["query"])).asked)
            view = save_view(portfolio_id=portfolio.pk, by=person_of(request), now=business_now(), **entered)
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, f"{view.name} saved. You find it under Your views.")
            return redirect(f"{reverse('portfolio_board', args=[portfolio.pk])}?{view.query}")
    return render(request, "portfolio/board/save_view.html", {"portfolio": portfolio, "form": form}, status=status)


@form_page
def rename_view_page(request: HttpRequest, view_id: UUID) -> HttpResponse:
    view = get_object_or_404(views_of(person_of(request)), pk=view_id)
    form = ViewForm(request.POST or None, initial={"name": view.name})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            rename_view(view_id=view.pk, by=person_of(request), now=business_now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, "View renamed.")
            return redirect("saved_views")
    return render(request, "portfolio/board/rename_view.html", {"view": view, "form": form}, status=status)


@form_page
def delete_view_page(request: HttpRequest, view_id: UUID) -> HttpResponse:
    view = get_object_or_404(views_of(person_of(request)), pk=view_id)
    if request.method == "POST":
        delete_view(view_id=view.pk, by=person_of(request), now=business_now())
        messages.success(request, f"{view.name} deleted.")
        return redirect("saved_views")
    return render(request, "portfolio/board/delete_view.html", {"view": view})


@require_GET
def due(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now, form = _portfolio(request, portfolio_id), business_now(), DueForm(request.GET)
    found = portfolio_due(portfolio, now=now, days=form.ahead)
    page = Paginator(found, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"portfolio": portfolio, "form": form, "page": page, "now": now}
    return render(request, "portfolio/board/due.html", context)


@require_GET
def changes(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now, form = _portfolio(request, portfolio_id), business_now(), ChangesForm(request.GET)
    asked = form.asked
    events = portfolio_changes(portfolio, since=asked.since(now), with_routine=asked.with_routine)
    page = Paginator(events, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"portfolio": portfolio, "form": form, "asked": asked, "page": page, "now": now}
    context["changes"] = changes_of(list(page.object_list))
    return render(request, "portfolio/board/changes.html", context)


@require_GET
def asks(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now = _portfolio(request, portfolio_id), business_now()
    found = portfolio_asks(portfolio)
    page = Paginator(found, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portfolio/board/asks.html", {"portfolio": portfolio, "page": page, "now": now})


@require_GET
def search_pages(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    context: dict[str, Any] = {"form": form, "groups": None, "q": "", "only": ""}
    if form.is_valid():
        context |= form.cleaned_data
        groups = search(person_of(request), context["q"], only=context["only"], page=request.GET.get("page", "1"))
        context["groups"] = groups
    return render(request, "portfolio/board/search.html", context)


def _board_form(asked: QueryDict | dict[str, str]) -> BoardForm:
    return BoardForm(asked, stages={**stage_kinds(), FINISHED: STAGES[FINISHED]})


def _asked(portfolio: Portfolio, form: DayForm | SinceForm, now: datetime) -> AsAt:
    """The day that was asked for; what is no day, or lies ahead, is said at the field and left out."""
    try:
        form.is_valid()
        return day_of(portfolio, form.cleaned_data.get("on"), now=now)
    except Refused as refused:
        form.add_error("on", refused.sentence)
        return day_of(portfolio, None, now=now)


def _portfolio(request: HttpRequest, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


@lru_cache(maxsize=128)
def _filter_fields(wanted: Wanted, size: int, stages: tuple[tuple[str, str], ...]) -> str:
    """The inputs of the filter, which show nothing but what was asked for: kept, since they cost as much as the rows."""
    form = BoardForm(asdict(wanted) | {"per_page": size}, stages=dict(stages))
    return mark_safe(render_to_string("portfolio/board/_filter.html", {"form": form}))  # noqa: S308 - a template made it


@lru_cache(maxsize=128)
def _kept_day_field(on: date | None) -> str:
    """The boxes of the day, kept like the filter."""
    return _day_field(DayForm({"on": on.isoformat()} if on else {}))


def _day_field(form: DayForm) -> str:
    return mark_safe(render_to_string("portfolio/board/_filter.html", {"form": form}))  # noqa: S308 - a template made it
