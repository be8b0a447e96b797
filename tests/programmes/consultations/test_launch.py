from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.audit.queries import events_about
from partners.audit.rules import NotPermitted
from partners.people.models import Unit, User
from programmes.consultations.models import ConsultationTask
from programmes.consultations.operations.launch import launch_consultation
from programmes.consultations.queries import launch_plan, progress_of
from programmes.consultations.rules import NOBODY, NotReady, need_of, task_path
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reviews.operations import cancel_review
from tests.builders import (
    NOW,
    launch,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_question,
    make_reader,
    make_review,
    make_unit,
)

pytestmark = pytest.mark.django_db


def ready(*units):
    consultation = make_consultation(units=units)
    make_question(consultation)
    return consultation


def fill(unit, count):
    User.objects.bulk_create(
        User(email=f"{unit.code}-{n}@example.org".lower(), name=f"{unit.code} {n}", unit=unit, joined_at=NOW)
        for n in range(count)
    )


def test_launch_asks_each_active_person_of_the_units_and_below_once():
    above, other = make_unit("Custody"), make_unit("Roads")
    below = Unit.objects.create(code="below", name="Custody night turn", parent=above)
    people = [make_person(unit=above), make_person(unit=below)]
    make_person(unit=other)
    make_person()
    leaver = make_person(unit=above)
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    consultation = ready(above, below)

    launched = launch(consultation)

    assert launched.launched_at == NOW
    assert set(ConsultationTask.objects.values_list("person", "unit_name", "state", "asked_at")) == {
        (people[0].pk, "Custody", "not_started", NOW),
        (people[1].pk, "Custody night turn", "not_started", NOW),
    }
    event = events_about(consultation.pk)[0]
    assert event.action == "consultations.launch_consultation"
    assert event.after is not None
    assert event.after["people"] == 2


def test_launch_plans_the_invitation_and_four_reminders_for_each_person():
    person = make_person(unit=make_unit())
    consultation = ready(person.unit)

    launch(consultation)

    task = ConsultationTask.objects.get()
    review = consultation.review
    waves = list(ReminderWave.objects.filter(kind="consultation").order_by("due_at"))
    assert [(wave.title, wave.is_urgent) for wave in waves] == [
        (f"Invitation: {consultation.title}", False),
        (f"Reminder 1: {consultation.title}", False),
        (f"Reminder 2, midpoint: {consultation.title}", False),
        (f"Reminder 3, one week left: {consultation.title}", False),
        (f"Last reminder: {consultation.title}", True),
    ]
    assert {wave.subject_id for wave in waves} == {review.pk}
    assert waves[0].due_at == NOW
    assert [wave.valid_until for wave in waves] == [*(wave.due_at for wave in waves[1:]), review.closes_at]
    assert waves[1].due_reason == "10 working days after the review opens"
    assert "5pm on Tuesday 10 November 2026, UK time" in waves[1].mail_text
    assert set(
        PlannedReminder.objects.filter(wave__kind="consultation").values_list("recipient", "need", "link_path")
    ) == {(person.pk, need_of(task.pk), reverse("task", args=[task.pk]))}
    assert PlannedReminder.objects.filter(wave__kind="consultation").count() == 5
    assert task_path(task.pk) == reverse("task", args=[task.pk])


def test_two_consultations_of_one_review_plan_waves_of_their_own():
    person = make_person(unit=make_unit())
    review = make_review()
    for _ in range(2):
        consultation = make_consultation(review, units=[person.unit])
        make_question(consultation)
        launch(consultation)

    assert ReminderWave.objects.filter(kind="consultation").count() == 10
    assert PlannedReminder.objects.filter(wave__kind="consultation").count() == 10


def test_launch_before_the_review_opens_invites_at_the_opening():
    person = make_person(unit=make_unit())
    review = make_review(now=NOW - timedelta(days=10))
    consultation = make_consultation(review, units=[person.unit])
    make_question(consultation)

    launch(consultation, now=NOW - timedelta(days=9))

    first = ReminderWave.objects.filter(kind="consultation").order_by("due_at")[0]
    assert (first.due_at, first.due_reason) == (review.opens_at, "When the review opens")


def test_launch_refuses_with_a_sentence_for_each_missing_thing():
    consultation = make_consultation(units=[make_unit()])

    with pytest.raises(NotReady) as refusal:
        launch(consultation)

    assert refusal.value.sentences == (
        "There are no questions. Add at least one.",
        NOBODY,
    )
    consultation.refresh_from_db()
    assert consultation.launched_at is None
    assert not ConsultationTask.objects.exists()
    assert not ReminderWave.objects.filter(kind="consultation").exists()


def test_launch_in_a_closed_or_cancelled_review_or_again_is_refused():
    unit = make_unit()
    make_person(unit=unit)
    consultation = ready(unit)
    review = consultation.review

    with pytest.raises(NotReady, match="The review closed at 5pm"):
        launch(consultation, now=review.closes_at)
    launch(consultation)
    with pytest.raises(NotReady, match="launched already"):
        launch(consultation)
    assert ConsultationTask.objects.count() == 1

    cancelled = ready(unit)
    cancel_review(review_id=cancelled.review_id, reason="No.", by=make_manager(cancelled.review.programme), now=NOW)
    with pytest.raises(NotReady, match="The review is cancelled"):
        launch(cancelled)


@pytest.mark.parametrize("who", ["stranger", "reader", "administrator"])
def test_launch_by_others_is_not_permitted(who):
    consultation = ready(make_unit())
    by = {
        "stranger": make_person,
        "reader": lambda: make_reader(consultation.review.programme),
        "administrator": make_administrator,
    }[who]()

    with pytest.raises(NotPermitted):
        launch_consultation(consultation_id=consultation.pk, by=by, now=NOW)


def test_launch_takes_the_same_queries_for_one_and_for_two_thousand_people():
    counts = []
    for size in (1, 2000):
        unit = make_unit()
        fill(unit, size)
        consultation = ready(unit)
        manager = make_manager(consultation.review.programme)
        with CaptureQueriesContext(connection) as queries:
            launch_consultation(consultation_id=consultation.pk, by=manager, now=NOW)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert PlannedReminder.objects.filter(wave__kind="consultation").count() == 5 * 2001


def test_launch_plan_says_what_a_launch_would_do():
    unit = make_unit()
    fill(unit, 3)
    consultation = ready(unit)

    plan = launch_plan(consultation, NOW)

    assert (plan.people, plan.missing, len(plan.contacts)) == (3, (), 5)


def test_progress_counts_the_roll_and_not_who_joined_later(django_assert_num_queries):
    big, small = make_unit("Big"), make_unit("Small")
    fill(big, 12)
    fill(small, 3)
    consultation = ready(big, small)
    launch(consultation)
    make_person(unit=big)

    with django_assert_num_queries(1):
        progress = progress_of(consultation)

    assert (progress.asked, progress.answered, progress.units) == (15, 0, ())
