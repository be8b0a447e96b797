import pytest
from django.core.management import call_command

from partners.clock.operations import set_clock
from tests.builders import NOW, make_person, make_programme, plan_reminder

pytestmark = pytest.mark.django_db


def test_tick_does_the_round_without_a_broker(settings, smtp_sink, capsys):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    set_clock(to=NOW)
    plan_reminder(make_programme(), [make_person()])

    call_command("tick")
    call_command("tick")

    assert len(smtp_sink.received) == 1
    assert capsys.readouterr().out.splitlines() == [
        "0 swept, 1 reminders settled, 1 messages tried, 0 programmes chased, 0 reminders put right.",
        "0 swept, 0 reminders settled, 0 messages tried, 0 programmes chased, 0 reminders put right.",
    ]
