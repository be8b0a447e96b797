from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.reminders import operations
from programmes.reminders.forms import ReasonForm, SendNowForm
from programmes.reminders.permissions import check_can_cancel_reminders, check_can_send_now
from programmes.reminders.views.shared import REFUSED, form_page, reminder_of, wave_of


@form_page
def cancel_wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    wave = wave_of(request, wave_id)
    check_can_cancel_reminders(person_of(request), wave)
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def cancel(asked: dict[str, Any]) -> str:
        operations.cancel_wave(wave_id=wave.pk, by=person_of(request), now=business_now(), **asked)
        return "Reminder cancelled."

    return _act(request, form, cancel, "cancel_wave", {"wave": wave}, wave.pk)


@form_page
def cancel_reminder(request: HttpRequest, reminder_id: UUID) -> HttpResponse:
    reminder = reminder_of(request, reminder_id)
    check_can_cancel_reminders(person_of(request), reminder.wave)
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def cancel(asked: dict[str, Any]) -> str:
        operations.cancel_reminder(reminder_id=reminder.pk, by=person_of(request), now=business_now(), **asked)
        return f"Reminder to {reminder.recipient.name} cancelled."

    return _act(request, form, cancel, "cancel_reminder", {"reminder": reminder}, reminder.wave_id)


@form_page
def send_wave_now(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    wave = wave_of(request, wave_id)
    check_can_send_now(person_of(request), wave)
    form = SendNowForm(request.POST if request.method == "POST" else None)

    def send(asked: dict[str, Any]) -> str:
        people = operations.send_wave_now(wave_id=wave.pk, by=person_of(request), now=business_now(), **asked)
        return f"The reminder goes out now, to {people:,} {'person' if people == 1 else 'people'}."

    return _act(request, form, send, "send_now", {"wave": wave, "reminder": None}, wave.pk)


@form_page
def send_reminder_now(request: HttpRequest, reminder_id: UUID) -> HttpResponse:
    reminder = reminder_of(request, reminder_id)
    check_can_send_now(person_of(request), reminder.wave)
    form = SendNowForm(request.POST if request.method == "POST" else None)

    def send(asked: dict[str, Any]) -> str:
        operations.send_reminder_now(reminder_id=reminder.pk, by=person_of(request), now=business_now(), **asked)
        return f"The reminder to {reminder.recipient.name} goes out now."

    context = {"wave": reminder.wave, "reminder": reminder}
    return _act(request, form, send, "send_now", context, reminder.wave_id)


def _act(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], str],
    template: str,
    context: dict[str, Any],
    wave_id: UUID,
) -> HttpResponse:
    """One call with what was entered; a refusal stands on the form."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            told = act(form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = REFUSED
        else:
            messages.success(request, told)
            return redirect("reminder_wave", wave_id)
    return render(request, f"programmes/reminders/{template}.html", {**context, "form": form}, status=status)
