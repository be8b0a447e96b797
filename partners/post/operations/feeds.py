"""Addresses at which calendar programs read a person's dates without signing in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import NotPermitted, Refused
from partners.people.models import User
from partners.people.permissions import is_administrator
from partners.people.rules import hash_of, new_secret
from partners.post.changes import lock_people
from partners.post.models import CalendarFeed
from partners.post.queries import live_feeds_of

MOST_FEEDS = 5


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed just made. The secret in its address is shown to its owner once and never again."""

    feed: CalendarFeed
    secret: str


@transaction.atomic(durable=True)
def make_feed(*, by: User, now: datetime) -> NewFeed:
    """Make an address for one's own dates. Raises: Refused when there are too many."""
    lock_people({by.pk})
    if live_feeds_of(by).count() >= MOST_FEEDS:
        raise Refused(f"You have {MOST_FEEDS} calendar addresses. Revoke one that you no longer use.")
    secret = new_secret()
    feed = CalendarFeed.objects.create(user=by, secret_hash=hash_of(secret), made_at=now)
    record(by=by, now=now, action="post.make_feed", subject=by, summary="made a calendar address")
    return NewFeed(feed, secret)


@transaction.atomic(durable=True)
def revoke_feed(*, feed_id: UUID, by: User, now: datetime) -> CalendarFeed:
    """End an address of one's own, or as an administrator anybody's. It stops working at once.

    Raises: NotPermitted; Refused when it is revoked already.
    """
    feed = CalendarFeed.objects.select_related("user").select_for_update(of=("self",)).get(pk=feed_id)
    if feed.user_id != by.pk and not is_administrator(by):
        raise NotPermitted("You cannot revoke the calendar address of somebody else. Ask an administrator.")
    if feed.revoked_at:
        raise Refused("This calendar address is revoked already. Nothing has changed.")
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    whose = "" if feed.user_id == by.pk else f" of {feed.user.name}"
    record(by=by, now=now, action="post.revoke_feed", subject=feed.user, summary=f"revoked a calendar address{whose}")
    return feed
