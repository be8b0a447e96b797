from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.calendar.models import Closure
from partners.post.changes import Draft, cancel_messages, queue_message, queue_messages
from partners.post.enums import MessageState
from partners.post.models import PostSettings
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails

EVENING = datetime(2026, 9, 18, 17, 0, tzinfo=UTC)  # Friday
MONDAY = datetime(2026, 9, 21, 8, 30, tzinfo=UTC)  # 9:30am


def in_state(message, state, **values):
    """Puts the row straight into a state, as a worker would leave it."""
    if state in (MessageState.CLAIMED, MessageState.IN_FLIGHT):
        values |= {"lease_token": message.pk, "lease_until": NOW, "frozen": b"x"}
    if state in (MessageState.IN_DOUBT, MessageState.HELD):
        values |= {"frozen": b"x"}
    mails().filter(pk=message.pk).update(state=state, **values)
    return message


def states():
    return list(mails().order_by("queued_at", "dedup_key").values_list("dedup_key", "state"))


@pytest.mark.django_db
def test_queue_message_with_the_same_key_returns_the_first():
    person = make_person()

    first = queue_mail(person, key="k", subject="First")
    again = queue_mail(person, key="k", subject="Second")

    assert (first, first.subject) == (again, again.subject)
    assert states() == [("k", "pending")]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.CLAIMED])
def test_queue_message_supersedes_the_unsent_of_its_thread(state):
    person = make_person()
    in_state(queue_mail(person, key="a", thread="t"), state)
    queue_mail(person, key="b", thread="other")

    queue_mail(person, key="c", thread="t")

    assert states() == [("a", "superseded"), ("b", "pending"), ("c", "pending")]


@pytest.mark.django_db
def test_queue_message_leaves_what_is_with_the_server_and_marks_it():
    person = make_person()
    flying = in_state(queue_mail(person, key="a", thread="t"), MessageState.IN_FLIGHT)

    queue_mail(person, key="b", thread="t")

    flying.refresh_from_db()
    assert (flying.state, flying.stop_reason) == ("in_flight", "A later message says the same.")


@pytest.mark.django_db
def test_queue_message_outside_the_window_waits_with_the_reason():
    message = queue_mail(make_person(), due_at=EVENING, now=EVENING)

    assert (message.due_at, message.state_reason) == (
        MONDAY,
        "Waits for the hours in which mail goes out: 9:30am to 4pm on working days, UK time.",
    )


@pytest.mark.django_db
def test_queue_message_that_is_urgent_does_not_wait():
    message = queue_mail(make_person(), due_at=EVENING, now=EVENING, is_urgent=True)

    assert (message.due_at, message.state_reason) == (EVENING, "")


@pytest.mark.django_db
def test_queue_message_goes_by_settings_and_closures():
    PostSettings.objects.create(window_opens=time(7), window_closes=time(8))
    Closure.objects.create(name="Move", first_on=MONDAY.date(), last_on=MONDAY.date())

    message = queue_mail(make_person(), due_at=EVENING, now=EVENING)

    assert message.due_at == datetime(2026, 9, 22, 6, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_queue_message_of_the_past_waits_for_the_window_of_today():
    message = queue_mail(make_person(), due_at=NOW - timedelta(days=2), now=EVENING)

    assert message.due_at == MONDAY


@pytest.mark.django_db
def test_queue_message_writes_a_subject_on_one_line():
    assert queue_mail(make_person(), subject="Views\r\nBcc: x@example.org").subject == "Views Bcc: x@example.org"


def drafts(people):
    return [
        Draft(f"k/{p.pk}", f"t/{p.pk}", p.pk, "Views", "Text", "<p>Text</p>", due_at=NOW, valid_until=None)
        for p in people
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_queue_messages_asks_as_often_for_many_as_for_one(count):
    people = [make_person() for _ in range(count)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = queue_messages(drafts(people), now=NOW)

    assert len(queries) == 8
    assert {key: m.recipient_id for key, m in found.items()} == {f"k/{p.pk}": p.pk for p in people}


@pytest.mark.django_db
def test_queue_messages_of_nothing_does_nothing():
    assert queue_messages([], now=NOW) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "after", "count"),
    [
        (MessageState.PENDING, "cancelled", 1),
        (MessageState.CLAIMED, "cancelled", 1),
        (MessageState.IN_FLIGHT, "in_flight", 0),
        (MessageState.IN_DOUBT, "in_doubt", 0),
        (MessageState.HELD, "held", 0),
    ],
)
def test_cancel_messages_stops_what_is_not_with_the_server(state, after, count):
    message = in_state(queue_mail(make_person()), state)

    stopped = cancel_messages([message.pk], reason="Answered.", now=NOW)

    message.refresh_from_db()
    assert (stopped, message.state) == (count, after)
    assert (message.stop_reason if count == 0 else message.state_reason) == "Answered."
    assert message.finished_at == (NOW if count else None)


@pytest.mark.django_db
def test_cancel_messages_ends_one_that_is_held_because_it_could_not_be_written():
    message = in_state(queue_mail(make_person()), MessageState.PENDING)
    mails().filter(pk=message.pk).update(state=MessageState.HELD)

    assert cancel_messages([message.pk], reason="Answered.", now=NOW) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.REFUSED, MessageState.EXPIRED])
def test_cancel_messages_leaves_final_ones(state):
    message = in_state(queue_mail(make_person()), state, finished_at=NOW)

    assert cancel_messages([message.pk], reason="Answered.", now=NOW) == 0

    message.refresh_from_db()
    assert (message.state, message.stop_reason) == (state, "")


def test_queue_message_outside_a_transaction_is_a_mistake(own_database):
    person = make_person()

    with pytest.raises(RuntimeError, match="transaction"):
        queue_message(
            dedup_key="k",
            thread="t",
            recipient_id=person.pk,
            subject="S",
            text="T",
            html="H",
            due_at=NOW,
            now=NOW,
        )
