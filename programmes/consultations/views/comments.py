"""Comments as others read them, and as moderators work through them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.forms import OpenSealedForm, VerdictForm
from programmes.consultations.models import Consultation
from programmes.consultations.operations.moderation import moderate_comment, open_sealed_comment
from programmes.consultations.permissions import check_can_moderate
from programmes.consultations.queries import (
    CommentRow,
    comment_row,
    comment_to_moderate,
    comments_of,
    consultations_visible_to,
    done_comments,
    has_shared_questions,
    queue_of,
    queues_of,
    verdicts_on,
    waiting_comments,
)
from programmes.consultations.rules import REMOVED

COMMENTS_ON_A_PAGE = 50
PAGES = "programmes/consultations/comments"


@require_safe
def comments(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """For those who see the programme; those who are asked come by their task."""
    consultation = _visible(request, consultation_id)
    return comments_page(request, consultation, back_url=reverse("consultation", args=[consultation.pk]))


@require_safe
def queues(request: HttpRequest) -> HttpResponse:
    """Everything that the person moderates."""
    return render(request, f"{PAGES}/queues.html", {"queues": queues_of(person_of(request))})


@require_safe
def queue(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    consultation = _to_moderate(request, consultation_id)
    is_done = request.GET.get("show") == "done"
    rows = (done_comments if is_done else waiting_comments)(consultation)
    page = Paginator(rows, COMMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "consultation": consultation,
        "queue": queue_of(consultation),
        "is_done": is_done,
        "page": page,
        "rows": [comment_row(each) for each in page.object_list],
    }
    return render(request, f"{PAGES}/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def moderate(request: HttpRequest, consultation_id: UUID, answer_id: int) -> HttpResponse:
    consultation = _to_moderate(request, consultation_id)
    comment = _comment(consultation, answer_id)
    form = VerdictForm(request.POST) if request.method == "POST" else VerdictForm.of(comment)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            moderate_comment(answer_id=comment.id, by=person_of(request), now=business_now(), **form.cleaned_data)
        except Conflict as conflict:
            fresh = comment_to_moderate(consultation, answer_id)
            if fresh is None:
                messages.warning(request, conflict.sentence)
                return redirect("moderation_queue", consultation.pk)
            form = VerdictForm.of(fresh)
            return _comment_page(request, consultation, answer_id, form, conflict=conflict.sentence, status=409)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            status = 409
        else:
            messages.success(request, "Your verdict is saved.")
            return redirect("moderation_queue", consultation.pk)
    return _comment_page(request, consultation, answer_id, form, status=status)


@require_POST
def open_sealed(request: HttpRequest, consultation_id: UUID, answer_id: int) -> HttpResponse:
    """Shows the original once, on the answer to this very request."""
    consultation = _to_moderate(request, consultation_id)
    comment = _comment(consultation, answer_id)
    opening = OpenSealedForm(request.POST)
    form = VerdictForm.of(comment)
    status = 200
    original = ""
    if opening.is_valid():
        try:
            original = open_sealed_comment(
                answer_id=comment.id, reason=opening.cleaned_data["why"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            opening.add_error(None, refused.sentence)
            status = 409
        else:
            form = VerdictForm.of(comment, original=original)
    return _comment_page(request, consultation, answer_id, form, opening=opening, original=original, status=status)


def comments_page(request: HttpRequest, consultation: Consultation, *, back_url: str) -> HttpResponse:
    page = Paginator(comments_of(consultation), COMMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "consultation": consultation,
        "has_shared_questions": has_shared_questions(consultation),
        "back_url": back_url,
        "page": page,
    }
    return render(request, f"{PAGES}/comments.html", context)


def _comment_page(
    request: HttpRequest,
    consultation: Consultation,
    answer_id: int,
    form: VerdictForm,
    *,
    opening: OpenSealedForm | None = None,
    original: str = "",
    conflict: str = "",
    status: int,
) -> HttpResponse:
    context: dict[str, Any] = {
        "consultation": consultation,
        "comment": _comment(consultation, answer_id),
        "verdicts": verdicts_on(answer_id),
        "form": form,
        "opening": opening or OpenSealedForm(),
        "original": original,
        "conflict": conflict,
        "removed": REMOVED,
    }
    return render(request, f"{PAGES}/comment.html", context, status=status)


def _visible(request: HttpRequest, consultation_id: UUID) -> Consultation:
    return get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)


def _to_moderate(request: HttpRequest, consultation_id: UUID) -> Consultation:
    """404 for whoever does not see the programme, 403 for whoever sees it and does not moderate."""
    consultation = _visible(request, consultation_id)
    check_can_moderate(person_of(request), consultation.review.programme)
    return consultation


def _comment(consultation: Consultation, answer_id: int) -> CommentRow:
    comment = comment_to_moderate(consultation, answer_id)
    if comment is None:
        raise Http404
    return comment
