from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages as banners
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from partners.post.enums import (
    EmailChoice,
    HoldKind,
    MessageState,
    Resolution,
)
from partners.post.forms import (
    ConfirmForm,
    InboxForm,
    PostSettingsForm,
    PreferenceForm,
    ReasonForm,
    ReleaseForm,
    ResolveForm,
    SettleForm,
    StateForm,
    StopForm,
)
from partners.post.models import (
    Message,
)
from partners.post.operations import (
    desk,
    feeds,
    holding,
    inbox,
    preferences,
)
from partners.post.permissions import (
    check_can_manage_post,
)
from partners.post.queries import (
    SHOWN,
    address_of_feed,
    attempts_at,
    counts_by_state,
    held_messages,
    inbox_of,
    live_feeds_of,
    mail,
    messages,
    oldest_overdue,
    open_holds,
    post_health,
    post_settings,
    preference_of,
    send_window,
    suppressed_addresses,
    unread_of,
)
from partners.post.transports.installed import installed_promise

MESSAGES_ON_A_PAGE = 50
ENTRIES_ON_A_PAGE = 25
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def post_settings_page(request: HttpRequest) -> HttpResponse:
    check_can_manage_post(person_of(request))
    found = post_settings()
    form = PostSettingsForm(request.POST) if request.method == "POST" else PostSettingsForm.showing(found)
    context: dict[str, Any] = {"form": form, "differences": [], "promise": installed_promise()}
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
    rows = mail().filter(state=state) if state else mail()
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


@require_GET
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What has come into one's inbox, unread first."""
    person = person_of(request)
    form = InboxForm(request.GET)
    is_filtered = form.is_valid() and form.cleaned_data["show"] == "unread"
    context = {
        "form": form,
        "is_filtered": is_filtered,
        "unread": unread_of(person).count(),
        "page": Paginator(unread_of(person) if is_filtered else inbox_of(person), ENTRIES_ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "partners/post/inbox.html", context)


@require_POST
def read_entry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Opens what an entry is about. A button and not a link, so that no scanner of addresses reads for the person."""
    person = person_of(request)
    entry = get_object_or_404(inbox_of(person), pk=message_id)
    inbox.note_reading(entry.pk, person=person, now=business_now())
    return redirect(entry.link_path or reverse("inbox_entry", args=[entry.pk]))


@require_GET
def inbox_entry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One entry in full."""
    entry = get_object_or_404(inbox_of(person_of(request)), pk=message_id)
    return render(request, "partners/post/inbox_entry.html", {"entry": entry})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    inbox.note_all_read(person=person_of(request), now=business_now())
    banners.success(request, "Everything is marked as read.")
    return redirect("inbox")


@form_page
def preferences_page(request: HttpRequest) -> HttpResponse:
    """How one is reminded, and the addresses of one's calendar."""
    person = person_of(request)
    found = preference_of(person)
    form = PreferenceForm(request.POST) if request.method == "POST" else PreferenceForm.showing(found)
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            preferences.change_preference(
                email=EmailChoice(entered["email"]),
                digest_at=entered["digest_at"] or found.digest_at,
                version=entered["version"],
                by=person,
                now=business_now(),
            )
        except Conflict as conflict:
            form.data = _with_version(request, preference_of(person).version)
            form.add_error(None, conflict.sentence)
            status = 409
        except Refused as refused:
            form.add_error(refused.field, refused.sentence)
            status = 409
        else:
            banners.success(request, "Your choice is saved.")
            return redirect("reminder_preferences")
    context = {"form": form, "window": send_window().words, "feeds": list(live_feeds_of(person))}
    return render(request, "partners/post/preferences.html", context, status=status)


@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """Shown here and not after a redirect: the secret goes into no session and no address."""
    try:
        made = feeds.make_feed(by=person_of(request), now=business_now())
    except Refused as refused:
        banners.error(request, refused.sentence)
        return redirect("reminder_preferences")
    context = {"address": address_of_feed(made.secret)}
    return render(request, "partners/post/feed_made.html", context, status=201)


@form_page
def revoke_feed(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    person = person_of(request)
    feed = get_object_or_404(live_feeds_of(person), pk=feed_id)
    if request.method == "POST":
        feeds.revoke_feed(feed_id=feed.pk, by=person, now=business_now())
        banners.success(request, "The calendar address no longer works.")
        return redirect("reminder_preferences")
    return render(request, "partners/post/revoke_feed.html", {"feed": feed})


def post_health_page(request: HttpRequest) -> HttpResponse:
    """What waits, what is held and whether every loop runs, with what to do about it."""
    check_can_manage_post(person_of(request))
    context = {
        "health": post_health(now=business_now()),
        "held": list(held_messages()[:SHOWN]),
        "states": MessageState,
        "can_stop": not open_holds().filter(kind=HoldKind.PERSON).exists(),
    }
    return render(request, "partners/post/health.html", context)


@form_page
def stop_sending(request: HttpRequest) -> HttpResponse:
    check_can_manage_post(person_of(request))
    form = StopForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        holding.stop_sending(words=form.cleaned_data["words"], by=person_of(request), now=business_now())

    return _acted(request, form, act, "No mail goes out until somebody lets it go on.", "partners/post/stop.html", {})


@form_page
def release_hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    check_can_manage_post(person_of(request))
    hold = get_object_or_404(open_holds(), pk=hold_id)
    form = ReleaseForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        note = form.cleaned_data["note"]
        holding.release_hold(hold_id=hold.pk, note=note, by=person_of(request), now=business_now())

    return _acted(request, form, act, "Mail goes out again.", "partners/post/release.html", {"hold": hold})


@form_page
def settle_messages(request: HttpRequest) -> HttpResponse:
    check_can_manage_post(person_of(request))
    held = list(held_messages()[:SHOWN])
    form = SettleForm(request.POST if request.method == "POST" else None, held=held)

    def act() -> None:
        entered = form.cleaned_data
        desk.resolve_held_messages(
            message_ids=[UUID(found) for found in entered["messages"]],
            resolution=Resolution(entered["resolution"]),
            reason=entered["reason"],
            by=person_of(request),
            now=business_now(),
        )

    return _acted(request, form, act, "Messages settled.", "partners/post/settle.html", {"held": held})


@form_page
def lift_suppression(request: HttpRequest, suppression_id: UUID) -> HttpResponse:
    check_can_manage_post(person_of(request))
    found = get_object_or_404(suppressed_addresses(), pk=suppression_id)
    form = ConfirmForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        desk.lift_suppression(suppression_id=found.pk, by=person_of(request), now=business_now())

    return _acted(request, form, act, "Mail goes to this address again.", "partners/post/lift.html", {"found": found})


def _acted(
    request: HttpRequest, form: Form, act: Callable[[], None], done: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Does it and goes back to the health page, or shows the form with what speaks against it."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            status = 409
        else:
            banners.success(request, done)
            return redirect("post_health")
    return render(request, template, {"form": form, **context}, status=status)


def _message(request: HttpRequest, message_id: UUID) -> Message:
    check_can_manage_post(person_of(request))
    return get_object_or_404(messages(), pk=message_id)


def _with_version(request: HttpRequest, version: int) -> Any:
    typed = request.POST.copy()
    typed["version"] = str(version)
    return typed
