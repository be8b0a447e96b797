"""What every page of this room does: find what this person may see, and put a refusal into the form."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.decisions.forms import ComparingForm
from programmes.decisions.models import Decision
from programmes.decisions.permissions import check_can_propose, check_not_frozen
from programmes.decisions.queries import decisions_visible_to
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

form_page = require_http_methods(["GET", "HEAD", "POST"])


def programme_or_404(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def decision_or_404(request: HttpRequest, decision_id: UUID) -> Decision:
    """The decision with its programme, scope and office."""
    seen = decisions_visible_to(person_of(request), on=local_date(business_now()))
    return get_object_or_404(seen, pk=decision_id)


def decision_to_change(request: HttpRequest, decision_id: UUID) -> Decision:
    """Raises: Http404, NotPermitted, and Refused before somebody works on a decision that is never changed."""
    decision = decision_or_404(request, decision_id)
    check_can_propose(person_of(request), decision.programme)
    if request.method != "POST":
        check_not_frozen(decision)
    return decision


def sees_programme(request: HttpRequest, programme: Programme) -> bool:
    """Whoever holds an office sees a decision that waits for it, and of its programme the name alone."""
    return programmes_visible_to(person_of(request)).filter(pk=programme.pk).exists()


def tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409


def tell_difference(
    request: HttpRequest, form: ComparingForm, conflict: Conflict, *, version: int, saved: Callable[[], dict[str, Any]]
) -> list[tuple[str, str, str]]:
    """Put the conflict into the form, to be saved over the version that is saved now; returns where the two differ."""
    form.add_error(None, conflict.sentence)
    form.data = request.POST.copy()
    form.data["version"] = str(version)
    return form.differences(saved())
