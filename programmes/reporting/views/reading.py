from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reporting import operations
from programmes.reporting.forms import AcknowledgeForm, AnswerForm
from programmes.reporting.permissions import can_acknowledge, can_answer, check_can_acknowledge, check_can_answer
from programmes.reporting.queries import acknowledgement_of, answer_to, one_before, questions_for, unacknowledged_for
from programmes.reporting.views.access import form_page, tell, update_or_404, workstream_or_404
from programmes.workstreams.permissions import can_report, check_can_report
from programmes.workstreams.queries import corrected_by, days_withheld_from

ON_A_PAGE = 50


@require_GET
def to_acknowledge(request: HttpRequest) -> HttpResponse:
    """What waits for this person: updates to read, and questions about their own."""
    person = person_of(request)
    waiting = Paginator(unacknowledged_for(person, business_now()), ON_A_PAGE)
    context = {"page": waiting.get_page(request.GET.get("page")), "questions": questions_for(person)}
    return render(request, "programmes/reporting/to_acknowledge.html", context)


@require_GET
def show(request: HttpRequest, workstream_id: UUID, update_id: UUID) -> HttpResponse:
    workstream, person = workstream_or_404(request, workstream_id), person_of(request)
    now = business_now()
    withheld = days_withheld_from(person, workstream, now)
    update = update_or_404(workstream, update_id, reader=person, withheld=withheld)
    asked = acknowledgement_of(update)
    is_open = asked is not None and bool(asked.question) and answer_to(asked) is None
    context = {
        "workstream": workstream,
        "update": update,
        "asked": asked,
        "answered": answer_to(asked) if asked else None,
        "corrected": corrected_by([update]).get(update.pk, []),
        "before": one_before(update, withheld=withheld),
        "is_latest": workstream.current_update_id == update.pk,
        "can_correct": workstream.current_update_id == update.pk
        and workstream.closed_at is None
        and can_report(person, workstream, now=now),
        "can_acknowledge": asked is None
        and not hasattr(update, "superseded_by")
        and can_acknowledge(person, update, now=now),
        "can_answer": asked is not None and is_open and can_answer(person, asked),
    }
    return render(request, "programmes/reporting/update.html", context)


@form_page
def acknowledge(request: HttpRequest, workstream_id: UUID, update_id: UUID) -> HttpResponse:
    workstream, person = workstream_or_404(request, workstream_id), person_of(request)
    update = update_or_404(workstream, update_id)
    check_can_acknowledge(person, update, now=business_now())
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.acknowledge_status_update(
                update_id=update.pk,
                question=form.cleaned_data["question"],
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            asked = " and your question sent" if form.cleaned_data["question"].strip() else ""
            messages.success(request, f"Status of {workstream.name} acknowledged{asked}.")
            return redirect("to_acknowledge")
    context = {"workstream": workstream, "update": update, "form": form, "before": one_before(update)}
    return render(request, "programmes/reporting/acknowledge.html", context, status=status)


@form_page
def answer(request: HttpRequest, workstream_id: UUID, update_id: UUID) -> HttpResponse:
    workstream, person = workstream_or_404(request, workstream_id), person_of(request)
    update = update_or_404(workstream, update_id)
    asked = acknowledgement_of(update)
    if asked is None or not asked.question:
        check_can_report(person, workstream, now=business_now())
        raise Refused("Nobody has asked anything about this status, so there is nothing to answer.")
    check_can_answer(person, asked)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.answer_status_question(
                update_id=update.pk,
                text=form.cleaned_data["text"],
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"Answer sent to {asked.acknowledged_by.name}.")
            return redirect("status_update", workstream.pk, update.pk)
    context = {"workstream": workstream, "update": update, "asked": asked, "form": form}
    return render(request, "programmes/reporting/answer.html", context, status=status)
