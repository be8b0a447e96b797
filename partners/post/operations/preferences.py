"""How a person is reminded: by mail at once, once a day, or in the inbox alone."""

from datetime import datetime, time

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.post.changes import lock_people
from partners.post.enums import EmailChoice, MessageState
from partners.post.models import Message, PostPreference
from partners.post.queries import send_window
from partners.post.rules import next_digest


@transaction.atomic(durable=True)
def change_preference(*, email: EmailChoice, digest_at: time, version: int, by: User, now: datetime) -> PostPreference:
    """Choose for oneself how mail that is not urgent comes. What waits for the daily mail goes by the new choice.

    Raises: Refused for a time at which no mail goes out; Conflict when the choice was changed meanwhile.
    """
    lock_people({by.pk})
    found, _ = PostPreference.objects.get_or_create(pk=by.pk)
    window = send_window()
    if email == EmailChoice.DAILY and not window.opens <= digest_at < window.closes:
        raise Refused(f"Mail goes out {window.words}. Choose a time within these hours.", field="digest_at")
    if found.version != version:
        raise Conflict("You changed this meanwhile, in another window. Look at what is saved, then change it.")
    before = _values(found)
    found.email, found.digest_at, found.version = email, digest_at, found.version + 1
    found.save()
    is_daily = email == EmailChoice.DAILY
    Message.objects.filter(recipient=by, state=MessageState.PENDING, is_for_digest=True).update(
        is_for_digest=is_daily,
        due_at=next_digest(now, at=digest_at, window=window) if is_daily else window.next_open(now),
        state_reason="" if window.is_open(now) and not is_daily else "Waits since the person changed how mail comes.",
    )
    record(
        by=by,
        now=now,
        action="post.change_preference",
        subject=by,
        summary=f"chose how reminders come: {found.get_email_display().lower()}",
        before=before,
        after=_values(found),
    )
    return found


def _values(found: PostPreference) -> dict[str, object]:
    return {"email": found.email, "digest_at": found.digest_at.isoformat()}
