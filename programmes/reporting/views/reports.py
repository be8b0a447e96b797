from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting import operations
from programmes.reporting.forms import RATING_HINTS, CorrectionForm, SameStatusForm, StatusForm
from programmes.reporting.operations import PublishedMeanwhile
from programmes.reporting.views.access import form_page, tell, typed_with, workstream_or_404
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import check_can_report
from programmes.workstreams.queries import last_said, reporting_days, update_in
from programmes.workstreams.rules import NOTHING_CHANGED

PUBLISHED = "Status published. Everyone who may see this programme sees it now."


@form_page
def record(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream = _reporting_on(request, workstream_id)
    latest, now = workstream.current_update, business_now()
    form = StatusForm(request.POST if request.method == "POST" else None, latest=latest)
    status, is_new_to_author = 200, False
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_status_update(
                workstream_id=workstream.pk,
                based_on_id=form.cleaned_data["based_on"],
                by=person_of(request),
                now=now,
                **form.report,
            )
        except PublishedMeanwhile as conflict:
            workstream = workstream_or_404(request, workstream_id)
            latest, is_new_to_author = workstream.current_update, True
            form.data = typed_with(request, based_on=workstream.current_update_id)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, PUBLISHED)
            return redirect("workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "form": form,
        "latest": latest,
        "last_said": last_said(workstream, now),
        "is_new_to_author": is_new_to_author,
        "hints": RATING_HINTS,
        "days": reporting_days(now),
    }
    return render(request, "programmes/reporting/record.html", context, status=status)


@form_page
def repeat(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    """That nothing has changed: one confirmed act that publishes what was said last time again."""
    workstream = _reporting_on(request, workstream_id)
    latest, now = workstream.current_update, business_now()
    if latest is None:
        return redirect("record_status", workstream.pk)
    form = SameStatusForm(request.POST if request.method == "POST" else None, initial={"based_on": latest.pk})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_status_update(
                workstream_id=workstream.pk,
                rating=Rating(latest.rating),
                changed=NOTHING_CHANGED,
                next_steps=latest.next_steps,
                ask_kind=Ask(latest.ask_kind),
                ask=latest.ask,
                by=person_of(request),
                now=now,
                based_on_id=form.cleaned_data["based_on"],
                request_key=form.cleaned_data["request_key"],
            )
        except PublishedMeanwhile as conflict:
            workstream = workstream_or_404(request, workstream_id)
            latest = workstream.current_update
            form.data = typed_with(request, based_on=workstream.current_update_id)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, PUBLISHED)
            return redirect("workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "form": form,
        "latest": latest,
        "last_said": last_said(workstream, now),
        "nothing_changed": NOTHING_CHANGED,
    }
    return render(request, "programmes/reporting/repeat.html", context, status=status)


@form_page
def correct(request: HttpRequest, workstream_id: UUID, update_id: UUID) -> HttpResponse:
    workstream = _reporting_on(request, workstream_id)
    update = update_in(workstream, update_id)
    if update is None:
        raise Http404
    if request.method != "POST" and workstream.current_update_id != update.pk:
        raise Refused(
            "Only the latest status can be corrected, and this is an earlier one. Publish a new status instead."
        )
    form = CorrectionForm(request.POST if request.method == "POST" else None, latest=update)
    status, later = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_status_update(
                update_id=update.pk,
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=business_now(),
                **form.report,
            )
        except Conflict as conflict:
            later = workstream_or_404(request, workstream_id).current_update
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Correction published. What it corrects stays in the history.")
            return redirect("workstream", workstream.pk)
    context = {"workstream": workstream, "form": form, "update": update, "later": later, "hints": RATING_HINTS}
    return render(request, "programmes/reporting/correct.html", context, status=status)


def _reporting_on(request: HttpRequest, workstream_id: UUID) -> Workstream:
    """Raises: Http404, NotPermitted, and Refused before somebody writes a report on a closed workstream."""
    workstream = workstream_or_404(request, workstream_id)
    check_can_report(person_of(request), workstream)
    if workstream.closed_at and request.method != "POST":
        raise Refused(f"{workstream.name} is closed and takes no reports. Ask the programme manager to reopen it.")
    return workstream
