"""What a request may carry before any page or endpoint sees it."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

Handler = Callable[[HttpRequest], HttpResponse]
NUL_WORDS = "The request holds a NUL character, which no text here may. Take it out."


class PlainTextMiddleware:
    """Refuses NUL in the address, the query, cookies and form fields: PostgreSQL cannot store or compare it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request.path, *request.GET, *_values(request.GET), *request.COOKIES.values()):
            return _refused(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Form fields are read here, where the CSRF check has read them anyway."""
        return _refused(request) if _has_nul(*request.POST, *_values(request.POST)) else None


class ParametersMiddleware:
    """An endpoint takes the query parameters that its documentation names, and no others."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.GET or request.resolver_match is None or not is_for_the_api(request):
            return None
        known = documented_parameters().get((_shape(request.resolver_match.route), (request.method or "").lower()))
        unknown = [name for name in request.GET if known is not None and name not in known]
        if not unknown:
            return None
        offer = f"Use {', '.join(sorted(known or ()))}." if known else "It takes none."
        return JsonResponse({"detail": f"There is no parameter {unknown[0][:50]!r} here. {offer}"}, status=400)


def is_for_the_api(request: HttpRequest) -> bool:
    """Whether the answer is JSON, also where there is no such endpoint."""
    return request.path.startswith("/api/")


@cache
def documented_parameters() -> dict[tuple[str, str], frozenset[str]]:
    """Query parameters by path and method, from the OpenAPI schema; made once, when first asked."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return {
        (_shape(path), method): frozenset(
            each["name"] for each in operation.get("parameters", []) if each["in"] == "query"
        )
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def _shape(path: str) -> str:
    """A route or a path of the schema without the names of its places: both become ``api/people/{}/``."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path).lstrip("/")


def _values(fields: Any) -> list[str]:
    return [value for values in fields.lists() for value in values[1]]


def _has_nul(*texts: str) -> bool:
    return any("\0" in text for text in texts)


def _refused(request: HttpRequest) -> HttpResponse:
    if is_for_the_api(request):
        return JsonResponse({"detail": NUL_WORDS}, status=400)
    return render(request, "errors/400.html", status=400)
