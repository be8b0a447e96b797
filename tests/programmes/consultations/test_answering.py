from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from partners.audit.queries import events_about, events_in
from partners.audit.rules import NotPermitted, Refused
from programmes.consultations.enums import QuestionKind, TaskState
from programmes.consultations.models import Answer, ConsultationTask, DraftAnswer, Response
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.queries import questions_of, responses_of, sheet_of, tasks_of
from programmes.consultations.rules import AlreadySent, Incomplete, NotOpen, need_of
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reviews.operations import cancel_review
from tests.builders import (
    NOW,
    launch,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_question,
    make_review,
    make_task,
    make_unit,
)
from tests.builders.post import mails
from tests.processes import wait_until

MILLISECOND = timedelta(milliseconds=1)
needs_rows = pytest.mark.django_db


def save(task, question, value, *, by=None, now=NOW, **more):
    return save_draft_answer(
        task_id=task.pk, question_id=question.pk, value=value, by=by or task.person, now=now, **more
    )


def submit(task, *, key=None, by=None, at=NOW):
    return submit_response(task_id=task.pk, request_key=key or uuid4(), by=by or task.person, now=lambda: at)


def answered_task(text="Keep the people."):
    """A task whose required question has a draft answer; returns (task, required question, optional question)."""
    task = make_task()
    required, optional = questions_of(task.consultation)
    save(task, required, text)
    task.refresh_from_db()
    return task, required, optional


def answers_of(response):
    return dict(Answer.objects.filter(response=response).values_list("question__text", "value"))


@needs_rows
def test_save_draft_answer_keeps_the_last_one_and_begins_the_task():
    task = make_task()
    question = questions_of(task.consultation)[0]

    save(task, question, "First")
    save(task, question, "n/a", now=NOW + timedelta(hours=1))

    assert list(DraftAnswer.objects.values_list("value", "saved_at")) == [("n/a", NOW + timedelta(hours=1))]
    task.refresh_from_db()
    assert task.state == TaskState.IN_PROGRESS
    assert not events_about(task.pk).exists()


@needs_rows
def test_save_draft_answer_that_is_empty_takes_the_draft_back():
    task = make_task()
    question = questions_of(task.consultation)[0]

    save(task, question, "First")
    save(task, question, "")

    assert not DraftAnswer.objects.exists()


@needs_rows
@pytest.mark.parametrize("who", ["administrator", "manager", "colleague"])
def test_nobody_else_saves_or_submits(who):
    task, required, _ = answered_task()
    by = {
        "administrator": make_administrator,
        "manager": lambda: make_manager(task.consultation.review.programme),
        "colleague": lambda: make_person(unit=task.person.unit),
    }[who]()

    with pytest.raises(NotPermitted, match="Only the person who is asked can answer"):
        save(task, required, "Mine", by=by)
    with pytest.raises(NotPermitted):
        submit(task, by=by)


@needs_rows
def test_save_draft_answer_to_the_question_of_another_task_is_refused():
    task, other = make_task(), make_task()

    with pytest.raises(Refused, match="not part of the consultation"):
        save(task, questions_of(other.consultation)[0], "Text")


@needs_rows
@pytest.mark.parametrize(
    ("place", "value"), [(0, "x" * 5001), (0, "a\x00b"), (0, ["list"]), (0, "\ud800"), (1, "Best"), (1, ["Better"])]
)
def test_save_draft_answer_that_is_not_valid_is_refused(place, value):
    task = make_task()

    with pytest.raises(Refused) as refusal:
        save(task, questions_of(task.consultation)[place], value)

    assert refusal.value.field == "answer"
    assert not DraftAnswer.objects.exists()


@needs_rows
def test_answering_is_refused_outside_the_window_and_in_a_cancelled_review():
    person = make_person(unit=make_unit())
    review = make_review(now=NOW - timedelta(days=10))
    consultation = make_consultation(review, units=[person.unit])
    question = make_question(consultation)
    launch(consultation, now=NOW - timedelta(days=9))
    task = ConsultationTask.objects.get()

    with pytest.raises(NotOpen, match="opens at 10am on Tuesday 15 September 2026, UK time"):
        save(task, question, "Early", now=review.opens_at - MILLISECOND)
    save(task, question, "In time", now=review.opens_at)
    save(task, question, "In time still", now=review.closes_at - MILLISECOND)
    with pytest.raises(NotOpen, match="closed at 5pm on Tuesday 10 November 2026, UK time"):
        save(task, question, "Late", now=review.closes_at)
    cancel_review(review_id=review.pk, reason="No.", by=make_manager(review.programme), now=NOW)
    with pytest.raises(NotOpen, match="was cancelled"):
        save(task, question, "After", now=NOW)
    with pytest.raises(NotOpen, match="was cancelled"):
        submit(task)


