from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.calendar.rules import AsAt
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from portfolio.board.forms import BoardForm, ChangesForm, DayForm, DueForm, SearchForm
from portfolio.board.queries import (
    Wanted,
    attention_of,
    beside_of,
    board_of,
    first_page_of,
    portfolio_asks,
    portfolio_changes,
    portfolio_due,
    portfolio_rows,
    search,
)
from portfolio.groups.models import Portfolio
from portfolio.groups.permissions import can_change_portfolio, can_create_portfolio, can_set_up_programme
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.queries import day_of
from programmes.overview.queries import changes_of

LINES_ON_A_PAGE = 100


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
    form, day = BoardForm(request.GET), DayForm(request.GET)
    when = _asked(portfolio, day, now)
    found = board_of(portfolio, form.wanted, now=now, when=when)
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
        "filter_fields": _filter_fields(form.wanted, form.size),
        "wanted": form.wanted,
        "board": found,
        "page": Paginator(found.shown, form.size).get_page(request.GET.get("page")),
        "attention": attention,
        "now": now,
        "today": local_date(now),
        "can_set_up": can_set_up_programme(person, portfolio),
        "can_change": can_change_portfolio(person, portfolio),
    }
    return render(request, "portfolio/board/board.html", context)


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


def _asked(portfolio: Portfolio, form: DayForm, now: datetime) -> AsAt:
    """The day that was asked for; what is no day, or lies ahead, is said at the field and left out."""
    try:
        return day_of(portfolio, form.cleaned_data["on"] if form.is_valid() else None, now=now)
    except Refused as refused:
        form.add_error("on", refused.sentence)
        return day_of(portfolio, None, now=now)


def _portfolio(request: HttpRequest, portfolio_id: UUID) -> Portfolio:
    return get_object_or_404(portfolios_visible_to(person_of(request)), pk=portfolio_id)


@lru_cache(maxsize=128)
def _filter_fields(wanted: Wanted, size: int) -> str:
    """The inputs of the filter, which show nothing but what was asked for: kept, since they cost as much as the rows."""
    form = BoardForm(asdict(wanted) | {"per_page": size})
    return mark_safe(render_to_string("portfolio/board/_filter.html", {"form": form}))  # noqa: S308 - a template made it


@lru_cache(maxsize=128)
def _kept_day_field(on: date | None) -> str:
    """The boxes of the day, kept like the filter."""
    return _day_field(DayForm({"on": on.isoformat()} if on else {}))


def _day_field(form: DayForm) -> str:
    return mark_safe(render_to_string("portfolio/board/_filter.html", {"form": form}))  # noqa: S308 - a template made it
