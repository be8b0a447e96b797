import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from partners.clock.operations import set_clock
from partners.post import delivery
from programmes.reminders.operations import queue_due
from tests.builders import NOW, make_person, make_programme, plan_reminder
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
EVENING = NOW + timedelta(hours=11)


def run(capsys, *arguments):
    call_command("demo_urgent_reminder", *arguments)
    return capsys.readouterr().out.strip()


def test_it_reaches_the_mailbox_at_any_hour_with_its_reference(settings, smtp_sink, capsys):
    settings.MODE, settings.IS_DEMO = "demo", True
    set_clock(to=EVENING)
    person = make_person()
    plan_reminder(make_programme(), [person], due_at=NOW + timedelta(days=3))

    found = json.loads(run(capsys, "--json"))
    queue_due(now=EVENING + timedelta(minutes=1), limit=10)
    delivery.deliver_due(clock=lambda: EVENING + timedelta(minutes=1), seconds=5)

    [mail] = smtp_sink.received
    assert found["recipient"] == person.email
    assert mail.message["Subject"] == f"DEMO: Please answer today ({found['reference']})"
    assert mails().get().state == "sent"


def test_twice_gives_two_references(settings, capsys):
    settings.MODE = "demo"
    plan_reminder(make_programme(), [make_person()], due_at=NOW + timedelta(days=3))

    assert run(capsys) != run(capsys)


def test_without_anybody_to_remind_it_says_what_to_do(settings):
    settings.MODE = "demo"

    with pytest.raises(CommandError, match="load_demo"):
        call_command("demo_urgent_reminder")


def test_outside_the_demo_it_refuses():
    plan_reminder(make_programme(), [make_person()], due_at=NOW + timedelta(days=3))

    with pytest.raises(CommandError, match="demo only"):
        call_command("demo_urgent_reminder")
