"""Browser sessions: where somebody is signed in."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.people import changes
from partners.people.models import BrowserSession, User
from partners.people.queries import handle_of


class SessionGone(Refused):
    """The session has ended already."""


@transaction.atomic(durable=True)
def end_session(*, handle: UUID, by: User, now: datetime) -> None:
    """Sign one's own account out of one browser at once.

    Raises: SessionGone when there is no such session of this person.
    """
    owner = changes.lock_person(by.pk)
    keys = BrowserSession.objects.filter(user=owner).values_list("session_key", "browser")
    found = [(key, browser) for key, browser in keys if handle_of(key) == handle]
    if not found:
        raise SessionGone("That browser is already signed out. Nothing has changed.")
    [(key, browser)] = found
    BrowserSession.objects.filter(session_key=key).delete()
    record(
        by=by,
        now=now,
        action="people.end_session",
        subject=owner,
        summary=f"signed out of {browser or 'a browser'}",
    )
