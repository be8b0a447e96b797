from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.consultations.forms import (
    AddQuestionForm,
    AudienceForm,
    ChangeQuestionForm,
    DraftConsultationForm,
    EditConsultationForm,
    MoveQuestionForm,
)
from programmes.consultations.models import Consultation, Question
from programmes.consultations.operations import design
from programmes.consultations.permissions import can_moderate, can_run_consultations, check_can_run_consultations
from programmes.consultations.queries import (
    audience_of,
    audience_to_choose,
    consultations_visible_to,
    launch_plan,
    partners_on_the_roll,
    progress_of,
    question_of,
    questions_of,
)
from programmes.consultations.rules import OPTION_LIMIT, QUESTION_LIMIT
from programmes.reviews.queries import reviews_visible_to

form_page = require_http_methods(["GET", "HEAD", "POST"])
PAGES = "programmes/consultations/design"


@require_GET
def show(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = _visible(request, consultation_id)
    now = business_now()
    plan = launch_plan(consultation, now) if consultation.launched_at is None else None
    context = {
        "consultation": consultation,
        "review": consultation.review,
        "programme": consultation.review.programme,
        "state": consultation.state_at(now),
        "questions": list(questions_of(consultation)),
        "audience": plan.audience if plan else audience_of(consultation),
        "plan": plan,
        "progress": None if plan else progress_of(consultation),
        "has_links": plan is None and partners_on_the_roll(consultation) > 0,
        "can_run": can_run_consultations(person_of(request), consultation.review.programme),
        "can_moderate": can_moderate(person_of(request), consultation.review.programme),
    }
    return render(request, f"{PAGES}/consultation.html", context)


@form_page
def draft(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)
    check_can_run_consultations(person_of(request), review.programme)
    form = DraftConsultationForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            consultation = design.draft_consultation(
                review_id=review.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            return redirect("consultation", consultation.pk)
    return render(request, f"{PAGES}/draft.html", {"review": review, "form": form}, status=status)


@form_page
def edit(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    saved = {"title": consultation.title, "introduction": consultation.introduction, "version": consultation.version}
    form = EditConsultationForm(request.POST) if request.method == "POST" else EditConsultationForm(initial=saved)
    context: dict[str, Any] = {"form": form, "saved": None}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            design.edit_consultation(
                consultation_id=consultation.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Conflict as conflict:
            status = _tell(form, conflict)
            consultation = _over_the_latest(request, form, consultation)
            context["saved"] = consultation
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Consultation changed.")
            return redirect("consultation", consultation_id)
    context |= {"consultation": consultation}
    return render(request, f"{PAGES}/edit.html", context, status=status)


@form_page
def add_question(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    form = AddQuestionForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            design.add_question(
                consultation_id=consultation.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Question added.")
            return redirect("consultation", consultation_id)
    return _question_page(request, consultation, form, status=status)


@form_page
def change_question(request: HttpRequest, consultation_id: UUID, question_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    question = _question(consultation, question_id)
    saved = ChangeQuestionForm.values_of(question) | {"version": consultation.version}
    form = ChangeQuestionForm(request.POST) if request.method == "POST" else ChangeQuestionForm(initial=saved)
    status = 200
    shown = None
    if request.method == "POST" and form.is_valid():
        try:
            design.change_question(
                question_id=question.pk, by=person_of(request), now=business_now(), **form.cleaned_data
            )
        except Conflict as conflict:
            status = _tell(form, conflict)
            consultation = _over_the_latest(request, form, consultation)
            shown = question_of(consultation, question_id)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Question changed.")
            return redirect("consultation", consultation_id)
    return _question_page(request, consultation, form, question=question, saved=shown, status=status)


@form_page
def remove_question(request: HttpRequest, consultation_id: UUID, question_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    question = _question(consultation, question_id)
    if request.method == "POST":
        design.remove_question(question_id=question.pk, by=person_of(request), now=business_now())
        messages.success(request, "Question removed.")
        return redirect("consultation", consultation_id)
    context = {"consultation": consultation, "question": question}
    return render(request, f"{PAGES}/remove_question.html", context)


@require_POST
def move_question(request: HttpRequest, consultation_id: UUID, question_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    question = _question(consultation, question_id)
    form = MoveQuestionForm(request.POST)
    if not form.is_valid():
        raise Refused("Choose a place for the question.")
    design.move_question(
        question_id=question.pk, position=form.cleaned_data["position"], by=person_of(request), now=business_now()
    )
    return redirect("consultation", consultation_id)


@form_page
def audience(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = _to_change(request, consultation_id)
    choices = audience_to_choose(person_of(request), on=local_date(business_now()))
    if request.method == "POST":
        form = AudienceForm(request.POST, choices=choices)
    else:
        chosen = AudienceForm.values_of(audience_of(consultation))
        form = AudienceForm(initial=chosen | {"version": consultation.version}, choices=choices)
    context: dict[str, Any] = {"form": form, "saved": None}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            design.choose_audience(
                consultation_id=consultation.pk,
                **form.chosen,
                version=form.cleaned_data["version"],
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            status = _tell(form, conflict)
            consultation = _over_the_latest(request, form, consultation)
            context["saved"] = audience_of(consultation)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Audience changed.")
            return redirect("consultation", consultation_id)
    context |= {"consultation": consultation, "choices": choices}
    return render(request, f"{PAGES}/audience.html", context, status=status)


def _visible(request: HttpRequest, consultation_id: UUID) -> Consultation:
    return get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)


def _to_change(request: HttpRequest, consultation_id: UUID) -> Consultation:
    consultation = _visible(request, consultation_id)
    check_can_run_consultations(person_of(request), consultation.review.programme)
    return consultation


def _question(consultation: Consultation, question_id: UUID) -> Question:
    question = question_of(consultation, question_id)
    if question is None:
        raise Http404
    return question


def _question_page(
    request: HttpRequest,
    consultation: Consultation,
    form: forms.Form,
    *,
    question: Question | None = None,
    saved: Question | None = None,
    status: int,
) -> HttpResponse:
    context = {
        "consultation": consultation,
        "form": form,
        "question": question,
        "saved": saved,
        "option_limit": OPTION_LIMIT,
        "question_limit": QUESTION_LIMIT,
    }
    return render(request, f"{PAGES}/question.html", context, status=status)


def _over_the_latest(request: HttpRequest, form: forms.Form, consultation: Consultation) -> Consultation:
    """The consultation as saved now; saving what was typed again goes over that."""
    latest = _visible(request, consultation.pk)
    form.data = request.POST.copy()
    form.data["version"] = str(latest.version)
    return latest


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
