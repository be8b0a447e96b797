import logging
from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import exception_handler

from partners.audit.rules import NotPermitted, Refused

NOTHING_THERE = "There is nothing here, or nothing that you may see. Check the address and the ids in it."
security_log = logging.getLogger("security")


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """400 invalid, 401 not signed in, 403 not permitted, 404 not visible, 409 refused by a rule or changed meanwhile."""
    if isinstance(exception, NotPermitted):
        request = context["request"]
        security_log.warning("denied %s %s to %s", request.method, request.path, request.user.pk)
        exception = PermissionDenied(exception.sentence)
    if isinstance(exception, Refused):
        return Response({"detail": exception.sentence, "field": exception.field}, status=409)
    if isinstance(exception, Http404):
        exception = NotFound(NOTHING_THERE)
    return exception_handler(exception, context)
