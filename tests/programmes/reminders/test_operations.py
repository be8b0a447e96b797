import threading
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted
from partners.people.enums import Role
from partners.people.models import User
from partners.post.changes import queue_messages
from partners.post.enums import MessageState
from programmes.reminders.changes import end_need
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import Settled, cancel_reminder, cancel_wave, queue_due, settling
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    plan_reminder,
)
from tests.builders.post import mails
from tests.threads import InThread, all_at_once, wait_until_somebody_waits_for_a_lock

DAY = timedelta(days=1)


def fates():
    rows = PlannedReminder.objects.order_by("due_at", "recipient__name").select_related("message")
    return [row.fate for row in rows]


@pytest.mark.django_db
def test_queue_due_hands_a_due_reminder_to_the_post_room():
    person = make_person("Ama\nMensah")
    wave = plan_reminder(make_programme(), [person], mail_subject="Your views\non tablets & more")

    assert queue_due(now=NOW, limit=10) == Settled(queued=1)

    reminder = PlannedReminder.objects.get()
    message = reminder.message
    assert message is not None
    assert (reminder.state, reminder.settled_at) == ("queued", NOW)
    assert (message.dedup_key, message.recipient, message.state) == (reminder.dedup_key, person, "pending")
    assert (message.subject, message.valid_until) == ("Your views on tablets & more", wave.valid_until)
    assert message.text.splitlines()[:8] == [
        "Hello Ama Mensah,",
        "",
        "We ask for your views on custody tablets.",
        "",
        "You have until 5pm on Friday 2 October 2026.",
        "",
        "http://localhost:8000/my-tasks/",
        "",
    ]
    assert '<a href="http://localhost:8000/my-tasks/">Your views on tablets &amp; more</a>' in message.html
    assert "<p>Hello Ama Mensah,</p>" in message.html


@pytest.mark.django_db
def test_queue_due_leaves_what_is_not_due_yet():
    plan_reminder(make_programme(), [make_person()], due_at=NOW + timedelta(seconds=1))

    assert queue_due(now=NOW, limit=10) == Settled()

    assert fates() == ["planned"]


@pytest.mark.django_db
def test_queue_due_twice_queues_once():
    plan_reminder(make_programme(), [make_person()])
    queue_due(now=NOW, limit=10)

    assert queue_due(now=NOW, limit=10) == Settled()

    assert mails().count() == 1


@pytest.mark.django_db
def test_queue_due_takes_the_oldest_first_up_to_the_limit():
    programme = make_programme()
    plan_reminder(programme, [make_person("Later")], due_at=NOW - DAY)
    plan_reminder(programme, [make_person("Sooner")], due_at=NOW - 2 * DAY)

    queue_due(now=NOW, limit=1)

    assert fates() == ["pending", "planned"]


@pytest.mark.django_db
def test_queue_due_after_an_outage_of_two_days_sends_one_message_for_each_need():
    programme, subject, person, other = make_programme(), uuid4(), make_person("A"), make_person("B")
    for days, key in [(5, "first"), (2, "second"), (1, "third"), (0, "fourth")]:
        plan_reminder(programme, [person, other], subject_id=subject, key=key, due_at=NOW - days * DAY)
    ReminderWave.objects.filter(dedup_key__endswith="first").update(valid_until=NOW - DAY)
    ReminderWave.objects.filter(dedup_key__endswith="fourth").update(cancelled_at=NOW, cancelled_by=other)

    assert queue_due(now=NOW, limit=100) == Settled(queued=2, superseded=2, expired=2, cancelled=2)

    assert fates() == [*["expired"] * 2, *["superseded"] * 2, *["pending"] * 2, *["cancelled"] * 2]
    assert mails().count() == 2


@pytest.mark.django_db
def test_queue_due_in_small_steps_ends_alike():
    programme, subject, person = make_programme(), uuid4(), make_person()
    for days, key in [(3, "a"), (2, "b"), (1, "c")]:
        plan_reminder(programme, [person], subject_id=subject, key=key, due_at=NOW - days * DAY)

    for _ in range(3):
        queue_due(now=NOW, limit=1)

    assert fates() == ["superseded", "superseded", "pending"]


@pytest.mark.django_db
def test_queue_due_replaces_an_earlier_message_that_was_not_sent():
    programme, subject, person = make_programme(), uuid4(), make_person()
    plan_reminder(programme, [person], subject_id=subject, key="a", due_at=NOW)
    plan_reminder(programme, [person], subject_id=subject, key="b", due_at=NOW + DAY)
    queue_due(now=NOW, limit=10)

    queue_due(now=NOW + DAY, limit=10)

    assert fates() == ["superseded", "pending"]


