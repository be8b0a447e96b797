from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting.queries import draft_of, standing_in_full
from programmes.reporting.views.access import latest_of, workstream_or_404
from programmes.workstreams.permissions import can_manage_workstreams, can_report
from programmes.workstreams.queries import (
    are_withheld,
    corrected_by,
    days_withheld_from,
    exception_now,
    reporting_by_portfolio,
    trend,
    without_withheld,
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
    withheld = days_withheld_from(person, workstream, now)
    history = without_withheld(standing_in_full(workstream.pk), withheld)
    page = Paginator(history, UPDATES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "workstream": workstream,
        "latest": None if are_withheld(withheld, workstream.current_period_on) else latest_of(workstream),
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
