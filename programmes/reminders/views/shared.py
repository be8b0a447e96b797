from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from partners.people.queries import person_of
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.permissions import can_see_recipients
from programmes.reminders.queries import reminder_visible_to, waves_visible_to

REFUSED = 409
form_page = require_http_methods(["GET", "HEAD", "POST"])


def wave_of(request: HttpRequest, wave_id: UUID) -> ReminderWave:
    return get_object_or_404(waves_visible_to(person_of(request)), pk=wave_id)


def reminder_of(request: HttpRequest, reminder_id: UUID) -> PlannedReminder:
    """Whom it goes to is told only to those who may see the recipients."""
    reminder = reminder_visible_to(person_of(request), reminder_id)
    if reminder is None or not can_see_recipients(person_of(request), reminder.wave):
        raise Http404
    return reminder


def page_of(request: HttpRequest, rows: Any, size: int) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))
