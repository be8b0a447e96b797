from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.forms import AnswerForm
from programmes.consultations.operations.launch import launch_consultation
from programmes.consultations.permissions import can_run_consultations, check_can_run_consultations
from programmes.consultations.queries import (
    consultations_of,
    consultations_visible_to,
    empty_sheet_of,
    launch_plan,
)
from programmes.consultations.rules import MAIL_WORDS, NotReady
from programmes.reviews.queries import milestones_of, reviews_visible_to
from programmes.reviews.rules import words_for_time_left


@require_GET
def show_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """A review with its milestones and its consultations, which live in this room."""
    review = get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)
    now = business_now()
    state = review.state_at(now)
    context = {
        "review": review,
        "programme": review.programme,
        "state": state,
        "is_over": state.value in ("closed", "cancelled"),
        "time_left": words_for_time_left(review.closes_at, now),
        "milestones": list(milestones_of(review)),
        "consultations": [(each, each.state_at(now)) for each in consultations_of(review)],
        "can_run": can_run_consultations(person_of(request), review.programme),
    }
    return render(request, "programmes/consultations/review.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)
    check_can_run_consultations(person_of(request), consultation.review.programme)
    now = business_now()
    status = 200
    if request.method == "POST":
        try:
            launch_consultation(consultation_id=consultation.pk, by=person_of(request), now=now)
        except NotReady:
            status = 409
        else:
            messages.success(request, "Consultation launched. The questions and the audience are frozen.")
            return redirect("consultation", consultation.pk)
    plan = launch_plan(consultation, now)
    context = {
        "consultation": consultation,
        "plan": plan,
        "contacts": [(MAIL_WORDS[contact.key].title, contact) for contact in plan.contacts],
    }
    return render(request, "programmes/consultations/launch.html", context, status=status)


@require_GET
def preview(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """The first page as those who are asked will see it."""
    consultation = get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)
    context = {
        "consultation": consultation,
        "review": consultation.review,
        "sheet": empty_sheet_of(consultation),
        "is_preview": True,
        "way": None,
        "first_url": None,
        "time_left": words_for_time_left(consultation.review.closes_at, business_now()),
    }
    return render(request, "programmes/consultations/answering/start.html", context)


@require_GET
def preview_question(request: HttpRequest, consultation_id: UUID, question_id: UUID) -> HttpResponse:
    """One question as those who are asked will see it; nothing can be saved."""
    consultation = get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)
    sheet = empty_sheet_of(consultation)
    place = sheet.place_of(question_id)
    if place is None:
        raise Http404
    context = {
        "consultation": consultation,
        "form": AnswerForm(question=sheet.rows[place].question, initial={"seen_number": 0}),
        "is_preview": True,
        "way": None,
        "sheet": sheet,
        "place": place,
    }
    return render(request, "programmes/consultations/answering/question.html", context)
