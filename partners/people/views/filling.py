"""What the pages with a form have in common."""

from django import forms
from django.http import HttpRequest, QueryDict
from django.views.decorators.http import require_http_methods

from partners.audit.rules import Refused

form_page = require_http_methods(["GET", "HEAD", "POST"])
REFUSED = 409


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form; None leaves the form empty."""
    return request.POST if request.method == "POST" else None


def tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return REFUSED


def with_version(request: HttpRequest, version: int) -> QueryDict:
    """What was typed, to be saved over this version."""
    again = request.POST.copy()
    again["version"] = str(version)
    return again
