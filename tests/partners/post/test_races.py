"""A sender and whoever ends the need, each on its own connection."""

import inspect
import threading
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from django.db import transaction

from partners.people.models import User
from partners.post import delivery
from partners.post.changes import cancel_messages
from partners.post.models import Message, PostPreference
from partners.post.operations import delivering, digests, inbox
from partners.post.queries import unread_of
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails
from tests.processes import wait_until
from tests.threads import InThread, all_at_once, wait_until_somebody_waits_for_a_lock

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def send():
    return delivery.deliver_due(clock=lambda: NOW, seconds=10)


def test_a_message_cancelled_while_a_sender_holds_it_is_not_accepted_by_the_server(own_database, smtp_sink):
    for _ in range(2):
        queue_mail(make_person())
    smtp_sink.is_stalled = True
    sender = InThread(send)
    wait_until(lambda: smtp_sink.asked)
    message = mails().get(recipient__email=smtp_sink.asked[0])
    other = mails().exclude(pk=message.pk).get()
    assert (message.state, other.state) == ("claimed", "claimed")

    with transaction.atomic():
        assert cancel_messages([message.pk], reason="Answered.", now=NOW) == 1
    smtp_sink.is_stalled = False
    sender.result()

    assert dict(mails().values_list("pk", "state")) == {message.pk: "cancelled", other.pk: "sent"}
    assert [mail.recipients for mail in smtp_sink.received] == [(other.recipient.email,)]
    assert len(smtp_sink.peers) == 2  # the first connection was dropped before the dot


def test_the_intent_waits_for_an_answer_that_is_not_committed_yet(own_database, smtp_sink):
    message = queue_mail(make_person())

    with transaction.atomic():
        [claim] = InThread(lambda: delivering.claim_messages(now=NOW, limit=1).claims).result()
        assert cancel_messages([message.pk], reason="Answered.", now=NOW) == 1
        intent = InThread(lambda: delivering.mark_in_flight(claim))
        wait_until_somebody_waits_for_a_lock(own_database)

    assert intent.result() is False
    assert mails().get().state == "cancelled"


def test_an_answer_waits_for_an_intent_that_is_not_committed_yet(own_database):
    message = queue_mail(make_person())
    [claim] = delivering.claim_messages(now=NOW, limit=1).claims

    def answer():
        with transaction.atomic():
            return cancel_messages([message.pk], reason="Answered.", now=NOW)

    with transaction.atomic():
        assert inspect.unwrap(delivering.mark_in_flight)(claim)
        answering = InThread(answer)
        wait_until_somebody_waits_for_a_lock(own_database)

    assert answering.result() == 0
    message.refresh_from_db()
    assert (message.state, message.stop_reason) == ("in_flight", "Answered.")


def test_a_leaver_gets_nothing_although_a_sender_holds_the_message(own_database, smtp_sink):
    message = queue_mail(make_person())
    smtp_sink.is_stalled = True
    sender = InThread(send)
    wait_until(lambda: smtp_sink.asked)

    User.objects.filter(pk=message.recipient_id).update(is_active=False)
    smtp_sink.is_stalled = False
    sender.result()
    send()

    message.refresh_from_db()
    assert (message.state, smtp_sink.received) == ("cancelled", [])


def test_a_sender_that_was_frozen_past_its_lease_drops_the_connection(own_database, smtp_sink):
    message = queue_mail(make_person())
    smtp_sink.is_stalled = True
    frozen = InThread(send)
    wait_until(lambda: smtp_sink.asked)
    mails().update(lease_until=LONG_AGO)

    smtp_sink.is_stalled = False
    frozen.result()
    assert smtp_sink.received == []
    send()

    message.refresh_from_db()
    assert (message.state, len(smtp_sink.received)) == ("sent", 1)


@pytest.mark.parametrize("senders", [4])
def test_senders_side_by_side_send_each_message_once(own_database, smtp_sink, settings, senders):
    settings.POST = {**settings.POST, "batch": 3}
    people = [make_person() for _ in range(40)]
    for person in people:
        queue_mail(person)

    all_at_once([send] * senders)

    assert sorted(mail.recipients[0] for mail in smtp_sink.received) == sorted(person.email for person in people)
    assert set(mails().values_list("state", flat=True)) == {"sent"}


def test_two_messages_of_one_thread_queued_at_once_leave_one(own_database):
    person = make_person()
    barrier = threading.Barrier(4)

    def queue(number):
        barrier.wait(10)
        queue_mail(person, key=f"k/{number}", thread="t")

    all_at_once([partial(queue, number) for number in range(4)])

    assert sorted(mails().values_list("state", flat=True)) == ["pending", *["superseded"] * 3]


def test_workers_side_by_side_deliver_each_entry_once(own_database):
    person = make_person()
    for _ in range(20):
        queue_mail(person)
    came = []

    all_at_once([lambda: came.append(inbox.deliver_inbox(now=NOW))] * 4)

    assert sum(came) == 20
    assert unread_of(person).count() == 20


def test_reading_races_with_the_end_of_the_need(own_database):
    person = make_person()
    message = queue_mail(person, key="k")
    inbox.deliver_inbox(now=NOW)
    entry = Message.objects.get(dedup_key="k/inbox")

    def end():
        with transaction.atomic():
            cancel_messages([message.pk], reason="Answered.", now=NOW)

    all_at_once([end, partial(inbox.note_reading, entry.pk, person=person, now=NOW)])

    entry.refresh_from_db()
    assert bool(entry.read_at) != bool(entry.stop_reason)


def test_composers_side_by_side_write_one_mail_each(own_database):
    people = [make_person() for _ in range(5)]
    for person in people:
        PostPreference.objects.create(user=person, email="daily", digest_at=time(13))
        queue_mail(person)
        queue_mail(person)
    written = []

    all_at_once([lambda: written.append(digests.compose_digests(now=NOW + timedelta(hours=3), limit=100))] * 4)

    assert sum(written) == 5
    assert Message.objects.filter(state="superseded", digest__isnull=False).count() == 10
    assert Message.objects.filter(dedup_key__startswith="digest/").count() == 5
