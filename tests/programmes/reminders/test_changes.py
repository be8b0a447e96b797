from datetime import timedelta
from uuid import uuid4

import pytest

from partners.post.changes import queue_message
from partners.post.enums import MessageState
from programmes.reminders.changes import Recipient, end_need, end_needs_of_subject, plan_wave
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from tests.builders import NOW, make_person, make_programme
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def plan(programme, people, *, subject_id=None, key="launch/1/0", due_at=NOW, **more):
    return plan_wave(
        programme=programme,
        subject_id=subject_id or uuid4(),
        key=key,
        title="One week left",
        mail_subject="Your views on custody tablets",
        mail_text="Five questions, about ten minutes.",
        due_at=due_at,
        due_reason="Five working days before the close.",
        valid_until=due_at + DAY,
        recipients=[Recipient(p.pk, f"consultation-task:{p.pk}", "/my-tasks/") for p in people],
        now=NOW,
        **more,
    )


def test_plan_wave_again_writes_nothing_new():
    programme, subject = make_programme(), uuid4()
    people = [make_person() for _ in range(3)]

    first = plan(programme, people, subject_id=subject)
    again = plan(programme, people, subject_id=subject)

    assert first == again
    assert ReminderWave.objects.count() == 1
    assert set(PlannedReminder.objects.values_list("dedup_key", "state")) == {
        (f"{subject}/launch/1/0/{person.pk}/email", "planned") for person in people
    }


def test_plan_wave_with_another_recipient_adds_that_one():
    programme, subject = make_programme(), uuid4()
    first, late = make_person(), make_person()
    plan(programme, [first], subject_id=subject)

    plan(programme, [first, late], subject_id=subject)

    assert set(PlannedReminder.objects.values_list("recipient", flat=True)) == {first.pk, late.pk}


def test_end_need_cancels_what_is_planned_and_leaves_others():
    answered, other = make_person(), make_person()
    plan(make_programme(), [answered, other])

    ended = end_need(need=f"consultation-task:{answered.pk}", reason="Answered.", now=NOW)

    assert ended == 1
    assert dict(PlannedReminder.objects.values_list("recipient", "state")) == {
        answered.pk: ReminderState.CANCELLED,
        other.pk: ReminderState.PLANNED,
    }


def test_end_needs_of_subject_cancels_planned_and_queued():
    subject = uuid4()
    people = [make_person(), make_person()]
    plan(make_programme(), people, subject_id=subject)
    queued = PlannedReminder.objects.get(recipient=people[0])
    message = queue_message(
        dedup_key=queued.dedup_key,
        thread="t",
        recipient_id=people[0].pk,
        subject="S",
        text="T",
        html="H",
        due_at=NOW,
        now=NOW,
    )
    PlannedReminder.objects.filter(pk=queued.pk).update(state=ReminderState.QUEUED, message=message, settled_at=NOW)

    ended = end_needs_of_subject(subject_id=subject, reason="The review was cancelled.", now=NOW)

    message.refresh_from_db()
    assert ended == 2
    assert (message.state, message.state_reason) == (MessageState.CANCELLED, "The review was cancelled.")
    assert list(mails().values_list("state", flat=True)) == [MessageState.CANCELLED]