@pytest.mark.django_db
def test_queue_due_never_writes_to_somebody_who_left():
    person = make_person()
    plan_reminder(make_programme(), [person])
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert queue_due(now=NOW, limit=10) == Settled(cancelled=1)

    assert PlannedReminder.objects.get().state_reason == "The person no longer has an account in use."


@pytest.mark.django_db
@pytest.mark.parametrize(("is_urgent", "due_at"), [(False, NOW + timedelta(hours=23.5)), (True, NOW)])
def test_queue_due_in_the_evening_waits_unless_urgent(is_urgent, due_at):
    evening = NOW + timedelta(hours=9)
    plan_reminder(make_programme(), [make_person()], is_urgent=is_urgent)

    queue_due(now=evening, limit=10)

    assert mails().get().due_at == due_at


@pytest.mark.django_db
def test_who_has_answered_gets_nothing():
    answered, silent = make_person("A"), make_person("B")
    plan_reminder(make_programme(), [answered, silent])
    end_need(need=f"task:{answered.pk}", reason="Answered.", now=NOW)

    queue_due(now=NOW, limit=10)

    assert fates() == ["cancelled", "pending"]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_queue_due_asks_as_often_for_many_as_for_one(count):
    plan_reminder(make_programme(), [make_person() for _ in range(count)])

    with CaptureQueriesContext(connection) as queries:
        queue_due(now=NOW, limit=10)

    assert len(queries) == 13


@pytest.mark.django_db
def test_cancel_wave_stops_what_is_planned_and_unsent_and_says_why():
    programme = make_programme()
    manager = make_manager(programme)
    planned, queued, sent = make_person("A"), make_person("B"), make_person("C")
    wave = plan_reminder(programme, [planned, queued, sent])
    queue_due(now=NOW, limit=10)
    PlannedReminder.objects.filter(recipient=planned).update(state="planned", message=None, settled_at=None)
    mails().filter(recipient=sent).update(state=MessageState.SENT, finished_at=NOW)

    stopped = cancel_wave(wave_id=wave.pk, reason="The text was wrong.", by=manager, now=NOW)

    wave.refresh_from_db()
    event = AuditEvent.objects.get(action="reminders.cancel_wave")
    assert (stopped, fates()) == (2, ["cancelled", "cancelled", "sent"])
    assert (wave.cancelled_at, wave.cancelled_by, wave.cancel_reason) == (NOW, manager, "The text was wrong.")
    assert event.summary == "cancelled the reminder One week left: The text was wrong."
    assert (event.scope_id, event.after) == (programme.scope_id, {"reason": "The text was wrong.", "stopped": 2})


@pytest.mark.django_db
def test_cancel_wave_again_is_refused():
    programme = make_programme()
    manager, wave = make_manager(programme), plan_reminder(programme, [make_person()])
    cancel_wave(wave_id=wave.pk, reason="Wrong.", by=manager, now=NOW)

    with pytest.raises(Conflict):
        cancel_wave(wave_id=wave.pk, reason="Wrong.", by=manager, now=NOW)

    assert AuditEvent.objects.filter(action="reminders.cancel_wave").count() == 1


@pytest.mark.django_db
def test_a_cancelled_wave_takes_nobody_new():
    programme, subject = make_programme(), uuid4()
    wave = plan_reminder(programme, [], subject_id=subject)
    cancel_wave(wave_id=wave.pk, reason="Wrong.", by=make_manager(programme), now=NOW)

    plan_reminder(programme, [make_person()], subject_id=subject)

    assert fates() == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "reader", "lead", "administrator", "manager of another", "CIO of another"])
def test_cancelling_is_for_the_programme_manager_and_the_cio(who):
    programme = make_programme()
    wave = plan_reminder(programme, [make_person()])
    person = {
        "nobody": make_person,
        "reader": lambda: make_reader(programme),
        "lead": lambda: give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope),
        "administrator": make_administrator,
        "manager of another": lambda: make_manager(make_programme()),
        "CIO of another": lambda: make_cio(make_portfolio()),
    }[who]()

    with pytest.raises(NotPermitted):
        cancel_wave(wave_id=wave.pk, reason="No.", by=person, now=NOW)
    with pytest.raises(NotPermitted):
        cancel_reminder(reminder_id=PlannedReminder.objects.get().pk, reason="No.", by=person, now=NOW)

    assert fates() == ["planned"]


