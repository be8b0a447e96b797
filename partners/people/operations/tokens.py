"""API tokens: secrets that sign API calls in as their owner."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import NotPermitted, Refused
from partners.people import changes
from partners.people.models import ApiToken, User
from partners.people.permissions import is_administrator
from partners.people.rules import LONGEST_TOKEN_DAYS, hash_of, new_secret

MOST_TOKENS = 20


class TokenRefused(Refused):
    """The token cannot be made, or is revoked already."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. The secret is shown to its owner once and never again."""

    token: ApiToken
    secret: str


@transaction.atomic(durable=True)
def create_token(*, name: str, days: int, by: User, now: datetime) -> NewToken:
    """Make a token of one's own that works for a number of days.

    Raises: TokenRefused when the days are not 1 to 365, a live token has this name, or there are too many.
    """
    owner = changes.lock_person(by.pk)
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise TokenRefused(f"A token works for 1 to {LONGEST_TOKEN_DAYS} days. Choose a number of days.", field="days")
    live = ApiToken.objects.filter(user=owner, revoked_at=None, expires_at__gt=now)
    if live.filter(name=name).exists():
        raise TokenRefused(f"You have a token called {name}. Use another name, or revoke that one.", field="name")
    if live.count() >= MOST_TOKENS:
        raise TokenRefused(f"You have {MOST_TOKENS} tokens. Revoke one that you no longer need.")
    secret = new_secret()
    token = ApiToken.objects.create(
        user=owner, name=name, secret_hash=hash_of(secret), created_at=now, expires_at=now + timedelta(days=days)
    )
    record(
        by=by,
        now=now,
        action="people.create_token",
        subject=owner,
        summary=f"made the API token {name}",
        after={"token": name, "expires_at": token.expires_at.isoformat()},
    )
    return NewToken(token, secret)


@transaction.atomic(durable=True)
def revoke_token(*, token_id: UUID, by: User, now: datetime) -> ApiToken:
    """Revoke a token: one's own, or as an administrator anybody's. It stops working at once.

    Raises: NotPermitted; TokenRefused when it is revoked already.
    """
    token = ApiToken.objects.select_related("user").select_for_update(of=("self",)).get(pk=token_id)
    if token.user_id != by.pk and not is_administrator(by):
        raise NotPermitted("You cannot revoke the API token of somebody else. Ask an administrator.")
    if token.revoked_at:
        raise TokenRefused(f"The token {token.name} is already revoked. Nothing has changed.")
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    whose = "" if token.user_id == by.pk else f" of {token.user.name}"
    record(
        by=by,
        now=now,
        action="people.revoke_token",
        subject=token.user,
        summary=f"revoked the API token {token.name}{whose}",
        before={"token": token.name},
    )
    return token


@transaction.atomic(durable=True)
def note_token_use(token: ApiToken, *, on: date) -> None:
    """Keep on which day the token was last used. Not an act, so not in the audit trail; asked for once a day."""
    ApiToken.objects.filter(pk=token.pk).update(last_used_on=on)
