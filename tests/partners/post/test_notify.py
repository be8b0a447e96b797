"""Mail by GOV.UK Notify, against a stand-in of its API on a real socket."""

from datetime import UTC, datetime, timedelta

import pytest

from partners.post import delivery
from partners.post.models import DeliveryAttempt, Message, Suppression
from partners.post.operations import delivering
from partners.post.queries import secret_of
from partners.post.rules import placeholder_of
from partners.post.transports import installed
from partners.post.transports.notify import Notify
from tests.builders import NOW, make_person, queue_mail
from tests.partners.post.notify import KEY, TEMPLATE, running_stand_in

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def notify(settings):
    with running_stand_in() as stand_in:
        settings.NOTIFY = {"key": KEY, "template": TEMPLATE, "url": stand_in.url}
        settings.POST = {**settings.POST, "command": 5}
        yield stand_in


def deliver(now=NOW):
    return delivery.deliver_due(clock=lambda: now, seconds=10)


def fate(message):
    message.refresh_from_db()
    return message.state, message.reply


def end_lease():
    """The worker is long gone; Notify still remembers what it took."""
    Message.objects.filter(state="in_flight").update(lease_until=datetime.now(UTC) - timedelta(minutes=1))


def test_the_words_arrive_under_the_reference_of_the_message(notify):
    person = make_person("Seán O’Neill")
    message = queue_mail(
        person, subject="Déjà vu", text="Ωmega, and a line that is long enough to be folded " * 3 + "\n"
    )

    assert deliver() == 1

    [taken] = notify.taken
    assert taken["email_address"] == person.email
    assert taken["template_id"] == TEMPLATE
    assert taken["personalisation"] == {"subject": "Déjà vu", "body": message.text}
    assert taken["reference"] == f"<{message.pk}@portfolio.example.org>"
    assert fate(message) == ("sent", f"201 {taken['id']}")


def test_a_secret_is_written_in_only_as_it_is_handed_over(notify):
    person = make_person()
    message = queue_mail(person, text=f"Open https://example.org/{placeholder_of(person.pk)}\n")

    deliver()

    assert secret_of(person.pk, holder_id=person.pk) in notify.taken[0]["personalisation"]["body"]
    message.refresh_from_db()
    assert secret_of(person.pk, holder_id=person.pk).encode() not in bytes(message.frozen or b"")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_notify_cannot_take_now_is_tried_again_once_it_was_asked(notify, status):
    message = queue_mail(make_person())
    notify.answers = [status]
    deliver()
    assert fate(message)[0] == "pending"
    assert str(status) in message.reply
    assert timedelta(seconds=30) <= message.due_at - NOW <= timedelta(seconds=90)

    deliver(now=NOW + timedelta(minutes=2))

    assert (fate(message)[0], len(notify.taken)) == ("sent", 1)
    assert [query["reference"] for query in notify.asked] == [message.message_id] * 2


def test_what_notify_will_never_take_is_refused(notify):
    message, other = queue_mail(make_person(), key="a"), queue_mail(make_person(), key="b")
    notify.answers = [400]

    deliver()

    assert sorted([fate(message)[0], fate(other)[0]]) == ["refused", "sent"]


def test_a_wrong_key_costs_one_attempt_a_run(notify, settings):
    settings.NOTIFY = {**settings.NOTIFY, "key": KEY[:-1] + "f"}
    messages = [queue_mail(make_person()) for _ in range(3)]

    assert deliver() == 1

    assert [fate(message)[0] for message in messages] == ["pending"] * 3
    assert "403" in DeliveryAttempt.objects.get().reply


def test_nothing_is_posted_while_notify_does_not_say_what_it_has(notify):
    message = queue_mail(make_person())
    notify.is_away = 500

    deliver()

    assert (fate(message)[0], notify.taken) == ("pending", [])


def test_a_need_that_ends_before_the_post_is_not_posted(notify, monkeypatch):
    message = queue_mail(make_person())
    monkeypatch.setattr(delivering, "mark_in_flight", lambda claim: False)

    deliver()

    assert (fate(message), notify.taken) == (("pending", ""), [])


@pytest.mark.parametrize(("answer", "posts"), [("take and hang up", 1), ("hang up", 2)])
def test_a_lost_answer_is_settled_by_the_reference(notify, answer, posts):
    message = queue_mail(make_person())
    notify.answers = [answer]
    deliver()
    assert fate(message)[0] == "in_flight"
    end_lease()

    delivery.sweep(now=NOW)
    deliver(now=NOW + timedelta(hours=1))

    assert (fate(message)[0], len(notify.taken)) == ("sent", 1)
    assert message.attempts == posts


def test_a_worker_killed_between_acceptance_and_commit_leaves_one_mail(notify, monkeypatch):
    message = queue_mail(make_person())

    def die(*_, **__):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(delivering, "record_sent", die)
        with pytest.raises(SystemExit):
            deliver()
    assert (fate(message)[0], len(notify.taken)) == ("in_flight", 1)
    end_lease()

    delivery.sweep(now=NOW)

    assert (fate(message)[0], len(notify.taken)) == ("sent", 1)


def test_what_notify_may_have_forgotten_is_held_for_a_person(notify):
    message = queue_mail(make_person())
    notify.answers = ["hang up"]
    deliver()
    Message.objects.update(lease_until=LONG_AGO)

    delivery.sweep(now=NOW)

    assert fate(message)[0] == "held"


def test_while_notify_is_away_a_doubt_is_not_settled_by_a_second_mail(notify):
    message = queue_mail(make_person())
    notify.answers = ["take and hang up"]
    deliver()
    end_lease()
    notify.is_away = 503

    delivery.sweep(now=NOW)

    assert (fate(message)[0], len(notify.taken)) == ("held", 1)


def test_an_address_without_a_mailbox_gets_nothing_more(notify):
    person, other = make_person(), make_person()
    message, fine = queue_mail(person), queue_mail(other)
    deliver()
    for taken in notify.taken:
        taken["status"] = "permanent-failure" if taken["email_address"] == person.email else "delivered"
    notify.take({"reference": None, "email_address": "x@example.org"})["status"] = "permanent-failure"
    notify.take({"reference": "of another product", "email_address": "x@example.org"})["status"] = "permanent-failure"

    assert delivery.sweep(now=NOW) == 1
    assert delivery.sweep(now=NOW) == 0
    later, too = queue_mail(person), queue_mail(other)
    deliver()

    assert fate(message) == ("refused", "GOV.UK Notify could not deliver it: permanent-failure")
    assert [fate(fine)[0], fate(later)[0], fate(too)[0]] == ["sent", "suppressed", "sent"]
    assert Suppression.objects.get().address == person.email.lower()
    assert len(notify.taken) == 5


def test_the_installation_chooses_what_carries_its_mail(settings):
    assert not installed.installed_transport().promise.can_be_asked

    settings.NOTIFY = {**settings.NOTIFY, "key": KEY}

    assert isinstance(installed.installed_transport(), Notify)
