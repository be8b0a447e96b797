from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.clock.rules import words_for_instant
from partners.people.queries import person_of
from programmes.consultations.enums import ConsultationState
from programmes.consultations.forms import AnswerForm, SubmitForm
from programmes.consultations.models import ConsultationTask
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.queries import Sheet, responses_of, sheet_of, tasks_belonging_to, tasks_of
from programmes.consultations.rules import AlreadySent, Incomplete, NotOpen, words_for_not_open
from programmes.reviews.rules import words_for_time_left

PAGES = "programmes/consultations/answering"
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def my_tasks(request: HttpRequest) -> HttpResponse:
    return render(request, f"{PAGES}/my_tasks.html", {"tasks": tasks_of(person_of(request), business_now())})


@require_GET
def show_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    task = _own(request, task_id)
    sheet = sheet_of(task)
    context = _context(task, sheet)
    if context["state"] != ConsultationState.OPEN:
        return render(request, f"{PAGES}/not_open.html", context)
    return render(request, f"{PAGES}/{'sent' if sheet.latest else 'start'}.html", context)


@form_page
def answer(request: HttpRequest, task_id: UUID, question_id: UUID) -> HttpResponse:
    task = _own(request, task_id)
    sheet = sheet_of(task)
    place = sheet.place_of(question_id)
    if place is None:
        raise Http404
    row = sheet.rows[place]
    if request.method == "POST":
        form = AnswerForm(request.POST, question=row.question, needs_answer="later" not in request.POST)
        status = 200
        if form.is_valid():
            try:
                return _save(request, task, sheet, place, form)
            except NotOpen as refused:
                return _closed_page(request, task, sheet, refused, form.cleaned_data["answer"])
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = 409
        return render(request, f"{PAGES}/question.html", _context(task, sheet, form=form, place=place), status=status)
    context = _context(task, sheet, place=place)
    if context["state"] != ConsultationState.OPEN:
        return redirect("task", task.pk)
    initial = {"answer": row.value, "seen_number": sheet.number_sent}
    context["form"] = AnswerForm(question=row.question, initial=initial)
    return render(request, f"{PAGES}/question.html", context)


@form_page
def check_answers(request: HttpRequest, task_id: UUID) -> HttpResponse:
    task = _own(request, task_id)
    if request.method == "POST":
        return _submit(request, task)
    sheet = sheet_of(task)
    context = _context(task, sheet, form=SubmitForm())
    if context["state"] != ConsultationState.OPEN:
        return redirect("task", task.pk)
    if sheet.latest and not sheet.has_unsent_answers:
        return redirect("task_receipt", task.pk)
    return render(request, f"{PAGES}/check.html", context)


@require_GET
def receipt(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """What was sent last: also where the browser's back button and a repeated submit lead."""
    task = _own(request, task_id)
    responses = list(responses_of(task))
    if not responses:
        return redirect("task", task.pk)
    context = _context(task, sheet_of(task)) | {"responses": responses}
    return render(request, f"{PAGES}/receipt.html", context)


def _save(request: HttpRequest, task: ConsultationTask, sheet: Sheet, place: int, form: AnswerForm) -> HttpResponse:
    saved = save_draft_answer(
        task_id=task.pk,
        question_id=sheet.rows[place].question.pk,
        value=form.cleaned_data["answer"],
        seen_number=form.cleaned_data["seen_number"],
        by=person_of(request),
        now=business_now(),
    )
    if saved.sent_meanwhile:
        messages.warning(
            request,
            "You sent your answers from another page while this one was open. This answer is kept as a change: "
            "check your answers and send them again to make it count.",
        )
        return redirect("check_answers", task.pk)
    if "later" in request.POST:
        closes = words_for_instant(task.consultation.review.closes_at)
        messages.success(request, f"Your answers are saved. Come back and send them before {closes}.")
        return redirect("my_tasks")
    is_last = place + 1 == len(sheet.rows)
    if is_last or sheet.latest or "check" in request.GET:
        return redirect("check_answers", task.pk)
    return redirect("task_question", task.pk, sheet.rows[place + 1].question.pk)


def _submit(request: HttpRequest, task: ConsultationTask) -> HttpResponse:
    form = SubmitForm(request.POST)
    if form.is_valid():
        try:
            submit_response(
                task_id=task.pk, request_key=form.cleaned_data["request_key"], by=person_of(request), now=business_now
            )
        except NotOpen as refused:
            return _closed_page(request, task, sheet_of(task), refused)
        except AlreadySent as refused:
            messages.info(request, refused.sentence)
        except Incomplete:
            return render(
                request, f"{PAGES}/check.html", _context(task, sheet_of(task), form=form, is_refused=True), status=409
            )
        return redirect("task_receipt", task.pk)
    return render(request, f"{PAGES}/check.html", _context(task, sheet_of(task), form=form))


def _closed_page(
    request: HttpRequest, task: ConsultationTask, sheet: Sheet, refused: NotOpen, unsaved: Any = ""
) -> HttpResponse:
    """Says that nothing more is taken, and gives back what was typed so that it is not lost."""
    context = _context(task, sheet, refusal=refused.sentence, unsaved=unsaved)
    return render(request, f"{PAGES}/not_open.html", context, status=409)


def _own(request: HttpRequest, task_id: UUID) -> ConsultationTask:
    """404 for everybody else's task, administrators included."""
    return get_object_or_404(tasks_belonging_to(person_of(request)), pk=task_id)


def _context(task: ConsultationTask, sheet: Sheet, **more: Any) -> dict[str, Any]:
    now = business_now()
    consultation = task.consultation
    review = consultation.review
    state = consultation.state_at(now)
    common = {
        "task": task,
        "consultation": consultation,
        "review": review,
        "state": state,
        "sheet": sheet,
        "is_preview": False,
        "is_refused": False,
        "refusal": words_for_not_open(state.value, opens_at=review.opens_at, closes_at=review.closes_at),
        "unsaved": "",
        "time_left": words_for_time_left(review.closes_at, now),
        "first_url": reverse("task_question", args=[task.pk, sheet.next_question.pk]) if sheet.next_question else None,
    }
    return common | more
