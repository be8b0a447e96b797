from datetime import datetime
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from partners.audit.rules import Refused
from partners.calendar.rules import AsAt, as_at
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.overview.forms import ChangesForm, LessonSearchForm, TimelineForm
from programmes.overview.operations import open_feed
from programmes.overview.queries import changes_in, changes_of, overview_of, own_programmes, reports_on, timeline_of
from programmes.overview.queries.dates import calendar_dates, calendar_of, tag_of
from programmes.overview.rules import words_for_stage
from programmes.raid.rules import score_of
from programmes.register.models import Programme
from programmes.register.permissions import can_edit_programme
from programmes.register.queries import lessons_saying, programmes_visible_to
from programmes.reviews.permissions import can_run_review
from programmes.scheduling.permissions import can_run_stages
from programmes.scheduling.queries.lessons import lessons_like as lessons_of_like_kind
from programmes.scheduling.rules import StageDates, current_stage
from programmes.workstreams.permissions import can_manage_workstreams

CHANGES_ON_A_PAGE = EVENTS_ON_A_PAGE = 100
LESSONS_ON_A_PAGE = 30
ROWS_OF_MY_WEEK = 25
WRONG_FEEDS, WRONG_FEEDS_SECONDS = 300, 5 * 60  # as wrong secrets of answer links
FEED_HEADERS = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}


@require_GET
def programme(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    person, now = person_of(request), business_now()
    found = _programme(request, programme_id)
    overview = overview_of(found, user=person, now=now)
    current, runs = current_stage(overview.stages), found.ended_on is None
    context = {
        "programme": found,
        "overview": overview,
        "now": now,
        "current": current,
        "score_of": score_of,
        "late": _late_words(current, now) if runs else "",
        "may_report": any(one.may_report for one in overview.workstreams),
        "can_edit": can_edit_programme(person, found),
        "can_run_stages": runs and can_run_stages(person, found),
        "can_manage_workstreams": runs and can_manage_workstreams(person, found),
        "can_run_review": can_run_review(person, found),
    }
    return render(request, "programmes/overview/programme.html", context)


@require_GET
def lessons_like(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """What other programmes of a like kind learned."""
    found, form = _programme(request, programme_id), LessonSearchForm(request.GET)
    lessons = lessons_saying(lessons_of_like_kind(found, person_of(request)), form.words)
    page = Paginator(lessons, LESSONS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"programme": found, "form": form, "is_filtered": bool(form.words), "page": page}
    return render(request, "programmes/overview/lessons_like.html", context)


@require_GET
def changes(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    found, now, form = _programme(request, programme_id), business_now(), ChangesForm(request.GET)
    asked = form.asked
    events = changes_in([found.scope_id], since=asked.since(now), with_routine=asked.with_routine)
    page = Paginator(events, CHANGES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"programme": found, "form": form, "asked": asked, "page": page, "now": now}
    context["changes"] = changes_of(list(page.object_list))
    return render(request, "programmes/overview/changes.html", context)


@require_GET
def timeline(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    found, form = _programme(request, programme_id), TimelineForm(request.GET)
    when = _as_at(form)
    events = timeline_of(found, user=person_of(request), when=when, kinds=form.kinds, newest_first=form.is_newest_first)
    page = Paginator(events, EVENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"programme": found, "form": form, "when": when, "page": page}
    return render(request, "programmes/overview/timeline.html", context)


@require_safe
@login_not_required
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The dates of whoever has this secret, for a calendar program; whoever may be signed in here does not count.

    The right secret is never refused, so that nobody can shut somebody else out by trying wrong ones.
    """
    now = business_now()
    reader = open_feed(secret, now=now)
    if reader is None:
        return HttpResponse(status=429 if _are_too_many(request) else 404)
    dates = calendar_dates(reader, now=now)
    tag = tag_of(dates)
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(calendar_of(dates, now=now), content_type="text/calendar; charset=utf-8")
    for name, value in {**FEED_HEADERS, "ETag": tag}.items():
        response.headers[name] = value
    return response


@require_GET
def my_week(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), business_now()
    own = own_programmes(person, now=now)
    statuses = Paginator(own.statuses, ROWS_OF_MY_WEEK).get_page(request.GET.get("due"))
    context = {
        "own": own,
        "statuses": statuses,
        "reports": reports_on(statuses.object_list, person, days=own.days, now=now),
        "to_acknowledge": Paginator(own.to_acknowledge, ROWS_OF_MY_WEEK).get_page(request.GET.get("read")),
        "now": now,
        "today": local_date(now),
    }
    return render(request, "programmes/overview/my_week.html", context)


def _as_at(form: TimelineForm) -> AsAt:
    """The day that the address asks for; today, with an error in the form, where it cannot be that one."""
    now = business_now()
    form.is_valid()
    try:
        return as_at(form.cleaned_data.get("on"), now=now)
    except Refused as refused:
        form.add_error("on", refused.sentence)
        return as_at(None, now=now)


def _late_words(stage: StageDates | None, now: datetime) -> str:
    if stage is None:
        return ""
    planned = stage.planned_start_on, stage.planned_finish_on, stage.started_on
    return words_for_stage(*planned, today=local_date(now))[1]


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(
        programmes_visible_to(person_of(request)).select_related("scope__parent", "owner"), pk=programme_id
    )


def _are_too_many(request: HttpRequest) -> bool:
    """Counts one wrong secret for where it comes from."""
    key = f"wrong-feed/{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=WRONG_FEEDS_SECONDS)
    try:
        return int(cache.incr(key)) > WRONG_FEEDS
    except ValueError:  # it ran out just now
        return False
