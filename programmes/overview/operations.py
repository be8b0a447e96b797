from datetime import datetime

from django.db import transaction

from partners.people.models import User
from partners.post.changes import note_feed_read
from partners.post.queries import feed_with_secret


@transaction.atomic(durable=True)
def open_feed(secret: str, *, now: datetime) -> User | None:
    """Whose dates the calendar address with this secret gives, having noted the reading; None for a wrong or revoked one."""
    feed = feed_with_secret(secret)
    if feed is None:
        return None
    note_feed_read(feed, now=now)
    return feed.user
