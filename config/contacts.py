"""What a partner's contact may open: these routes and no other, whatever a room adds later."""

from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.middleware import Handler
from partners.people.models import User

OPEN = frozenset(
    {
        "accessibility",
        "api_docs",
        "api_end_session",
        "api_me",
        "api_my_answer",
        "api_my_comments",
        "api_my_responses",
        "api_my_task",
        "api_my_tasks",
        "api_own_organisation",
        "api_revoke_token",
        "api_schema",
        "api_sessions",
        "api_submit_my_answers",
        "api_tokens",
        "check_answers",
        "demo_sign_in",
        "health_live",
        "health_ready",
        "help",
        "home",
        "my_account",
        "my_tasks",
        "own_organisation",
        "privacy",
        "session_end",
        "task",
        "token_new",
        "token_revoke",
    }
)
OPEN_BEGINNINGS = ("account_", "link_", "mfa_", "task_")


def is_open_to_contacts(route: str | None) -> bool:
    """Whether a contact may open the route of this name; the page or endpoint still shows them only their own."""
    return route is not None and (route in OPEN or route.startswith(OPEN_BEGINNINGS))


class ContactMiddleware:
    """To a partner's contact every other page, and every endpoint that they call with a session, does not exist."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        _check(request, request.user)


class OpenToContacts(BasePermission):
    """The same for whoever calls with a token, whom the middleware does not know yet."""

    def has_permission(self, request: Request, view: object) -> bool:
        _check(request, request.user)
        return True


def _check(request: HttpRequest | Request, user: object) -> None:
    route = request.resolver_match.view_name if request.resolver_match else None
    if isinstance(user, User) and user.is_partner and not is_open_to_contacts(route):
        raise Http404
