from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.reminders import operations
from programmes.reminders.forms import FateForm, ReasonForm
from programmes.reminders.models import ReminderWave
from programmes.reminders.permissions import can_cancel_reminders, can_see_recipients, check_can_cancel_reminders
from programmes.reminders.queries import (
    is_subject,
    recipients_of,
    reminder_visible_to,
    rows_of,
    waves_of_programme,
    waves_of_subject,
    waves_visible_to,
)
from programmes.reminders.rules import paragraphs

WAVES_ON_A_PAGE = 30
RECIPIENTS_ON_A_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def of_subject(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Every wave of a review or consultation; an empty page while nothing was planned for it."""
    page = _page(request, waves_of_subject(person_of(request), subject_id), WAVES_ON_A_PAGE)
    waves = list(page.object_list)
    if not waves and is_subject(subject_id):
        raise Http404
    context = {
        "programme": waves[0].programme if waves else None,
        "page": page,
        "rows": rows_of(waves, now=business_now()),
    }
    return render(request, "programmes/reminders/waves.html", context)


@require_GET
def of_programme(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    page = _page(request, waves_of_programme(person_of(request), programme), WAVES_ON_A_PAGE)
    context = {"programme": programme, "page": page, "rows": rows_of(list(page.object_list), now=business_now())}
    return render(request, "programmes/reminders/waves.html", context)


@require_GET
def wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """One notice with its words, and for those who run the programme whom it goes to and what became of it."""
    found = _wave(request, wave_id)
    person = person_of(request)
    form = FateForm(request.GET)
    fate = form.cleaned_data["state"] if form.is_valid() else ""
    context: dict[str, Any] = {
        "wave": found,
        "row": rows_of([found], now=business_now())[0],
        "paragraphs": paragraphs(found.mail_text),
        "can_cancel": can_cancel_reminders(person, found.programme),
        "can_see_recipients": can_see_recipients(person, found.programme),
        "form": form,
        "is_filtered": bool(fate),
    }
    if context["can_see_recipients"]:
        context["page"] = _page(request, recipients_of(found, fate=fate), RECIPIENTS_ON_A_PAGE)
    return render(request, "programmes/reminders/wave.html", context)


@form_page
def cancel_wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    found = _wave(request, wave_id)
    check_can_cancel_reminders(person_of(request), found.programme)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.cancel_wave(
                wave_id=found.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = 409
        else:
            messages.success(request, "Reminder cancelled.")
            return redirect("reminder_wave", found.pk)
    return render(request, "programmes/reminders/cancel_wave.html", {"wave": found, "form": form}, status=status)


@form_page
def cancel_reminder(request: HttpRequest, reminder_id: UUID) -> HttpResponse:
    reminder = reminder_visible_to(person_of(request), reminder_id)
    if reminder is None or not can_see_recipients(person_of(request), reminder.wave.programme):
        raise Http404
    check_can_cancel_reminders(person_of(request), reminder.wave.programme)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.cancel_reminder(
                reminder_id=reminder.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = 409
        else:
            messages.success(request, f"Reminder to {reminder.recipient.name} cancelled.")
            return redirect("reminder_wave", reminder.wave_id)
    context = {"reminder": reminder, "form": form}
    return render(request, "programmes/reminders/cancel_reminder.html", context, status=status)


def _wave(request: HttpRequest, wave_id: UUID) -> ReminderWave:
    return get_object_or_404(waves_visible_to(person_of(request)), pk=wave_id)


def _page(request: HttpRequest, rows: Any, size: int) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))
