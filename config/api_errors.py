import logging
from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.views import exception_handler

from partners.audit.rules import NotPermitted, Refused

security_log = logging.getLogger("security")


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """400 invalid, 401 not signed in, 403 not permitted, 404 not visible, 409 refused by a rule or changed meanwhile."""
    if isinstance(exception, NotPermitted):
        request = context["request"]
        security_log.warning("denied %s %s to %s", request.method, request.path, request.user.pk)
        exception = PermissionDenied(exception.sentence)
    if isinstance(exception, Refused):
        return Response({"detail": exception.sentence, "field": exception.field}, status=409)
    return exception_handler(exception, context)
