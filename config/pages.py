"""Pages that belong to no room: privacy, help, accessibility, errors, and the gallery of components."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path

from config import gallery
from config.api_errors import NOTHING_THERE, SENTENCES
from config.requests import is_for_the_api

BROKEN = "Something is broken here, and it is logged. Try again; if it stays, tell the administrator what you called and when."


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    cookies = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "csrf_days": timedelta(seconds=settings.CSRF_COOKIE_AGE).days,
    }
    return render(request, "pages/privacy.html", cookies)


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_the_api(request):
        return JsonResponse({"detail": SENTENCES["Malformed request."]}, status=400)
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_the_api(request):
        return JsonResponse({"detail": NOTHING_THERE}, status=404)
    return render(request, "errors/404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request, so that nothing around the page can fail a second time."""
    if is_for_the_api(request):
        return JsonResponse({"detail": BROKEN}, status=500)
    return HttpResponse(render_to_string("errors/500.html"), status=500)


urlpatterns: list[URLPattern] = [
    path("privacy/", privacy, name="privacy"),
    path("help/", help_page, name="help"),
    path("accessibility/", accessibility, name="accessibility"),
    *(gallery.urlpatterns if settings.MODE != "production" else []),
]
