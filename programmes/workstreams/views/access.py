"""What every page of this room does: find what this person may see, and put a refusal into the form."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Refused
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import with_standing, workstreams_visible_to
from programmes.workstreams.rules import ReportingDays

form_page = require_http_methods(["GET", "HEAD", "POST"])


def programme_or_404(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def workstream_or_404(request: HttpRequest, workstream_id: UUID, *, days: ReportingDays | None = None) -> Workstream:
    """The workstream with its programme, people and current update with author; with its standing when given the days."""
    seen = workstreams_visible_to(person_of(request)).select_related(
        "current_update__reported_by", "closed_by", "reviewer"
    )
    found: Workstream = get_object_or_404(with_standing(seen, days) if days else seen, pk=workstream_id)
    return found


def tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409


def typed_with(request: HttpRequest, **hidden: object) -> QueryDict:
    """What was typed, with other values in hidden fields: to be sent over what is saved now."""
    typed = request.POST.copy()
    for name, value in hidden.items():
        typed[name] = "" if value is None else str(value)
    return typed
