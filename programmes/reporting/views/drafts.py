from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.rules import OUT_OF_DATE
from programmes.reporting import operations
from programmes.reporting.forms import typed_in
from programmes.reporting.models import StatusDraft
from programmes.reporting.queries import draft_of
from programmes.reporting.rules import windows_of, words_for_saved
from programmes.reporting.views.access import form_page, workstream_or_404, workstream_to_report
from programmes.workstreams.models import Workstream


@require_POST
def save_draft(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    """Keep what has been typed so far; answers what to say about it beside the form."""
    now = business_now()
    workstream = workstream_to_report(request, workstream_id, now=now)
    try:
        draft = keep_typed(request, workstream, now)
    except Refused as refused:
        return JsonResponse({"words": f"Not saved: {refused.sentence}"}, status=409)
    latest, *others = windows_of(draft.content)
    words = f"Draft saved {words_for_saved(latest.saved_at)}."
    different = next((each for each in others if each.values != latest.values), None)
    if different:
        words += f" You also typed in another window, at {words_for_saved(different.saved_at, now)}. Both are kept."
    if draft.based_on_id != workstream.current_update_id:
        words += " Somebody has published a status since you opened this page."
    return JsonResponse({"words": words})


@form_page
def discard_draft(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream, person = workstream_or_404(request, workstream_id), person_of(request)
    draft = draft_of(workstream.pk, person)
    if request.method == "POST":
        operations.discard_status_draft(workstream_id=workstream.pk, by=person, now=business_now())
        messages.success(request, "Draft discarded.")
        return redirect("workstream", workstream.pk)
    if draft is None:
        return redirect("workstream", workstream.pk)
    return render(request, "programmes/reporting/discard.html", {"workstream": workstream, "draft": draft})


def keep_typed(request: HttpRequest, workstream: Workstream, now: datetime) -> StatusDraft:
    """Raises: Refused where the page does not say which one it is, or as the operation does."""
    window = _uuid(request.POST.get("request_key"))
    if window is None:
        raise Refused(OUT_OF_DATE)
    return operations.save_status_draft(
        workstream_id=workstream.pk,
        values=typed_in(request.POST),
        window=window,
        continues=request.POST.get("continues", ""),
        seen=request.POST.get("seen", ""),
        based_on_id=_uuid(request.POST.get("based_on")),
        by=person_of(request),
        now=now,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