@needs_rows
def test_submit_response_stores_answers_ends_the_need_and_queues_a_receipt():
    task, _, optional = answered_task("Keep\nthe people. None")
    save(task, optional, "Better")

    response = submit(task)

    assert (response.number, response.submitted_at) == (1, NOW)
    assert answers_of(response) == {"What should we keep?": "Keep\nthe people. None", "Is it better?": "Better"}
    task.refresh_from_db()
    assert task.state == TaskState.SUBMITTED
    assert not DraftAnswer.objects.exists()
    reminders = PlannedReminder.objects.filter(need=need_of(task.pk))
    assert set(reminders.values_list("state", "state_reason")) == {(ReminderState.CANCELLED, "answered")}
    message = mails().get()
    assert (message.recipient, message.subject) == (task.person, f"Answers received: {task.consultation.title}")
    assert response.receipt_code in message.text
    assert response.receipt_code in message.html
    assert f"/tasks/{task.pk}/" in message.text
    assert (message.is_urgent, message.due_at, message.valid_until) == (True, NOW, None)


@needs_rows
def test_submit_response_is_told_to_the_person_and_to_no_programme():
    task, *_ = answered_task()

    submit(task)

    event = events_about(task.pk).get()
    assert (event.action, event.scope_id, event.summary) == (
        "consultations.submit_response",
        None,
        f"answered the consultation {task.consultation.title}",
    )
    scope = task.consultation.review.programme.scope_id
    assert "submit" not in " ".join(e.action for e in events_in([scope], since=NOW - timedelta(days=1)))


@needs_rows
def test_submit_response_names_what_is_missing():
    task = make_task()
    save(task, questions_of(task.consultation)[1], "Better")

    with pytest.raises(Incomplete) as refusal:
        submit(task)

    assert refusal.value.sentences == ("Answer “What should we keep?”",)
    assert not Response.objects.exists()
    assert DraftAnswer.objects.count() == 1


@needs_rows
def test_submit_response_counts_a_millisecond_before_the_close_and_not_at_it():
    closes_at = answered_task()[0].consultation.review.closes_at
    in_time, late = answered_task()[0], answered_task()[0]

    assert submit(in_time, at=closes_at - MILLISECOND).submitted_at == closes_at - MILLISECOND
    with pytest.raises(NotOpen, match="closed at 5pm"):
        submit(late, at=closes_at)
    assert not Response.objects.filter(task=late).exists()
    assert DraftAnswer.objects.filter(task=late).exists()


@needs_rows
def test_submit_response_again_with_its_key_gives_the_first_even_after_the_close():
    task, *_ = answered_task()
    key = uuid4()

    first = submit(task, key=key)
    again = submit(task, key=key, at=task.consultation.review.closes_at + timedelta(days=1))

    assert first == again
    assert (Response.objects.count(), mails().count()) == (1, 1)


@needs_rows
def test_submit_response_with_the_key_of_another_task_is_refused():
    task, *_ = answered_task()
    other, *_ = answered_task()
    key = uuid4()
    submit(other, key=key)

    with pytest.raises(Refused, match="used for something else"):
        submit(task, key=key)


@needs_rows
def test_submit_response_without_a_change_is_refused_with_the_receipt():
    task, *_ = answered_task()
    first = submit(task)

    with pytest.raises(AlreadySent, match=first.receipt_code):
        submit(task)


@needs_rows
def test_a_changed_answer_is_the_next_response_and_the_first_stays():
    task, required, optional = answered_task("First")
    save(task, optional, "Better")
    first = submit(task)

    save(task, required, "Second", now=NOW + timedelta(days=1))
    assert (sheet_of(task).has_unsent_answers, tasks_of(task.person, NOW)[0].standing[0]) == (True, "Changes not sent")
    save(task, optional, "", now=NOW + timedelta(days=1))
    second = submit(task, at=NOW + timedelta(days=1))

    assert answers_of(first) == {"What should we keep?": "First", "Is it better?": "Better"}
    assert answers_of(second) == {"What should we keep?": "Second"}
    assert [(r.number, r.receipt_code) for r in responses_of(task)] == [
        (2, second.receipt_code),
        (1, first.receipt_code),
    ]
    assert first.receipt_code != second.receipt_code


