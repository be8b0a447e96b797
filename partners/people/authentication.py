from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.models import ApiToken, User
from partners.people.operations import note_token_use
from partners.people.queries import token_with_secret

SCHEME = b"bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <secret>``, with a token made on the person's account page."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != SCHEME:
            return None
        now = business_now()
        token = token_with_secret(parts[1].decode("latin-1"), now=now) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed("The token is unknown, revoked or expired. Make a new one on your account page.")
        if token.last_used_on != local_date(now):
            note_token_use(token, on=local_date(now))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI schema of the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
