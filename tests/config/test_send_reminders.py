"""The loop without a broker, in this process and as one that is asked to end; and what it leaves for whoever watches."""

import os
import signal
import subprocess
import sys

import pytest
from django.core.management import call_command

from config import heartbeats
from config.management.commands import send_reminders
from config.tasks import tick
from partners.clock.operations import set_clock
from partners.post.enums import Channel, HoldKind
from partners.post.models import Heartbeat, Message, SendingHold, Suppression
from partners.post.tasks import sweep
from tests.builders import NOW, make_person, make_programme, plan_reminder, queue_mail
from tests.processes import process_environment, wait_until


@pytest.mark.django_db
def test_one_round_plans_queues_and_sends_without_a_broker(settings, smtp_sink, capsys):
    settings.CELERY_BROKER_URL = settings.REDIS_URL = "redis://127.0.0.1:1/0"
    set_clock(to=NOW)
    plan_reminder(make_programme(), [make_person()])

    call_command("send_reminders")
    call_command("send_reminders")

    assert len(smtp_sink.received) == 1
    assert "1 reminders settled, 1 messages tried." in capsys.readouterr().out.splitlines()[0]
    assert set(Heartbeat.objects.values_list("loop", flat=True)) == {
        *("sweep", "plan_chasing", "queue_due", "deliver", "send_reminders")
    }


@pytest.mark.django_db
def test_a_step_that_fails_keeps_no_other_from_running(smtp_sink, monkeypatch):
    def fails():
        raise ValueError("broken")

    monkeypatch.setattr(send_reminders, "queue_due", fails)
    set_clock(to=NOW)
    queue_mail(make_person())

    said = send_reminders.one_round(lambda: False)

    assert "failed: reminders settled, 1 messages tried" in said
    assert not Heartbeat.objects.filter(loop="queue_due").exists()


def test_it_ends_cleanly_on_sigterm_and_two_side_by_side_send_each_once(own_database, smtp_sink):
    set_clock(to=NOW)
    messages = [queue_mail(make_person(), is_urgent=True) for _ in range(30)]
    aside = {"TICK_SECONDS": "1", "SMTP_URL": smtp_sink.url, "REDIS_URL": "redis://127.0.0.1:1/0"}
    environment = {**os.environ, **process_environment(own_database.environment, aside)}
    loops = [
        subprocess.Popen([sys.executable, "manage.py", "send_reminders", "--forever"], env=environment)
        for _ in range(2)
    ]
    try:
        wait_until(
            lambda: Message.objects.filter(channel=Channel.EMAIL, state="sent").count() == len(messages), seconds=40
        )
    finally:
        for loop in loops:
            os.kill(loop.pid, signal.SIGTERM)

    assert [loop.wait(20) for loop in loops] == [0, 0]
    assert len({mail.recipients for mail in smtp_sink.received}) == len(smtp_sink.received) == len(messages)


@pytest.mark.django_db
def test_a_task_that_ends_well_beats():
    sweep.apply()

    assert Heartbeat.objects.get().loop == "sweep"
    assert set(heartbeats.LOOPS) >= {tick.name, sweep.name}


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = "a-long-secret"
    return {"headers": {"Authorization": "Bearer a-long-secret"}}


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer other", "Basic a-long-secret"])
def test_figures_are_for_whoever_has_the_token(client, token, given):
    answer = client.get("/metrics", headers={"Authorization": given})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.django_db
def test_without_a_token_set_there_are_no_figures(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_figures_say_what_waits_what_is_held_and_which_loops_ran(client, token):
    set_clock(to=NOW)
    queue_mail(make_person(), is_urgent=True)
    SendingHold.objects.create(kind=HoldKind.PERSON, words="The relay is moved.", began_at=NOW)
    Suppression.objects.create(address="gone@example.org", reason="550 5.1.1", since=NOW)
    sweep.apply()

    page = client.get("/metrics", **token).content.decode()

    assert 'portfolio_messages{channel="email",state="pending"} 1.0' in page
    assert 'portfolio_sending_held{kind="person"} 1.0' in page
    assert 'portfolio_sending_held{kind="restore"} 0.0' in page
    assert "portfolio_suppressed_addresses 1.0" in page
    assert 'portfolio_loop_age_seconds{loop="sweep"}' in page
    assert "portfolio_delivery_attempts_total 0.0" in page
