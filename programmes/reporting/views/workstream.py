from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting.queries import draft_of, standing_in_full
from programmes.reporting.views.access import latest_of, workstream_or_404
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.permissions import can_manage_workstreams, can_report
from programmes.workstreams.queries import (
    corrected_by,
    exception_now,
    is_kept_back,
    reporting_by_portfolio,
    trend,
    words_for_row,
)
from programmes.workstreams.rules import words_for_due

UPDATES_ON_A_PAGE = 10


@require_GET
def show(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    now, person = business_now(), person_of(request)
    book = reporting_by_portfolio(now)
    workstream = workstream_or_404(request, workstream_id, days=book)
    rule = book.rule_of(workstream.programme.scope.parent_id)
    days = rule.around(now)
    may_report = can_report(person, workstream, now=now)
    history = standing_in_full(workstream.pk)
    if not may_report and workstream.exception_kind == ExceptionKind.WITHHELD:
        history = history.exclude(period_on__range=(workstream.exception_from_on, workstream.exception_to_on))
    page = Paginator(history, UPDATES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "workstream": workstream,
        "latest": latest_of(workstream) if may_report or not is_kept_back(workstream) else None,
        "exception": exception_now(workstream, days),
        "has_draft": may_report and draft_of(workstream.pk, person) is not None,
        "words": words_for_row(workstream, now),
        "due_words": words_for_due(workstream.standing, days),
        "days": days,
        "page": page,
        "corrected": corrected_by(list(page.object_list)),
        "trend": trend(workstream, rule, now),
        "can_report": may_report,
        "can_manage": can_manage_workstreams(person, workstream.programme),
    }
    return render(request, "programmes/reporting/workstream.html", context)
