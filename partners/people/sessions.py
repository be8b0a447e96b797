"""The store of browser sessions: Django's own in the database, with the person beside each row."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from partners.clock.queries import business_now
from partners.people.models import BrowserSession
from partners.people.rules import browser_words

SIGNED_IN_AT, BROWSER = "signed_in_at", "browser"


class SessionStore(DatabaseStore):
    """Named by ``SESSION_ENGINE``; Django asks for this name."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        row = super().create_model_instance(data)
        assert isinstance(row, BrowserSession)
        row.user_id = data.get(SESSION_KEY)
        row.signed_in_at = data.get(SIGNED_IN_AT)
        row.browser = data.get(BROWSER, "")
        return row


def remember_sign_in(request: HttpRequest) -> None:
    """Keep when and with which browser the person signed in, for the list on their account page.

    Sessions that have ended, anybody's, are removed on the occasion.
    """
    SessionStore.clear_expired()
    request.session[SIGNED_IN_AT] = business_now().isoformat()
    request.session[BROWSER] = browser_words(request.headers.get("User-Agent", ""))
