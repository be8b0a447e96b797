import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from partners.audit.rules import NotPermitted, Refused

security_log = logging.getLogger("security")
Handler = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turns a refusal that no view has caught into a page: 403 for a person, 409 for a rule. Denials are logged."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotPermitted):
            security_log.warning("denied %s %s to %s", request.method, request.path, request.user.pk)
            return render(request, "errors/403.html", {"sentence": exception.sentence}, status=403)
        if isinstance(exception, Refused):
            return render(request, "errors/409.html", {"sentence": exception.sentence}, status=409)
        return None


class PersonalPageMiddleware:
    """A page made for a signed-in person is kept by no cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
