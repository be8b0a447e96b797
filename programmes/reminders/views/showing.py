from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders.enums import ReminderState
from programmes.reminders.forms import FateForm, WavesForm
from programmes.reminders.models import ReminderWave
from programmes.reminders.permissions import can_cancel_reminders, can_plan_anew, can_see_recipients, can_send_now
from programmes.reminders.queries import (
    is_subject,
    mail_as_it_reads,
    narrowed,
    recipients_of,
    rows_of,
    waves_of_programme,
    waves_of_subject,
    when_out,
)
from programmes.reminders.views.shared import page_of, wave_of

WAVES_ON_A_PAGE = 30
RECIPIENTS_ON_A_PAGE = 50


@require_GET
def of_subject(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Every wave of a review, a consultation or another thing; an empty page while nothing was planned for it."""
    waves = waves_of_subject(person_of(request), subject_id)
    first = waves.first()
    if first is None and is_subject(subject_id):
        raise Http404
    address = reverse("plan_reminders_of_subject_anew", args=[subject_id])
    return _waves(request, waves, first.programme if first else None, first, address)


@require_GET
def of_programme(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    address = reverse("plan_reminders_anew", args=[programme.pk])
    return _waves(request, waves_of_programme(person_of(request), programme), programme, None, address)


@require_GET
def wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """One notice with its words, and for those who run the programme whom it goes to and what became of it."""
    found = wave_of(request, wave_id)
    person = person_of(request)
    form = FateForm(request.GET)
    fate = form.cleaned_data["state"] if form.is_valid() else ""
    row = rows_of([found], now=business_now())[0]
    context: dict[str, Any] = {
        "wave": found,
        "row": row,
        "mail": mail_as_it_reads(found),
        "when_out": when_out(found, row.counts.get(ReminderState.PLANNED, 0)),
        "can_cancel": can_cancel_reminders(person, found),
        "can_send_now": can_send_now(person, found),
        "can_see_recipients": can_see_recipients(person, found),
        "form": form,
        "is_filtered": bool(fate),
        "now": business_now(),
    }
    if context["can_see_recipients"]:
        context["page"] = page_of(request, recipients_of(found, fate=fate), RECIPIENTS_ON_A_PAGE)
    return render(request, "programmes/reminders/wave.html", context)


def _waves(
    request: HttpRequest,
    waves: QuerySet[ReminderWave],
    programme: Programme | None,
    first: ReminderWave | None,
    plan_anew: str,
) -> HttpResponse:
    form = WavesForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"kind": "", "state": ""}
    page = page_of(request, narrowed(waves, kind=chosen["kind"], fate=chosen["state"]), WAVES_ON_A_PAGE)
    context = {
        "programme": programme,
        "place": first.place if first else None,
        "page": page,
        "rows": rows_of(list(page.object_list), now=business_now()),
        "form": form,
        "is_filtered": bool(chosen["kind"] or chosen["state"]),
        "plan_anew": plan_anew if programme and can_plan_anew(person_of(request), programme) else "",
    }
    return render(request, "programmes/reminders/waves.html", context)
