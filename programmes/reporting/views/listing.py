from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.reporting.forms import WorkstreamFilterForm
from programmes.reporting.queries import in_report_state, report_states
from programmes.workstreams.permissions import can_manage_workstreams
from programmes.workstreams.queries import (
    narrowed,
    reporting_days,
    rollups_by_programme,
    with_standing,
    workstream_rows,
    workstreams_visible_to,
    worst_first,
)
from programmes.workstreams.rules import ReportState, Rollup

ON_A_PAGE = 50


@require_GET
def show(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """The workstreams of a programme, each with what it shows and where its report for this period stands."""
    person, now = person_of(request), business_now()
    programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
    days, form = reporting_days(now, programme.scope.parent_id), WorkstreamFilterForm(request.GET)
    sought = form.cleaned_data if form.is_valid() else {}
    found = with_standing(workstreams_visible_to(person).filter(programme=programme), days)
    found = narrowed(found, show=sought.get("show") or "open", text=sought.get("q", ""))
    if sought.get("report"):
        found = in_report_state(found, ReportState(sought["report"]), person, days, now)
    page = Paginator(worst_first(found), ON_A_PAGE).get_page(request.GET.get("page"))
    rollup = rollups_by_programme([programme.pk], days).get(programme.pk)
    listed = list(page.object_list)
    context = {
        "programme": programme,
        "form": form,
        "is_narrowed": form.is_narrowed,
        "page": page,
        "rows": workstream_rows(listed, now=now),
        "reports": report_states(listed, person, days, now),
        "rollup": rollup.rollup if rollup else Rollup(),
        "days": days,
        "can_manage": can_manage_workstreams(person, programme),
    }
    return render(request, "programmes/reporting/workstreams.html", context)
