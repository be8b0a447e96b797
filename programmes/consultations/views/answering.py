from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.enums import ConsultationState
from programmes.consultations.forms import AnswerForm, SubmitForm
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.queries import Sheet, has_shared_questions, responses_of, sheet_of, tasks_of
from programmes.consultations.rules import AlreadySent, Incomplete, NotOpen, words_for_not_open
from programmes.consultations.views.comments import comments_page
from programmes.consultations.views.ways import Way
from programmes.reviews.rules import words_for_time_left

PAGES = "programmes/consultations/answering"
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def my_tasks(request: HttpRequest) -> HttpResponse:
    return render(request, f"{PAGES}/my_tasks.html", {"tasks": tasks_of(person_of(request), business_now())})


@require_safe
def show_task(request: HttpRequest, way: Way) -> HttpResponse:
    sheet = sheet_of(way.task)
    context = _context(way, sheet)
    if context["state"] != ConsultationState.OPEN:
        return render(request, f"{PAGES}/not_open.html", context)
    return render(request, f"{PAGES}/{'sent' if sheet.latest else 'start'}.html", context)


@form_page
def answer(request: HttpRequest, way: Way, question_id: UUID) -> HttpResponse:
    sheet = sheet_of(way.task)
    place = sheet.place_of(question_id)
    if place is None:
        raise Http404
    row = sheet.rows[place]
    if request.method == "POST":
        form = AnswerForm(request.POST, question=row.question, needs_answer="later" not in request.POST)
        status = 200
        if form.is_valid():
            try:
                return _save(request, way, sheet, place, form)
            except NotOpen as refused:
                return _closed_page(request, way, sheet, refused, form.cleaned_data["answer"])
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = 409
        return render(request, f"{PAGES}/question.html", _context(way, sheet, form=form, place=place), status=status)
    context = _context(way, sheet, place=place)
    if context["state"] != ConsultationState.OPEN:
        return redirect(way.to("task"))
    initial = {"answer": row.value, "seen_number": sheet.number_sent}
    context["form"] = AnswerForm(question=row.question, initial=initial)
    return render(request, f"{PAGES}/question.html", context)


@form_page
def check_answers(request: HttpRequest, way: Way) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, way)
    sheet = sheet_of(way.task)
    context = _context(way, sheet, form=SubmitForm())
    if context["state"] != ConsultationState.OPEN:
        return redirect(way.to("task"))
    if sheet.latest and not sheet.has_unsent_answers:
        return redirect(way.to("task_receipt"))
    return render(request, f"{PAGES}/check.html", context)


@require_safe
def receipt(request: HttpRequest, way: Way) -> HttpResponse:
    """What was sent last: also where the browser's back button and a repeated submit lead."""
    responses = list(responses_of(way.task))
    if not responses:
        return redirect(way.to("task"))
    context = _context(way, sheet_of(way.task)) | {"responses": responses}
    return render(request, f"{PAGES}/receipt.html", context)


@require_safe
def comments(request: HttpRequest, way: Way) -> HttpResponse:
    """What others who are asked have written and a moderator has let through."""
    if not has_shared_questions(way.task.consultation):
        raise Http404
    return comments_page(request, way.task.consultation, back_url=way.to("task"))


def _save(request: HttpRequest, way: Way, sheet: Sheet, place: int, form: AnswerForm) -> HttpResponse:
    saved = save_draft_answer(
        task_id=way.task.pk,
        question_id=sheet.rows[place].question.pk,
        value=form.cleaned_data["answer"],
        seen_number=form.cleaned_data["seen_number"],
        by=way.task.person,
        now=business_now(),
    )
    if saved.sent_meanwhile:
        return way.go(request, way.to("check_answers"), note="sent_meanwhile")
    if "later" in request.POST:
        return way.go(request, way.list_url or way.to("task"), note="saved")
    is_last = place + 1 == len(sheet.rows)
    if is_last or sheet.latest or "check" in request.GET:
        return redirect(way.to("check_answers"))
    return redirect(way.to("task_question", sheet.rows[place + 1].question.pk))


def _submit(request: HttpRequest, way: Way) -> HttpResponse:
    form = SubmitForm(request.POST)
    task = way.task
    if form.is_valid():
        try:
            submit_response(
                task_id=task.pk, request_key=form.cleaned_data["request_key"], by=task.person, now=business_now
            )
        except NotOpen as refused:
            return _closed_page(request, way, sheet_of(task), refused)
        except AlreadySent:
            return way.go(request, way.to("task_receipt"), note="sent_already")
        except Incomplete:
            context = _context(way, sheet_of(task), form=form, is_refused=True)
            return render(request, f"{PAGES}/check.html", context, status=409)
        return redirect(way.to("task_receipt"))
    return render(request, f"{PAGES}/check.html", _context(way, sheet_of(task), form=form))


def _closed_page(request: HttpRequest, way: Way, sheet: Sheet, refused: NotOpen, unsaved: Any = "") -> HttpResponse:
    """Says that nothing more is taken, and gives back what was typed so that it is not lost."""
    context = _context(way, sheet, refusal=refused.sentence, unsaved=unsaved)
    return render(request, f"{PAGES}/not_open.html", context, status=409)


def _context(way: Way, sheet: Sheet, **more: Any) -> dict[str, Any]:
    now = business_now()
    consultation = way.task.consultation
    review = consultation.review
    state = consultation.state_at(now)
    common = {
        "way": way,
        "consultation": consultation,
        "review": review,
        "state": state,
        "sheet": sheet,
        "is_preview": False,
        "is_refused": False,
        "refusal": words_for_not_open(state.value, opens_at=review.opens_at, closes_at=review.closes_at),
        "unsaved": "",
        "time_left": words_for_time_left(review.closes_at, now),
        "first_url": way.to("task_question", sheet.next_question.pk) if sheet.next_question else None,
    }
    return common | more
