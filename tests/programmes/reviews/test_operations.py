from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from partners.audit.queries import events_about
from partners.audit.rules import NotPermitted, Refused
from partners.people.rules import ONE_LINE_ONLY
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reviews.enums import MilestoneState, ReviewState
from programmes.reviews.models import Milestone, Review
from programmes.reviews.operations import cancel_review, open_review
from programmes.reviews.queries import milestones_due, reviews_in_state, reviews_of, reviews_open_at
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_review,
    make_task,
    plan_reminder,
)

pytestmark = pytest.mark.django_db
MILLISECOND = timedelta(milliseconds=1)


def opened(programme, by, **more):
    return open_review(
        **{
            "programme_id": programme.pk,
            "title": "Autumn review",
            "purpose": "To look at the work done.",
            "starts_on": date(2026, 9, 15),
            "weeks": 8,
            "request_key": uuid4(),
            "by": by,
            "now": NOW,
        }
        | more
    )


def test_open_review_writes_the_window_its_milestones_and_one_event():
    programme = make_programme()
    manager = make_manager(programme)

    review = opened(programme, manager)

    assert (review.opens_at, review.closes_at) == (
        datetime(2026, 9, 15, 9, tzinfo=UTC),
        datetime(2026, 11, 10, 17, tzinfo=UTC),
    )
    steps = dict(Milestone.objects.filter(review=review).values_list("key", "state"))
    assert {key for key, state in steps.items() if state == MilestoneState.SKIPPED} == {"heads_up"}
    assert len(steps) == 11
    assert Milestone.objects.get(review=review, key="heads_up").skip_reason == (
        "Already past when the review was set up, 10am on Wednesday 16 September 2026, UK time"
    )
    assert [(event.action, event.summary, event.scope_id) for event in events_about(review.pk)] == [
        (
            "reviews.open_review",
            "set up the review Autumn review, until 5pm on Tuesday 10 November 2026, UK time",
            programme.scope_id,
        )
    ]


def test_open_review_by_the_portfolios_cio_is_allowed():
    portfolio = make_portfolio()

    assert opened(make_programme(portfolio=portfolio), make_cio(portfolio)).pk


@pytest.mark.parametrize("who", ["stranger", "reader", "administrator", "manager of another"])
def test_open_review_by_others_is_not_permitted(who):
    programme = make_programme()
    by = {
        "stranger": make_person,
        "reader": lambda: make_reader(programme),
        "administrator": make_administrator,
        "manager of another": lambda: make_manager(make_programme()),
    }[who]()

    with pytest.raises(NotPermitted, match="You cannot open or cancel a review of this programme"):
        opened(programme, by)

    assert not Review.objects.exists()


def test_open_review_twice_with_one_key_opens_one():
    programme = make_programme()
    manager, key = make_manager(programme), uuid4()

    first = opened(programme, manager, request_key=key)
    again = opened(programme, manager, request_key=key, title="Another title")

    assert first == again
    assert Review.objects.get().title == "Autumn review"


def test_open_review_with_the_key_of_another_programme_is_refused():
    key = uuid4()
    other = make_programme()
    opened(other, make_manager(other), request_key=key)
    programme = make_programme()

    with pytest.raises(Refused, match="used for another review"):
        opened(programme, make_manager(programme), request_key=key)


def test_open_review_that_is_over_already_is_refused():
    programme = make_programme()
    manager = make_manager(programme)
    closes = datetime(2026, 11, 10, 17, tzinfo=UTC)

    assert opened(programme, manager, now=closes - MILLISECOND).pk
    with pytest.raises(Refused, match="would have closed at 5pm on Tuesday 10 November 2026, UK time"):
        opened(programme, manager, now=closes)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": "  "}, "Enter a title."),
        ({"title": "One\nTwo"}, f"{ONE_LINE_ONLY}."),
        ({"title": "x" * 201}, "Shorten a title: 200 characters at most, this has 201."),
        ({"purpose": ""}, "Enter the purpose."),
        ({"weeks": 9}, "A review runs for up to eight weeks. Passing the limit needs a recorded decision."),
    ],
)
def test_open_review_refuses_bad_input_and_writes_nothing(given, sentence):
    programme = make_programme()

    with pytest.raises(Refused) as refusal:
        opened(programme, make_manager(programme), **given)

    assert refusal.value.sentence == sentence
    assert not Review.objects.exists()
    assert not Milestone.objects.exists()


