"""Mails of the post room, apart from the entries in the inbox beside them, and how a person is reached."""

from datetime import time, timedelta

from django.db.models import QuerySet

from partners.people.models import User
from partners.post.enums import EmailChoice
from partners.post.models import Message
from partners.post.operations.digests import compose_digests
from partners.post.operations.feeds import make_feed
from partners.post.operations.inbox import deliver_inbox
from partners.post.operations.preferences import change_preference
from tests.builders.core import NOW, queue_mail


def mails() -> QuerySet[Message]:
    """Every message that travels by mail."""
    return Message.objects.filter(channel="email")


def make_reached(person: User) -> None:
    """An entry in their inbox, a mail that waits, one that went out in their daily mail, and a calendar of theirs."""
    change_preference(email=EmailChoice.DAILY, digest_at=time(13), version=1, by=person, now=NOW)
    queue_mail(person)
    compose_digests(now=NOW + timedelta(hours=3), limit=100)
    queue_mail(person)
    deliver_inbox(now=NOW)
    make_feed(by=person, now=NOW)
