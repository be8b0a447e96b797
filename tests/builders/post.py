"""Mails of the post room, apart from the entries in the inbox beside them."""

from django.db.models import QuerySet

from partners.post.models import Message


def mails() -> QuerySet[Message]:
    """Every message that travels by mail."""
    return Message.objects.filter(channel="email")