def test_cancel_review_ends_it_and_its_reminders():
    review = make_review()
    wave = plan_reminder(review.programme, [make_person()], subject_id=review.pk)
    manager = make_manager(review.programme)

    cancel_review(review_id=review.pk, reason="The direction is decided.", by=manager, now=NOW)

    review.refresh_from_db()
    assert (review.cancelled_at, review.cancelled_by, review.cancel_reason) == (
        NOW,
        manager,
        "The direction is decided.",
    )
    assert [(r.state, r.state_reason) for r in PlannedReminder.objects.filter(wave=wave)] == [
        (ReminderState.CANCELLED, "The review was cancelled.")
    ]
    cancelled = PlannedReminder.objects.filter(wave__subject_id=review.pk, state=ReminderState.CANCELLED).count()
    assert cancelled > 1
    assert events_about(review.pk)[0].after == {"state": "cancelled", "reminders_cancelled": cancelled}


def test_cancel_review_ends_the_reminders_of_its_consultations():
    task = make_task()
    review = task.consultation.review
    assert PlannedReminder.objects.filter(state=ReminderState.PLANNED).exists()

    cancel_review(review_id=review.pk, reason="Not needed.", by=make_manager(review.programme), now=NOW)

    assert not PlannedReminder.objects.exclude(state=ReminderState.CANCELLED).exists()


def test_cancel_review_again_or_after_its_close_is_refused():
    review = make_review()
    manager = make_manager(review.programme)

    with pytest.raises(Refused, match="closed at 5pm on Tuesday 10 November 2026"):
        cancel_review(review_id=review.pk, reason="Late.", by=manager, now=review.closes_at)
    cancel_review(review_id=review.pk, reason="Early.", by=manager, now=NOW)
    with pytest.raises(Refused, match="cancelled already"):
        cancel_review(review_id=review.pk, reason="Again.", by=manager, now=NOW)


def test_cancel_review_by_a_reader_is_not_permitted():
    review = make_review()

    with pytest.raises(NotPermitted):
        cancel_review(review_id=review.pk, reason="No.", by=make_reader(review.programme), now=NOW)


def test_the_state_is_the_same_in_python_and_in_sql_at_every_edge():
    running, cancelled = make_review(), make_review()
    at = datetime(2026, 10, 1, 12, tzinfo=UTC)
    cancel_review(review_id=cancelled.pk, reason="No.", by=make_manager(cancelled.programme), now=at)
    cancelled.refresh_from_db()
    edges = [running.opens_at, at, running.closes_at]

    for moment in [edge + step for edge in edges for step in (-MILLISECOND, timedelta(0), MILLISECOND)]:
        for review in (running, cancelled):
            in_sql = [state for state in ReviewState if reviews_in_state(state, moment).filter(pk=review.pk).exists()]
            assert in_sql == [review.state_at(moment)]

    assert running.state_at(running.opens_at - MILLISECOND) == ReviewState.SCHEDULED
    assert running.state_at(running.opens_at) == ReviewState.OPEN
    assert running.state_at(running.closes_at - MILLISECOND) == ReviewState.OPEN
    assert running.state_at(running.closes_at) == ReviewState.CLOSED
    assert set(reviews_open_at(running.closes_at - MILLISECOND)) == {running}


def test_reviews_of_and_milestones_due_take_few_queries(django_assert_num_queries):
    programme = make_programme()
    for _ in range(3):
        make_review(programme)
    make_review()

    with django_assert_num_queries(1):
        assert len(reviews_of([programme.pk], NOW)) == 3
    with django_assert_num_queries(1):
        due = milestones_due([programme.pk], since=NOW, until=NOW + timedelta(days=7))
    assert [step.title for step in due] == ["Look at uptake by unit"] * 3
