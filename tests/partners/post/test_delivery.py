"""Handing over to a real mail server that takes, refuses, stalls or hangs up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as product_settings

from partners.people.models import User
from partners.post import delivery
from partners.post.changes import cancel_messages
from partners.post.enums import Acceptance, MessageState
from partners.post.models import DeliveryAttempt
from partners.post.operations import delivering
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def deliver(now=NOW):
    return delivery.deliver_due(clock=lambda: now, seconds=10)


def fate(message):
    message.refresh_from_db()
    return message.state, message.reply


def body(mail, kind="plain"):
    return mail.message.get_body((kind,)).get_content().replace("\r\n", "\n")


def attempts(message):
    rows = DeliveryAttempt.objects.filter(message=message).order_by("pk")
    return [(row.outcome, row.reply) for row in rows]


def test_a_message_reaches_the_server_and_is_sent_with_its_reply(smtp_sink):
    message = queue_mail(make_person("Ama Mensah"))

    assert deliver() == 1

    [mail] = smtp_sink.received
    assert (mail.sender, mail.recipients) == ("portfolio@example.org", (message.recipient.email,))
    assert fate(message) == ("sent", "250 OK")
    assert (message.attempts, message.finished_at, message.lease_token) == (1, NOW, None)
    assert attempts(message) == [("sent", "250 OK")]
    assert mail.content == bytes(message.frozen or b"")
    assert mail.message["Message-ID"] == f"<{message.pk}@portfolio.example.org>"
    assert mail.message["Subject"] == "Your views"


def test_many_messages_share_one_connection(smtp_sink, settings):
    settings.POST = {**settings.POST, "batch": 4}
    person = make_person()
    for _ in range(10):
        queue_mail(person)

    assert deliver() == 10

    assert (len(smtp_sink.received), len(smtp_sink.peers)) == (10, 1)
    assert set(mails().values_list("state", flat=True)) == {"sent"}


def test_in_demo_the_subject_says_so(smtp_sink, settings):
    settings.IS_DEMO = True
    queue_mail(make_person())

    deliver()

    assert smtp_sink.received[0].message["Subject"] == "DEMO: Your views"


def test_names_and_titles_cannot_add_header_fields(smtp_sink):
    person = make_person("Ama\r\nBcc: everybody@example.org")
    queue_mail(person, subject="Views\r\nBcc: everybody@example.org\r\n\r\nBody", text=".\r\nQUIT\r\n..\n.x\n")

    deliver()

    [mail] = smtp_sink.received
    assert mail.recipients == (person.email,)
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == "Views Bcc: everybody@example.org Body"
    assert body(mail) == ".\nQUIT\n..\n.x\n"


def test_any_script_arrives_as_it_was_written(smtp_sink):
    queue_mail(make_person("Seán O’Neill 🚓"), subject="Déjà vu – „Views“", text="Ωmega\n", html="<p>Ωmega</p>")

    deliver()

    [mail] = smtp_sink.received
    assert mail.message["To"].addresses[0].display_name == "Seán O’Neill 🚓"
    assert mail.message["Subject"] == "Déjà vu – „Views“"
    assert (body(mail), body(mail, "html")) == ("Ωmega\n", "<p>Ωmega</p>\n")


def test_a_refused_recipient_is_final_and_the_next_goes_out(smtp_sink):
    unknown = make_person()
    refused, other = queue_mail(unknown), queue_mail(make_person())
    smtp_sink.answer_to = lambda address: "550 No such mailbox" if address == unknown.email else "250 OK"

    deliver()

    assert fate(refused) == ("refused", "550 No such mailbox")
    assert fate(other) == ("sent", "250 OK")
    assert refused.finished_at == NOW
    assert len(smtp_sink.peers) == 1


@pytest.mark.parametrize("where", ["recipient", "content"])
def test_a_temporary_refusal_waits_and_sends_the_same_bytes(smtp_sink, where):
    message = queue_mail(make_person())
    if where == "recipient":
        smtp_sink.answer_to = lambda address: "451 Try later"
    else:
        smtp_sink.answer = lambda envelope: "451 Try later"
    deliver()
    first = bytes(mails().get().frozen or b"")
    assert fate(message) == ("pending", "451 Try later")
    assert timedelta(seconds=30) <= message.due_at - NOW <= timedelta(seconds=90)
    assert message.state_reason.startswith("The mail server did not take it. It is tried again at 10")
    assert deliver() == 0

    smtp_sink.answer_to = lambda address: "250 OK"
    smtp_sink.answer = lambda envelope: "250 OK"
    User.objects.update(name="Somebody else")
    deliver(now=NOW + timedelta(minutes=2))

    assert fate(message) == ("sent", "250 OK")
    assert (message.attempts, smtp_sink.received[0].content) == (2, first)
    assert [outcome for outcome, _ in attempts(message)] == ["pending", "sent"]


def test_a_temporary_refusal_ends_when_the_next_attempt_is_too_late(smtp_sink):
    message = queue_mail(make_person(), valid_until=NOW + timedelta(seconds=20))
    smtp_sink.answer = lambda envelope: "451 Try later"

    deliver()

    assert fate(message) == ("expired", "451 Try later")
    assert message.state_reason == "The mail server did not take it while it was useful."


def test_a_temporary_refusal_after_the_need_ended_is_not_tried_again(smtp_sink, monkeypatch):
    message = queue_mail(make_person())
    smtp_sink.answer = lambda envelope: "451 Try later"
    mark_in_flight = delivering.mark_in_flight

    def mark_and_answer(claim):
        marked = mark_in_flight(claim)
        assert cancel_messages([claim.message_id], reason="Answered.", now=NOW) == 0
        return marked

    monkeypatch.setattr(delivering, "mark_in_flight", mark_and_answer)
    deliver()

    assert fate(message) == ("cancelled", "451 Try later")
    assert message.state_reason == "Answered."


def test_content_that_is_refused_for_good_is_final(smtp_sink):
    message = queue_mail(make_person())
    smtp_sink.answer = lambda envelope: "554 Looks like spam"

    deliver()

    assert fate(message) == ("refused", "554 Looks like spam")


def test_a_duplicate_known_to_the_server_counts_as_sent(smtp_sink):
    message = queue_mail(make_person())
    smtp_sink.answer = lambda envelope: "550 5.2.0 STOREDRV.Deliver; message is a duplicate delivery"

    deliver()

    assert fate(message)[0] == "sent"


def test_a_connection_lost_after_the_dot_is_never_doubled(smtp_sink):
    lost, other = queue_mail(make_person(), key="a"), queue_mail(make_person(), key="b")
    smtp_sink.hangs_up = True
    deliver()
    smtp_sink.hangs_up = False
    assert {fate(lost)[0], fate(other)[0]} == {"in_flight"}
    assert len(smtp_sink.received) == 2
    assert [outcome for outcome, _ in attempts(lost)] == ["in_flight"]

    assert delivery.sweep(now=NOW) == 0
    mails().update(lease_until=LONG_AGO)
    delivery.sweep(now=NOW)
    deliver(now=NOW + timedelta(days=1))
    delivery.sweep(now=NOW + timedelta(days=1))

    assert {fate(lost)[0], fate(other)[0]} == {"held"}
    assert [outcome for outcome, _ in attempts(lost)] == ["in_flight", "in_doubt", "held"]
    assert len(smtp_sink.received) == 2


@pytest.mark.parametrize(
    ("answer", "state", "times"),
    [(Acceptance.ACCEPTED, "sent", 1), (Acceptance.NOT_ACCEPTED, "sent", 2), (Acceptance.CANNOT_TELL, "held", 1)],
)
def test_a_doubt_is_settled_by_what_the_mail_system_says(smtp_sink, answer, state, times):
    message = queue_mail(make_person())
    smtp_sink.hangs_up = True
    deliver()
    smtp_sink.hangs_up = False
    mails().update(lease_until=LONG_AGO)
    asked: list[str] = []

    def ask(message_id):
        asked.append(message_id)
        return answer

    delivery.sweep(now=NOW, ask=ask)
    deliver(now=NOW + timedelta(hours=1))

    assert asked == [f"<{message.pk}@portfolio.example.org>"]
    assert fate(message)[0] == state
    assert [mail.content for mail in smtp_sink.received] == [bytes(message.frozen or b"")] * times


def test_a_frozen_worker_may_still_record_what_the_server_told_it(smtp_sink):
    message = queue_mail(make_person())
    [claim] = delivering.claim_messages(now=NOW, limit=5).claims
    assert delivering.mark_in_flight(claim)
    mails().update(lease_until=LONG_AGO)
    delivery.sweep(now=NOW)
    assert fate(message)[0] == "held"

    assert delivering.record_sent(claim, reply="250 OK", now=NOW)

    assert fate(message) == ("sent", "250 OK")


def test_a_server_that_is_away_costs_one_attempt_a_run(settings, smtp_sink):
    settings.SMTP = {**settings.SMTP, "port": 1}
    messages = [queue_mail(make_person()) for _ in range(3)]

    assert deliver() == 1

    assert sorted(fate(m)[0] for m in messages) == ["pending"] * 3
    assert [m.attempts for m in sorted(messages, key=lambda m: -m.attempts)] == [1, 0, 0]
    assert mails().exclude(lease_token=None).count() == 0
    assert DeliveryAttempt.objects.get().reply.startswith("The mail server cannot be reached: ")


def test_a_connection_lost_before_the_dot_is_tried_again(smtp_sink, settings):
    message = queue_mail(make_person())
    settings.POST = {**settings.POST, "command": 0.2}
    smtp_sink.is_stalled = True

    deliver()

    assert fate(message)[0] == "pending"
    assert message.reply == "The connection was lost: Connection unexpectedly closed: timed out"
    assert smtp_sink.received == []


def test_nothing_new_is_started_late_in_the_lease(smtp_sink, settings):
    settings.POST = {**settings.POST, "claim": 0}
    message = queue_mail(make_person())

    assert delivery.deliver_due(clock=lambda: NOW, seconds=0.2) == 0

    assert (fate(message)[0], smtp_sink.received) == ("pending", [])


def test_mail_that_is_overdue_at_night_waits_for_the_window(smtp_sink):
    night = datetime(2026, 9, 17, 2, tzinfo=UTC)
    message, urgent = queue_mail(make_person()), queue_mail(make_person(), is_urgent=True)

    deliver(now=night)

    assert (fate(message)[0], fate(urgent)[0]) == ("pending", "sent")
    assert message.due_at == datetime(2026, 9, 17, 8, 30, tzinfo=UTC)


def test_a_leaver_gets_nothing(smtp_sink):
    message = queue_mail(make_person())
    User.objects.filter(pk=message.recipient_id).update(is_active=False)

    deliver()

    assert (fate(message)[0], message.state_reason) == ("cancelled", "The person no longer has an account in use.")
    assert smtp_sink.received == []


def test_what_is_too_late_expires_unsent(smtp_sink):
    message = queue_mail(make_person(), valid_until=NOW)

    deliver()

    assert (fate(message)[0], message.finished_at, smtp_sink.received) == ("expired", NOW, [])


def test_sweep_expires_what_waits_for_a_later_time(smtp_sink):
    message = queue_mail(make_person(), due_at=NOW + timedelta(days=1), valid_until=NOW + timedelta(days=2))
    assert delivery.sweep(now=NOW) == 0

    assert delivery.sweep(now=NOW + timedelta(days=3)) == 2  # the mail, and the entry in the inbox beside it

    assert fate(message)[0] == "expired"


def test_one_that_cannot_be_written_is_held_and_the_others_go(smtp_sink):
    unwritable, other = queue_mail(make_person(), key="a"), queue_mail(make_person(), key="b")
    User.objects.filter(pk=unwritable.recipient_id).update(email='"a b"@example.org')

    deliver()

    assert (fate(unwritable)[0], fate(other)[0]) == ("held", "sent")
    assert unwritable.state_reason.startswith("It could not be written as a mail.")


def test_deliver_when_nothing_is_due_asks_no_server(settings):
    settings.SMTP = {**settings.SMTP, "port": 1}

    assert deliver() == 0


@pytest.mark.parametrize("ends", ["cancelled", "left", "late", "taken"])
def test_the_intent_finds_no_row(ends):
    message = queue_mail(make_person())
    [claim] = delivering.claim_messages(now=NOW, limit=5).claims
    rows = mails().filter(pk=message.pk)
    match ends:
        case "cancelled":
            rows.update(state=MessageState.CANCELLED, lease_token=None, lease_until=None, finished_at=NOW)
        case "left":
            User.objects.filter(pk=message.recipient_id).update(is_active=False)
        case "late":
            rows.update(lease_until=LONG_AGO)
        case "taken":
            rows.update(lease_until=LONG_AGO)
            assert delivering.claim_messages(now=NOW, limit=5).claims

    assert delivering.mark_in_flight(claim) is False


def test_a_claim_of_a_dead_worker_is_free_and_leaves_a_trace():
    message = queue_mail(make_person())
    [first] = delivering.claim_messages(now=NOW, limit=5).claims
    assert delivering.claim_messages(now=NOW, limit=5).claims == []
    mails().update(lease_until=LONG_AGO)

    [second] = delivering.claim_messages(now=NOW, limit=5).claims

    assert (second.message_id, second.content) == (first.message_id, first.content)
    assert first.token != second.token
    assert [outcome for outcome, _ in attempts(message)] == ["pending"]


def test_a_swept_claim_waits_again():
    message = queue_mail(make_person())
    delivering.claim_messages(now=NOW, limit=5)
    assert delivery.sweep(now=NOW) == 0
    mails().update(lease_until=LONG_AGO)

    assert delivery.sweep(now=NOW) == 1

    assert (fate(message)[0], message.lease_token) == ("pending", None)


def test_an_outcome_of_another_claim_changes_nothing():
    message = queue_mail(make_person())
    [first] = delivering.claim_messages(now=NOW, limit=5).claims
    mails().update(lease_until=LONG_AGO)
    [second] = delivering.claim_messages(now=NOW, limit=5).claims
    assert delivering.mark_in_flight(second)

    assert delivering.record_not_taken(first, reply="451", now=NOW) is False
    assert delivering.record_refused(first, reply="550", now=NOW) is False

    assert fate(message) == ("in_flight", "")


@pytest.mark.parametrize("count", [1, 3])
def test_claiming_asks_as_often_for_many_as_for_one(count, django_assert_num_queries):
    for _ in range(count):
        queue_mail(make_person())

    with django_assert_num_queries(9):  # savepoint, holds, ids, rows, suppressed, settings, claim, mark, release
        assert len(delivering.claim_messages(now=NOW, limit=25).claims) == count


def test_the_leases_can_be_scaled_down():
    assert set(product_settings.POST) == {
        *(
            "batch",
            "claim",
            "in_flight",
            "command",
            "reply",
            "run",
            "retry",
            "longest_retry",
            "resolver",
            "epoch",
            "marks",
        )
    }