@needs_rows
def test_a_change_taken_back_leaves_nothing_to_send():
    task, required, _ = answered_task("First")
    submit(task)

    save(task, required, "Second")
    save(task, required, "First")

    assert not sheet_of(task).has_unsent_answers


@needs_rows
def test_saving_in_a_second_tab_after_submitting_in_the_first_is_told_and_kept():
    task, required, _ = answered_task("First")
    submit(task)

    saved = save(task, required, "From the other tab", seen_number=0)

    assert saved.sent_meanwhile
    assert list(DraftAnswer.objects.values_list("value", flat=True)) == ["From the other tab"]
    assert not save(task, required, "Once more", seen_number=1).sent_meanwhile


@needs_rows
def test_the_same_queries_submit_one_question_and_twenty(django_assert_num_queries):
    def task_with(count):
        person = make_person(unit=make_unit())
        consultation = make_consultation(units=[person.unit])
        for _ in range(count):
            make_question(consultation, kind=QuestionKind.SHORT_TEXT)
        task = make_task(person, consultation=consultation)
        for question in questions_of(consultation):
            save(task, question, "Words")
        return task

    few, many = task_with(1), task_with(20)

    with django_assert_num_queries(24):
        submit(few)
    with django_assert_num_queries(24):
        submit(many)


@needs_rows
def test_tasks_of_puts_what_is_to_do_first_in_one_query(django_assert_num_queries):
    person = make_person(unit=make_unit())

    def task_in(review):
        consultation = make_consultation(review, units=[person.unit])
        make_question(consultation)
        launch(consultation, now=review.opened_at)
        return ConsultationTask.objects.get(consultation=consultation)

    soon, late = task_in(make_review(weeks=2)), task_in(make_review(weeks=8))
    done = task_in(make_review(weeks=3))
    save(done, questions_of(done.consultation)[0], "Done")
    submit(done)
    closed = task_in(make_review(weeks=1))
    cancelled = task_in(make_review(weeks=4))
    review = cancelled.consultation.review
    cancel_review(review_id=review.pk, reason="No.", by=make_manager(review.programme), now=NOW)
    now = NOW + timedelta(days=9)

    with django_assert_num_queries(1):
        rows = tasks_of(person, now)

    assert [(row.id, row.is_to_do) for row in rows] == [
        (soon.pk, True),
        (late.pk, True),
        (done.pk, False),
        (closed.pk, False),
        (cancelled.pk, False),
    ]
    assert rows[0].words == "Closes at 5pm on Tuesday 29 September 2026, UK time: 4 days left"
    assert rows[1].words == "Closes at 5pm on Tuesday 10 November 2026, UK time: 6 weeks left"
    assert rows[2].words.startswith("Sent at 10am on Wednesday 16 September 2026, UK time. Receipt ")
    assert tasks_of(make_administrator(), now) == []


def in_two_threads(first, second):
    """Runs both at the same moment; returns what each gave or raised."""
    together = Barrier(2)

    def run(act):
        together.wait(10)
        try:
            return act()
        except Refused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return [job.result(30) for job in [pool.submit(run, first), pool.submit(run, second)]]


def test_two_submits_at_once_make_one_response(own_database):
    task, *_ = answered_task()

    results = in_two_threads(lambda: submit(task), lambda: submit(task))

    assert sorted(type(result).__name__ for result in results) == ["AlreadySent", "Response"]
    assert (Response.objects.count(), mails().count()) == (1, 1)


def test_two_submits_at_once_with_one_key_give_the_same_receipt(own_database):
    task, *_ = answered_task()
    key = uuid4()

    first, second = in_two_threads(lambda: submit(task, key=key), lambda: submit(task, key=key))

    assert first == second
    assert Response.objects.count() == 1


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
        return cursor.fetchone()


def test_a_submit_that_waits_for_the_lock_past_the_close_is_refused(own_database):
    """The clock is read after the lock: waiting behind somebody else's lock does not buy time."""
    task, *_ = answered_task()
    closes_at = task.consultation.review.closes_at
    clock = {"now": closes_at - MILLISECOND}
    waiting = Barrier(2)

    def hold():
        with transaction.atomic():
            ConsultationTask.objects.select_for_update().get(pk=task.pk)
            waiting.wait(10)
            wait_until(somebody_waits_for_a_lock, what="the other waited for the lock")
            clock["now"] = closes_at

    def send():
        waiting.wait(10)
        return submit_response(task_id=task.pk, request_key=uuid4(), by=task.person, now=lambda: clock["now"])

    _, result = in_two_threads(hold, send)

    assert isinstance(result, NotOpen)
    assert not Response.objects.exists()
