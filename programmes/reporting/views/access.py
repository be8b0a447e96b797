"""What every page of this room does: find what this person may see, and put a refusal into the form."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Refused
from partners.people.models import User
from partners.people.queries import person_of
from programmes.reporting.queries import update_in_full
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.permissions import check_can_report
from programmes.workstreams.queries import AnyDays, are_withheld, with_standing, workstreams_visible_to
from programmes.workstreams.rules import Excepted

form_page = require_http_methods(["GET", "HEAD", "POST"])


def workstream_or_404(request: HttpRequest, workstream_id: UUID, *, days: AnyDays | None = None) -> Workstream:
    """The workstream with its programme and lead; with its standing when given the days."""
    seen = workstreams_visible_to(person_of(request)).select_related("closed_by", "reviewer")
    found: Workstream = get_object_or_404(with_standing(seen, days) if days else seen, pk=workstream_id)
    return found


def workstream_to_report(request: HttpRequest, workstream_id: UUID, *, now: datetime) -> Workstream:
    """Raises: Http404, NotPermitted, and Refused before somebody writes a report on a closed workstream."""
    workstream = workstream_or_404(request, workstream_id)
    check_can_report(person_of(request), workstream, now=now)
    if workstream.closed_at and request.method != "POST":
        raise Refused(f"{workstream.name} is closed and takes no reports. Ask the programme manager to reopen it.")
    return workstream


def latest_of(workstream: Workstream) -> StatusUpdate | None:
    """The status that stands, in full."""
    return update_in_full(workstream, workstream.current_update_id) if workstream.current_update_id else None


def update_or_404(
    workstream: Workstream, update_id: UUID, *, reader: User | None = None, withheld: Collection[Excepted] = ()
) -> StatusUpdate:
    """One status of the workstream in full, with the workstream; not found where its rating is withheld from a reader
    who did not write it."""
    update = update_in_full(workstream, update_id)
    if update is None or (are_withheld(withheld, update.period_on) and update.reported_by != reader):
        raise Http404
    update.workstream = workstream
    return update


def tell(form: forms.Form, refused: Refused, *, field: str | None = None) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(field or (refused.field if refused.field in form.fields else None), refused.sentence)
    return 409


def typed_with(request: HttpRequest, **hidden: object) -> QueryDict:
    """What was typed, with other values in hidden fields: to be sent over what is saved now."""
    typed = request.POST.copy()
    for name, value in hidden.items():
        typed[name] = "" if value is None else str(value)
    return typed
