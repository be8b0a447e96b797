"""What the pages with a form have in common."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.consortia.models import Consortium
from partners.consortia.queries import consortia_visible_to
from partners.organisations.models import Organisation
from partners.organisations.permissions import can_see_partners
from partners.organisations.queries import organisations_visible_to
from partners.people.models import User
from partners.people.queries import person_of

form_page = require_http_methods(["GET", "HEAD", "POST"])
REFUSED = 409
DONE = 0


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form; None leaves the form empty."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.Form, act: Callable[[dict[str, Any]], object]) -> int:
    """Do the act with what was entered. Returns DONE, or the status of the page that shows the form (again).

    A refusal stands in the form, where it belongs.

    Raises: Conflict, where the page has to show what is saved now.
    """
    if not (form.is_bound and form.is_valid()):
        return 200
    try:
        act(form.cleaned_data)
    except Conflict:
        raise
    except Refused as refused:
        return tell(form, refused)
    return DONE


def tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return REFUSED


def tell_conflict(request: HttpRequest, form: forms.Form, conflict: Conflict, *, version: int) -> int:
    """Say who changed what, and let a second try save over ``version``; returns the status of the page."""
    form.data = request.POST.copy()
    form.data["version"] = str(version)
    return tell(form, conflict)


def reader_of(request: HttpRequest) -> User:
    """Whoever sees organisations and consortia; nobody else is told that these pages exist."""
    person = person_of(request)
    if not can_see_partners(person):
        raise Http404
    return person


def organisation_or_404(request: HttpRequest, organisation_id: UUID) -> Organisation:
    return get_object_or_404(organisations_visible_to(person_of(request)), pk=organisation_id)


def consortium_or_404(request: HttpRequest, consortium_id: UUID) -> Consortium:
    return get_object_or_404(consortia_visible_to(person_of(request)), pk=consortium_id)
