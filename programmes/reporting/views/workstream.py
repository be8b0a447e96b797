from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting.views.access import workstream_or_404
from programmes.workstreams.permissions import can_manage_workstreams, can_report
from programmes.workstreams.queries import (
    corrected_by,
    reporting_rule,
    standing_updates_of,
    trend,
    words_for_row,
)
from programmes.workstreams.rules import words_for_due

UPDATES_ON_A_PAGE = 10


@require_GET
def show(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    now, rule, person = business_now(), reporting_rule(), person_of(request)
    days = rule.around(now)
    workstream = workstream_or_404(request, workstream_id, days=days)
    page = Paginator(standing_updates_of(workstream.pk), UPDATES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "workstream": workstream,
        "latest": workstream.current_update,
        "words": words_for_row(workstream, now),
        "due_words": words_for_due(workstream.standing, days),
        "days": days,
        "page": page,
        "corrected": corrected_by(list(page.object_list)),
        "trend": trend(workstream, rule, now),
        "can_report": can_report(person, workstream),
        "can_manage": can_manage_workstreams(person, workstream.programme),
    }
    return render(request, "programmes/reporting/workstream.html", context)
