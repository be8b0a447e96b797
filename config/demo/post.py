"""Mail that falls due while a story is told, and the workers' part of it for stories that are told without them."""

from datetime import datetime

from django.db.models import Min

from config.demo.telling import Telling
from partners.post.delivery import deliver_due, sweep
from partners.post.enums import LEASED, UNSENT
from partners.post.models import Message
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reminders.operations import queue_due
from programmes.workstreams.operations.chasing import settle_next

BATCH = 500
SECONDS_TO_DELIVER = 60


def next_due_at() -> datetime | None:
    """When the next reminder or message that is not settled falls, or fell, due; None when there is none."""
    reminders = PlannedReminder.objects.filter(state=ReminderState.PLANNED).aggregate(at=Min("due_at"))["at"]
    messages = Message.objects.filter(state__in=UNSENT).aggregate(at=Min("due_at"))["at"]
    return min((at for at in (reminders, messages) if at), default=None)


def is_settled(now: datetime) -> bool:
    """Whether nothing is due and no message is with the mail server."""
    due_at = next_due_at()
    return (due_at is None or due_at > now) and not Message.objects.filter(state__in=LEASED).exists()


def send_what_is_due(now: datetime) -> None:
    """What the workers would have done by then: plan who is asked for a status, queue due reminders, send their mail."""
    sweep(now=now)
    settle_next(now=now, limit=BATCH)
    while queue_due(now=now, limit=BATCH).total:
        deliver_due(clock=lambda: now, seconds=SECONDS_TO_DELIVER)
    deliver_due(clock=lambda: now, seconds=SECONDS_TO_DELIVER)
    settle_next(now=now, limit=BATCH)


def replay(story: Telling, *, until: datetime) -> list[tuple[datetime, object]]:
    """Tell a whole story in this process, with the mail of each moment; returns what came of each act, by time."""
    told = []
    for event in story.events():
        send_until(event.at, story)
        told.append((event.at, event.act(event.at)))
    send_until(until, story)
    return told


def send_until(until: datetime, story: Telling) -> None:
    """Send everything that falls due before ``until``, each at its time; while the story's workers are down, after it.

    Raises: RuntimeError when mail that is due stays unsent.
    """
    sent_at = None
    while (due_at := next_due_at()) and (at := story.up_again(due_at)) < until:
        if sent_at and at <= sent_at:
            raise RuntimeError(f"Mail due at {due_at} was not sent. Is the mail server there?")
        send_what_is_due(at)
        sent_at = at
