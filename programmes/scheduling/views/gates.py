from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.calendar.queries import working_calendar
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.files.responses import document_response
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.forms.gates import (
    RATING_HINTS,
    AnswerForm,
    CancelForm,
    ChangeGateReviewForm,
    CompleteForm,
    EmptyForm,
    EvidenceForm,
    OpenGateReviewForm,
    RecommendationForm,
)
from programmes.scheduling.models import GateReview
from programmes.scheduling.operations import gate_reviews as operations
from programmes.scheduling.permissions import (
    can_complete_gate_reviews,
    can_prepare_gate_reviews,
    check_can_complete_gate_reviews,
    check_can_prepare_gate_reviews,
)
from programmes.scheduling.queries import stages_of
from programmes.scheduling.queries.gate_reviews import (
    checks_of,
    document_in,
    evidence_of,
    follow_up_of,
    gate_reviews_of,
    is_unchanged,
    recommendations_of,
    reviews_before,
    reviews_visible_to,
    stages_to_review,
)
from programmes.scheduling.queries.gates import gate_readiness, readiness_of
from programmes.scheduling.queries.lessons import lessons_for_gates
from programmes.scheduling.rules.gates import Readiness, follow_up_on

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def gate_reviews(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Every gate of the programme with how far it is prepared, and every review of them."""
    programme = _programme(request, programme_id)
    stages = stages_of([programme.pk]).get(programme.pk, [])
    ready = gate_readiness([stage.id for stage in stages])
    context = {
        "programme": programme,
        "gates": [(stage, ready.get(stage.id, Readiness())) for stage in stages],
        "reviews": [(review, readiness_of(review)) for review in gate_reviews_of([programme.pk])],
        "can_open": can_prepare_gate_reviews(person_of(request), programme) and not programme.ended_on,
    }
    return render(request, "programmes/scheduling/gates/list.html", context)


@form_page
def open_review(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    check_can_prepare_gate_reviews(person, programme)
    form = OpenGateReviewForm(list(stages_to_review(programme.pk)), request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            opened = operations.open_gate_review(
                programme_id=programme.pk,
                stage_id=UUID(entered["stage"]),
                reviewers=entered["reviewers"],
                planned_on=entered["planned_on"],
                request_key=entered["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Review opened. Answer its checklist and add its evidence.")
            return redirect("gate_review", opened.pk)
    return render(
        request, "programmes/scheduling/gates/open.html", {"programme": programme, "form": form}, status=status
    )


@require_GET
def show(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review, person = _review(request, gate_review_id), person_of(request)
    programme, checks = review.stage.programme, checks_of(review)
    is_open = review.completed_at is None and review.cancelled_at is None
    context = {
        "review": review,
        "programme": programme,
        "checks": checks,
        "unanswered": [each for each in checks if not each.answer],
        "evidence": evidence_of(review),
        "recommendations": recommendations_of(review),
        "follow_up": follow_up_of(review) if review.completed_at else None,
        "is_unchanged": review.completed_at is not None and is_unchanged(review),
        "is_open": is_open,
        "before": [(each, readiness_of(each)) for each in reviews_before(review)],
        "lessons": lessons_for_gates(programme, person),
        "can_prepare": is_open and not programme.ended_on and can_prepare_gate_reviews(person, programme),
        "can_complete": is_open and not programme.ended_on and can_complete_gate_reviews(person, programme),
    }
    return render(request, "programmes/scheduling/gates/show.html", context)


@form_page
def change(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    form = ChangeGateReviewForm(request.POST) if request.method == "POST" else ChangeGateReviewForm.showing(review)
    return _act(
        request,
        review,
        form,
        template="change",
        done="Saved.",
        act=lambda entered: operations.change_gate_review(review_id=review.pk, **entered, **_acted(request)),
    )


@form_page
def cancel(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    form = CancelForm(request.POST if request.method == "POST" else None, initial={"version": review.version})
    return _act(
        request,
        review,
        form,
        template="cancel",
        done="Review cancelled. It stays on record with the reason.",
        act=lambda entered: operations.cancel_gate_review(review_id=review.pk, **entered, **_acted(request)),
    )


@form_page
def answer(request: HttpRequest, gate_review_id: UUID, gate_check_id: UUID) -> HttpResponse:
    """One line of the checklist; saving it leads to the next one that is not answered."""
    review = _review_to_prepare(request, gate_review_id)
    checks = checks_of(review)
    check = next((each for each in checks if each.pk == gate_check_id), None)
    if check is None:
        raise Http404
    form, status = AnswerForm(request.POST) if request.method == "POST" else AnswerForm.showing(check, review), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.answer_check(
                review_id=review.pk,
                check_id=check.pk,
                version=form.cleaned_data["version"],
                answer=CheckAnswer(form.cleaned_data["answer"]),
                note=form.cleaned_data["note"],
                **_acted(request),
            )
        except Refused as refused:
            status = _again(request, form, refused, review)
        else:
            after = [each for each in checks if each.position > check.position and not each.answer]
            messages.success(request, "Answer saved.")
            return (
                redirect("answer_gate_check", review.pk, after[0].pk) if after else redirect("gate_review", review.pk)
            )
    context = {"review": review, "check": check, "of": len(checks), "form": form}
    return render(request, "programmes/scheduling/gates/answer.html", context, status=status)


@form_page
def add_evidence(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    form = EvidenceForm(request.POST or None, request.FILES or None)

    def add(entered: dict[str, Any]) -> object:
        sent = entered.pop("file")
        upload = operations.Upload(sent.name or "", sent.read()) if sent else None
        return operations.add_evidence(review_id=review.pk, upload=upload, **entered, **_acted(request))

    return _act(request, review, form, template="evidence", done="Evidence added.", act=add)


@form_page
def remove_evidence(request: HttpRequest, gate_review_id: UUID, gate_evidence_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    found = next((each for each in evidence_of(review) if each.pk == gate_evidence_id), None)
    return _remove(
        request,
        review,
        found,
        lambda _: operations.remove_evidence(review_id=review.pk, evidence_id=gate_evidence_id, **_acted(request)),
    )


@require_GET
def document(request: HttpRequest, gate_review_id: UUID, gate_evidence_id: UUID) -> HttpResponse:
    """The document itself, for whoever may see the review."""
    found = document_in(_review(request, gate_review_id), gate_evidence_id)
    if found is None:
        raise Http404
    return document_response(found)


@form_page
def add_recommendation(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    return _act(
        request,
        review,
        RecommendationForm(request.POST or None),
        template="recommend",
        done="Recommendation added.",
        act=lambda entered: operations.add_recommendation(
            review_id=review.pk, owner_id=entered.pop("owner"), **entered, **_acted(request)
        ),
    )


@form_page
def remove_recommendation(request: HttpRequest, gate_review_id: UUID, gate_recommendation_id: UUID) -> HttpResponse:
    review = _review_to_prepare(request, gate_review_id)
    found = next((each for each in recommendations_of(review) if each.pk == gate_recommendation_id), None)
    return _remove(
        request,
        review,
        found,
        lambda _: operations.remove_recommendation(
            review_id=review.pk, recommendation_id=gate_recommendation_id, **_acted(request)
        ),
    )


@form_page
def complete(request: HttpRequest, gate_review_id: UUID) -> HttpResponse:
    review = _review(request, gate_review_id)
    check_can_complete_gate_reviews(person_of(request), review.stage.programme)
    offered = follow_up_on(local_date(business_now()), working_calendar())
    form = CompleteForm(request.POST or None, version=review.version, follow_up_on=offered)
    return _act(
        request,
        review,
        form,
        template="complete",
        done="Review completed. It is never changed again.",
        act=lambda _: operations.complete_gate_review(review_id=review.pk, **form.entered(), **_acted(request)),
        unanswered=[each for each in checks_of(review) if not each.answer],
        hints=RATING_HINTS,
    )


def _act(
    request: HttpRequest,
    review: GateReview,
    form: forms.Form,
    *,
    template: str,
    done: str,
    act: Callable[[dict[str, Any]], object],
    **context: Any,
) -> HttpResponse:
    """A page with one form; done, it leads back to the review."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act(dict(form.cleaned_data))
        except Refused as refused:
            status = _again(request, form, refused, review)
        else:
            messages.success(request, done)
            return redirect("gate_review", review.pk)
    context |= {"review": review, "form": form}
    return render(request, f"programmes/scheduling/gates/{template}.html", context, status=status)


def _remove(
    request: HttpRequest, review: GateReview, thing: object, act: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    if thing is None:
        raise Http404
    form = EmptyForm(request.POST if request.method == "POST" else None)
    return _act(request, review, form, template="remove", done="Taken out.", act=act, thing=thing)


def _again(request: HttpRequest, form: forms.Form, refused: Refused, review: GateReview) -> int:
    """Tell the refusal; after a conflict the form counts for what is saved now."""
    status = _tell(form, refused)
    if isinstance(refused, Conflict) and "version" in form.fields:
        form.data = request.POST.copy()
        form.data["version"] = str(_review(request, review.pk).version)
    return status


def _tell(form: forms.Form, refused: Refused) -> int:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409


def _acted(request: HttpRequest) -> dict[str, Any]:
    return {"by": person_of(request), "now": business_now()}


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _review(request: HttpRequest, gate_review_id: UUID) -> GateReview:
    return get_object_or_404(reviews_visible_to(person_of(request)), pk=gate_review_id)


def _review_to_prepare(request: HttpRequest, gate_review_id: UUID) -> GateReview:
    review = _review(request, gate_review_id)
    check_can_prepare_gate_reviews(person_of(request), review.stage.programme)
    return review