@pytest.mark.django_db
def test_the_cio_may_cancel_one_reminder_and_the_others_go():
    portfolio = make_portfolio()
    programme = make_programme(portfolio=portfolio)
    plan_reminder(programme, [make_person("A"), make_person("B")])
    first = PlannedReminder.objects.get(recipient__name="A")

    cancel_reminder(reminder_id=first.pk, reason="On leave.", by=make_cio(portfolio), now=NOW)

    assert fates() == ["cancelled", "planned"]
    assert AuditEvent.objects.get(action="reminders.cancel_reminder").summary == (
        "cancelled the reminder One week left to A: On leave."
    )


@pytest.mark.django_db
def test_a_reminder_that_was_sent_cannot_be_cancelled():
    programme = make_programme()
    plan_reminder(programme, [make_person()])
    queue_due(now=NOW, limit=10)
    mails().update(state=MessageState.SENT, finished_at=NOW)

    with pytest.raises(Conflict):
        cancel_reminder(
            reminder_id=PlannedReminder.objects.get().pk, reason="Late.", by=make_manager(programme), now=NOW
        )


def test_an_answer_while_queue_due_holds_the_row_waits_and_cancels_the_message(own_database, monkeypatch):
    person = make_person()
    plan_reminder(make_programme(), [person])
    has_queued, may_commit, ended = threading.Event(), threading.Event(), []

    def queue_and_wait(drafts, *, now):
        found = queue_messages(drafts, now=now)
        has_queued.set()
        assert may_commit.wait(20)
        return found

    def answer():
        with transaction.atomic():
            ended.append(end_need(need=f"task:{person.pk}", reason="Answered.", now=NOW))

    monkeypatch.setattr(settling, "queue_messages", queue_and_wait)
    queueing = InThread(lambda: queue_due(now=NOW, limit=10))
    assert has_queued.wait(20)
    answering = InThread(answer)
    wait_until_somebody_waits_for_a_lock(own_database)
    assert ended == []
    may_commit.set()
    queueing.result()
    answering.result()

    assert (ended, fates()) == ([1], ["cancelled"])
    assert mails().get().state_reason == "Answered."


def test_queue_due_leaves_alone_what_an_answer_holds(own_database):
    answered, silent = make_person("A"), make_person("B")
    plan_reminder(make_programme(), [answered, silent])

    with transaction.atomic():
        end_need(need=f"task:{answered.pk}", reason="Answered.", now=NOW)
        InThread(lambda: queue_due(now=NOW, limit=10)).result()

    assert fates() == ["cancelled", "pending"]


def test_eight_planners_at_once_write_the_same_rows(own_database):
    programme, subject = make_programme(), uuid4()
    people = [make_person() for _ in range(50)]
    barrier = threading.Barrier(8)

    def plan(turn):
        barrier.wait(10)
        plan_reminder(programme, people[::turn], subject_id=subject)

    all_at_once([partial(plan, turn) for turn in (1, -1) * 4])

    assert ReminderWave.objects.count() == 1
    assert sorted(PlannedReminder.objects.values_list("dedup_key", flat=True)) == sorted(
        f"{subject}/last-week/1/0/{person.pk}/email" for person in people
    )


def test_workers_side_by_side_queue_each_reminder_once(own_database):
    people = [make_person() for _ in range(60)]
    plan_reminder(make_programme(), people)

    def work():
        while queue_due(now=NOW, limit=7).total:
            pass

    all_at_once([work] * 4)

    assert sorted(mails().values_list("recipient_id", flat=True)) == sorted(person.pk for person in people)
    assert set(fates()) == {"pending"}


def test_cancelling_a_wave_while_it_is_queued_cancels_its_messages(own_database, monkeypatch):
    programme = make_programme()
    manager = make_manager(programme)
    wave = plan_reminder(programme, [make_person(), make_person()])
    has_queued, may_commit = threading.Event(), threading.Event()

    def queue_and_wait(drafts, *, now):
        found = queue_messages(drafts, now=now)
        has_queued.set()
        assert may_commit.wait(20)
        return found

    monkeypatch.setattr(settling, "queue_messages", queue_and_wait)
    queueing = InThread(lambda: queue_due(now=NOW, limit=10))
    assert has_queued.wait(20)
    cancelling = InThread(lambda: cancel_wave(wave_id=wave.pk, reason="Wrong.", by=manager, now=NOW))
    wait_until_somebody_waits_for_a_lock(own_database)
    may_commit.set()
    queueing.result()
    cancelling.result()

    assert fates() == ["cancelled", "cancelled"]
