from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.models import AnswerLink, Consultation
from programmes.consultations.operations.links import replace_link, revoke_link
from programmes.consultations.permissions import check_can_run_consultations
from programmes.consultations.queries import answer_link_of, answer_links_of, consultations_visible_to

PAGES = "programmes/consultations/links"
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def show(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Which contacts have a link, never its secret, nor whether they have answered."""
    consultation = _to_run(request, consultation_id)
    state = consultation.state_at(business_now())
    context = {
        "consultation": consultation,
        "links": list(answer_links_of(consultation)),
        "is_over": state.value in ("closed", "cancelled"),
    }
    return render(request, f"{PAGES}/links.html", context)


@form_page
def revoke(request: HttpRequest, consultation_id: UUID, link_id: UUID) -> HttpResponse:
    return _confirmed(request, consultation_id, link_id, "revoke", revoke_link, "The link is revoked.")


@form_page
def replace(request: HttpRequest, consultation_id: UUID, link_id: UUID) -> HttpResponse:
    return _confirmed(request, consultation_id, link_id, "replace", replace_link, "A new link is on its way.")


def _confirmed(
    request: HttpRequest,
    consultation_id: UUID,
    link_id: UUID,
    page: str,
    act: Callable[..., AnswerLink],
    done: str,
) -> HttpResponse:
    consultation = _to_run(request, consultation_id)
    link = answer_link_of(consultation, link_id)
    if link is None:
        raise Http404
    if request.method == "POST":
        act(link_id=link.pk, by=person_of(request), now=business_now())
        messages.success(request, done)
        return redirect("answer_links", consultation.pk)
    return render(request, f"{PAGES}/{page}.html", {"consultation": consultation, "link": link})


def _to_run(request: HttpRequest, consultation_id: UUID) -> Consultation:
    consultation = get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)
    check_can_run_consultations(person_of(request), consultation.review.programme)
    return consultation
