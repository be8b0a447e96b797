"""A real worker that is killed. Times are scaled down as a harness would."""

import os
import signal
from datetime import timedelta

import pytest

from partners.clock.operations import set_clock
from partners.post.models import DeliveryAttempt
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails
from tests.processes import wait_until


@pytest.fixture
def short_leases(monkeypatch):
    """Asked for before ``workers``, whose processes inherit the environment."""
    monkeypatch.setenv("POST_CLAIM_SECONDS", "3")
    monkeypatch.setenv("POST_IN_FLIGHT_SECONDS", "4")
    monkeypatch.setenv("POST_REPLY_SECONDS", "2")
    monkeypatch.setenv("POST_RETRY_SECONDS", "1")


def kill(child):
    """The worker and its pool, at once and without a word."""
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def test_a_worker_killed_between_claim_and_intent_loses_and_doubles_nothing(
    own_database, smtp_sink, short_leases, workers
):
    set_clock(to=NOW)
    smtp_sink.is_stalled = True
    message = queue_mail(make_person(), is_urgent=True)
    wait_until(lambda: smtp_sink.asked)
    message.refresh_from_db()
    assert message.state == "claimed"
    frozen = bytes(message.frozen or b"")

    kill(workers.worker)
    smtp_sink.is_stalled = False
    workers.worker.start()
    wait_until(lambda: mails().filter(state="sent").exists(), seconds=40)

    [mail] = smtp_sink.received
    assert mail.content == frozen
    assert [a.outcome for a in DeliveryAttempt.objects.order_by("pk")] == ["pending", "sent"]


def test_a_connection_dropped_after_the_dot_is_held_and_never_doubled(own_database, smtp_sink, short_leases, workers):
    set_clock(to=NOW)
    smtp_sink.hangs_up = True
    message = queue_mail(make_person(), is_urgent=True, valid_until=NOW + timedelta(days=1))

    wait_until(lambda: mails().filter(state="held").exists(), seconds=40)
    smtp_sink.hangs_up = False
    later = queue_mail(make_person(), is_urgent=True)
    wait_until(lambda: mails().filter(pk=later.pk, state="sent").exists())

    assert [mail.recipients[0] for mail in smtp_sink.received] == [message.recipient.email, later.recipient.email]
    assert [a.outcome for a in message.delivery_attempts.order_by("pk")] == ["in_flight", "in_doubt", "held"]
