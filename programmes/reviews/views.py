from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reviews.forms import CancelReviewForm, OpenReviewForm
from programmes.reviews.operations import cancel_review, open_review
from programmes.reviews.permissions import can_run_review, check_can_run_review
from programmes.reviews.queries import reviews_of, reviews_visible_to
from programmes.reviews.rules import plan_review


@require_GET
def list_reviews(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    context = {
        "programme": programme,
        "reviews": reviews_of([programme.pk], business_now()),
        "can_run": can_run_review(person_of(request), programme),
    }
    return render(request, "programmes/reviews/list.html", context)


def open_new(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    check_can_run_review(person_of(request), programme)
    form = OpenReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _plan_or_open(request, programme, form)
    return render(request, "programmes/reviews/open.html", {"programme": programme, "form": form, "plan": None})


def cancel(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_object_or_404(reviews_visible_to(person_of(request)), pk=review_id)
    check_can_run_review(person_of(request), review.programme)
    form = CancelReviewForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            cancel_review(
                review_id=review.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            messages.success(request, "Review cancelled. Everybody who was asked can read why.")
            return redirect("review", review.pk)
    return render(request, "programmes/reviews/cancel.html", {"review": review, "form": form}, status=status)


def _plan_or_open(request: HttpRequest, programme: Programme, form: OpenReviewForm) -> HttpResponse:
    """Shows the dates first; opens when the dates that were shown are still those entered."""
    entered = form.cleaned_data
    length: dict[str, Any] = (
        {"closes_on": entered["closes_on"]} if entered["closes_on"] else {"weeks": entered["weeks"]}
    )
    context: dict[str, Any] = {"programme": programme, "form": form, "plan": None}
    try:
        if request.POST.get("step") == "open" and entered["dates_shown"] == form.dates:
            review = open_review(
                programme_id=programme.pk,
                title=entered["title"],
                purpose=entered["purpose"],
                starts_on=entered["starts_on"],
                request_key=entered["request_key"],
                by=person_of(request),
                now=business_now(),
                **length,
            )
            messages.success(request, "Review set up. Next, draft a consultation.")
            return redirect("review", review.pk)
        context["plan"] = plan_review(entered["starts_on"], calendar=working_calendar(), **length)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return render(request, "programmes/reviews/open.html", context, status=409)
    form.data = request.POST.copy()
    form.data["dates_shown"] = form.dates
    return render(request, "programmes/reviews/open.html", context)
