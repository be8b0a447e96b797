from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest

from partners.people.enums import ScopeKind
from partners.people.models import ApiToken, Scope, User
from partners.people.rules import hash_of


def active_people() -> QuerySet[User]:
    """Everyone who can sign in, by name."""
    return User.objects.filter(is_active=True).order_by("name", "pk")


def token_with_secret(secret: str, *, now: datetime) -> ApiToken | None:
    """The live token of an active person with this secret, with its user; one query."""
    return (
        ApiToken.objects.select_related("user")
        .filter(secret_hash=hash_of(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )


def organisation() -> Scope:
    """The scope of the whole organisation."""
    return Scope.objects.get(kind=ScopeKind.ORGANISATION)


def person_of(request: HttpRequest) -> User:
    """Who is signed in. Every page and endpoint but the public ones requires it, so there is somebody."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in: this page must require it.")
    return request.user
