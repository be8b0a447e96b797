"""What 20,000 people cost."""

import time

import pytest
from django.db import connection

from partners.people.models import User
from partners.post import delivery
from programmes.reminders.operations import queue_due
from tests.builders import NOW, make_programme, plan_reminder
from tests.builders.post import mails

PEOPLE = 20_000


@pytest.mark.prove
def test_twenty_thousand_reminders_are_planned_queued_and_claimed(own_database, smtp_sink):
    people = User.objects.bulk_create(
        User(email=f"p{n}@example.org", name=f"Person {n}", joined_at=NOW) for n in range(PEOPLE)
    )
    programme = make_programme()
    seconds = {}

    began = time.monotonic()
    plan_reminder(programme, people)
    seconds["plan"] = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE programmes_plannedreminder")
    began = time.monotonic()
    while queue_due(now=NOW, limit=500).total:
        pass
    seconds["queue"] = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_message")
    began = time.monotonic()
    sent = delivery.deliver_due(clock=lambda: NOW, seconds=5)
    seconds["deliver"] = time.monotonic() - began

    print({key: round(value, 2) for key, value in seconds.items()}, f"{sent / seconds['deliver']:.0f} mails/s")  # noqa: T201
    assert seconds["plan"] < 3
    assert seconds["queue"] < 120
    assert mails().count() == PEOPLE
    assert sent > 200
