"""How somebody comes to the pages of their task: signed in, or by the answer link in their mail.

A page reached by a link works from its address alone: no sign-in, no session, no cookie but the one of its forms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from partners.clock.rules import words_for_instant
from partners.people.queries import person_of
from programmes.consultations.models import ConsultationTask
from programmes.consultations.queries import task_by_link, tasks_belonging_to

WRONG_SECRETS = {"link": 10, "address": 300}  # within five minutes, as failed sign-ins
WRONG_SECRETS_SECONDS = 5 * 60
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}
NOTES = {
    "saved": (messages.SUCCESS, "Your answers are saved. Come back and send them before {closes}."),
    "sent_already": (messages.INFO, "You have sent these answers already. To send others, change an answer first."),
    "sent_meanwhile": (
        messages.WARNING,
        "You sent your answers from another page while this one was open. This answer is kept as a change: "
        "check your answers and send them again to make it count.",
    ),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A task that somebody may answer, and where its pages are for them. ``link`` is the id and the secret of a link."""

    task: ConsultationTask
    link: tuple[UUID, str] | None = None

    def to(self, page: str, *more: object) -> str:
        """The address of a page of the task, named as for somebody who is signed in."""
        if self.link:
            return reverse(f"link_{page}", args=[*self.link, *more])
        return reverse(page, args=[self.task.pk, *more])

    @property
    def list_url(self) -> str | None:
        """Where all their tasks are; a link opens one."""
        return None if self.link else reverse("my_tasks")

    def go(self, request: HttpRequest, address: str, *, note: str) -> HttpResponseRedirect:
        """Lead on with a notice: in a cookie of somebody who is signed in, else in the address."""
        if self.link:
            return redirect(f"{address}?note={note}")
        self.tell(request, note)
        return redirect(address)

    def tell(self, request: HttpRequest, note: str) -> None:
        level, words = NOTES[note]
        closes = words_for_instant(self.task.consultation.review.closes_at)
        messages.add_message(request, level, words.format(closes=closes))


Page = Callable[..., HttpResponse]


def own(view: Page) -> Page:
    """The page for whoever is asked and signed in. 404 for everybody else, administrators included."""

    @wraps(view)
    def page(request: HttpRequest, task_id: UUID, **more: UUID) -> HttpResponse:
        return view(request, Way(get_object_or_404(tasks_belonging_to(person_of(request)), pk=task_id)), **more)

    return page


def by_link(view: Page) -> Page:
    """The same page for whoever has the secret of a live link. Whoever may be signed in in this browser does not count."""

    @login_not_required
    @wraps(view)
    def page(request: HttpRequest, link_id: UUID, secret: str, **more: UUID) -> HttpResponse:
        request.user = AnonymousUser()
        response = _answer(view, request, link_id, secret, **more)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return page


def _answer(view: Page, request: HttpRequest, link_id: UUID, secret: str, **more: UUID) -> HttpResponse:
    """The right secret is never refused, so nobody can shut somebody else out by trying wrong ones."""
    task = task_by_link(link_id, secret)
    if task is None:
        return _no_link(request, status=429 if _are_too_many(request, link_id) else 404)
    way = Way(task, (link_id, secret))
    if request.GET.get("note") in NOTES:
        way.tell(request, request.GET["note"])
    try:
        return view(request, way, **more)
    except Http404:
        return _no_link(request, status=404)


def _no_link(request: HttpRequest, *, status: int) -> HttpResponse:
    return render(
        request, "programmes/consultations/answering/no_link.html", {"is_throttled": status == 429}, status=status
    )


def _are_too_many(request: HttpRequest, link_id: UUID) -> bool:
    """Counts one wrong secret, for the link and for where it comes from."""
    kept = {"link": str(link_id), "address": get_adapter().get_client_ip(request)}
    return any(_count(f"wrong-secret/{key}/{kept[key]}") > most for key, most in WRONG_SECRETS.items())


def _count(key: str) -> int:
    cache.add(key, 0, timeout=WRONG_SECRETS_SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out just now
        return 1
