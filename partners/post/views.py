from typing import Any
from uuid import UUID

from django.contrib import messages as banners
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from partners.post.enums import MessageState, Resolution
from partners.post.forms import PostSettingsForm, ReasonForm, ResolveForm, StateForm
from partners.post.models import Message
from partners.post.operations import desk
from partners.post.permissions import check_can_manage_post
from partners.post.queries import attempts_at, counts_by_state, messages, oldest_overdue, post_settings

MESSAGES_ON_A_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def post_settings_page(request: HttpRequest) -> HttpResponse:
    check_can_manage_post(person_of(request))
    found = post_settings()
    form = PostSettingsForm(request.POST) if request.method == "POST" else PostSettingsForm.showing(found)
    context: dict[str, Any] = {"form": form, "differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            desk.change_post_settings(**form.cleaned_data, by=person_of(request), now=business_now())
        except Conflict as conflict:
            found = post_settings()
            form.data = _with_version(request, found.version)
            form.add_error(None, conflict.sentence)
            context["differences"] = form.differences(found)
            status = 409
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            banners.success(request, "Settings of mail changed.")
            return redirect("post_settings")
    return render(request, "partners/post/settings.html", context, status=status)


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Every message by state, with what needs a person on top."""
    check_can_manage_post(person_of(request))
    form = StateForm(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    rows = messages().filter(state=state) if state else messages()
    context = {
        "form": form,
        "is_filtered": bool(state),
        "counts": counts_by_state(),
        "overdue_since": oldest_overdue(now=business_now()),
        "page": Paginator(rows, MESSAGES_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "partners/post/outbox.html", context)


@require_GET
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    found = _message(request, message_id)
    context = {
        "message": found,
        "attempts": list(attempts_at(found)),
        "can_resolve": found.state == MessageState.HELD,
        "can_cancel": found.state in desk.CANCELLABLE,
    }
    return render(request, "partners/post/message.html", context)


@form_page
def resolve(request: HttpRequest, message_id: UUID) -> HttpResponse:
    found = _message(request, message_id)
    form = ResolveForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        resolution = Resolution(form.cleaned_data["resolution"])
        try:
            desk.resolve_held_message(
                message_id=found.pk, resolution=resolution, by=person_of(request), now=business_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = 409
        else:
            banners.success(request, "Message settled.")
            return redirect("post_message", found.pk)
    return render(request, "partners/post/resolve.html", {"message": found, "form": form}, status=status)


@form_page
def cancel(request: HttpRequest, message_id: UUID) -> HttpResponse:
    found = _message(request, message_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            desk.cancel_message(
                message_id=found.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = 409
        else:
            banners.success(request, "Message cancelled.")
            return redirect("post_message", found.pk)
    return render(request, "partners/post/cancel.html", {"message": found, "form": form}, status=status)


def _message(request: HttpRequest, message_id: UUID) -> Message:
    check_can_manage_post(person_of(request))
    return get_object_or_404(messages(), pk=message_id)


def _with_version(request: HttpRequest, version: int) -> Any:
    typed = request.POST.copy()
    typed["version"] = str(version)
    return typed
