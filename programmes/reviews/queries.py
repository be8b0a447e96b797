from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from partners.audit.queries import Statement
from partners.calendar.queries import working_calendar
from partners.calendar.rules import BeyondCalendar
from partners.clock.rules import local_date, words_for_instant
from partners.people.models import User
from programmes.register.queries import programmes_visible_to
from programmes.reminders.queries import away_by_day, people_of
from programmes.reminders.rules import Recipient, Wanted, WaveWords, Within, here_of
from programmes.reviews.enums import MilestoneState, ReviewState
from programmes.reviews.models import Milestone, Review
from programmes.reviews.rules import (
    STEP_ASKS,
    STEP_WORDS,
    STEPS_TO_TAKE,
    PlannedMilestone,
    state_at,
    steps_between,
    useful_until,
)

KIND = "review"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review with its programme and its state at the time asked."""

    id: UUID
    title: str
    programme_id: UUID
    programme_name: str
    opens_at: datetime
    closes_at: datetime
    state: ReviewState


@dataclass(frozen=True, slots=True)
class DueMilestone:
    """A planned step of a review that is not cancelled."""

    id: UUID
    title: str
    due_at: datetime
    due_reason: str
    review_id: UUID
    review_title: str
    programme_id: UUID
    programme_name: str


def reviews_visible_to(user: User) -> QuerySet[Review]:
    """Reviews of the programmes that the person may see, with programme and scope. Unordered."""
    return Review.objects.select_related("programme__scope").filter(
        programme__in=programmes_visible_to(user).order_by().values("pk")
    )


def reviews_open_at(now: datetime) -> QuerySet[Review]:
    """Reviews in ``[opens_at, closes_at)`` and not cancelled; ``Review.state_at`` in SQL. Unordered."""
    return reviews_in_state(ReviewState.OPEN, now)


def reviews_in_state(state: ReviewState, now: datetime) -> QuerySet[Review]:
    """Reviews that are in this state at the instant. Unordered."""
    return Review.objects.filter(state_condition(state, now))


def state_condition(state: ReviewState, now: datetime, prefix: str = "") -> Q:
    """``Review.state_at(now) == state`` as a condition; ``prefix`` is a path to the review such as ``review__``."""
    cancelled = Q(**{f"{prefix}cancelled_at__lte": now})
    if state == ReviewState.CANCELLED:
        return cancelled
    within: dict[str, datetime] = {
        ReviewState.SCHEDULED: {f"{prefix}opens_at__gt": now},
        ReviewState.OPEN: {f"{prefix}opens_at__lte": now, f"{prefix}closes_at__gt": now},
        ReviewState.CLOSED: {f"{prefix}closes_at__lte": now},
    }[state]
    running = Q(**{f"{prefix}cancelled_at": None}) | Q(**{f"{prefix}cancelled_at__gt": now})
    return Q(**within) & running


def reviews_of(programme_ids: Collection[UUID], now: datetime) -> list[ReviewRow]:
    """Reviews of these programmes, the latest opening first; one query. The caller has scoped the programmes."""
    found = Review.objects.filter(programme_id__in=programme_ids).select_related("programme")
    return [review_row(review, now) for review in found.order_by("-opens_at", "pk")]


def reviews_known_at(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, known_at: datetime, *, closing_since: datetime, limit: int
) -> list[ReviewRow]:
    """Reviews that were set up by an instant and close at or after another, the last to close first; one query."""
    rows = _KNOWN.rows(programmes=programme_ids, known_at=known_at, since=closing_since, limit=limit)
    return [
        ReviewRow(
            pk, title, programme_id, name, opens_at, closes_at, state_at(known_at, opens_at, closes_at, cancelled_at)
        )
        for pk, title, programme_id, name, opens_at, closes_at, cancelled_at in rows
    ]


def review_row(review: Review, now: datetime) -> ReviewRow:
    """The row of a review that was read with its programme; no query."""
    return ReviewRow(
        id=review.pk,
        title=review.title,
        programme_id=review.programme_id,
        programme_name=review.programme.name,
        opens_at=review.opens_at,
        closes_at=review.closes_at,
        state=review.state_at(now),
    )


def milestones_of(review: Review) -> QuerySet[Milestone]:
    """Every step of the review in order of time; the closing stands after all others of its instant."""
    return Milestone.objects.filter(review=review).order_by("due_at", "pk")


def milestones_due(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, *, since: datetime, until: datetime, limit: int | None = None
) -> list[DueMilestone]:
    """Planned steps of these programmes with ``since <= due_at < until``, the next first, at most ``limit``; one query."""
    rows = _DUE.rows(programmes=programme_ids, since=since, until=until, limit=limit)
    return [DueMilestone(*step) for step in rows]


def reviews_that_go_on(within: Within) -> QuerySet[Review]:
    """Reviews, neither cancelled nor of a programme that ended or is kept as a record, with programme and scope. Unordered."""
    found = Review.objects.filter(
        cancelled_at=None, programme__ended_at=None, programme__scope__parent__is_record=False
    )
    if within.programme_ids is not None:
        found = found.filter(programme__in=within.programme_ids)
    if within.subject_ids is not None:
        found = found.filter(pk__in=within.subject_ids)
    return found.select_related("programme__scope", "programme__owner")


def steps_by_review(reviews: Iterable[Review]) -> dict[UUID, dict[str, PlannedMilestone]]:
    """The steps of each review as the calendar gives them now, by key; none beyond the known bank holidays. One query."""
    calendar, found = working_calendar(), {}
    for review in reviews:
        try:
            steps = steps_between(review.opens_at, review.closes_at, calendar=calendar)
        except BeyondCalendar:
            steps = []
        found[review.pk] = {step.key: step for step in steps}
    return found


def review_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """The steps of reviews that somebody has to take, told to whoever runs the programme as they fall due."""
    reviews = {one.pk: one for one in reviews_that_go_on(within)}
    planned = Milestone.objects.filter(review__in=reviews, state=MilestoneState.PLANNED, key__in=STEPS_TO_TAKE)
    by_review, calendar = steps_by_review(reviews.values()), working_calendar()
    coming: list[tuple[Review, PlannedMilestone, datetime]] = []
    for review_id, key in planned.order_by("review_id", "due_at", "pk").values_list("review_id", "key"):
        step = by_review[review_id].get(key)
        if step:
            until = useful_until(step.due_at, calendar=calendar)
            if until > now:
                coming.append((reviews[review_id], step, until))
    people = people_of(list({review.programme_id: review.programme for review, _, _ in coming}.values()))
    away = away_by_day([local_date(step.due_at) for _, step, _ in coming])
    for review, step, until in coming:
        told = people[review.programme_id]
        yield Wanted(
            kind=KIND,
            key=f"{review.pk}/step/{step.key}",
            subject_id=review.pk,
            programme_id=review.programme_id,
            words=WaveWords(
                title=f"{STEP_WORDS[step.key]}: {review.title}",
                mail_subject=f"{STEP_WORDS[step.key]}: {review.title}",
                mail_text=(
                    f"The review “{review.title}” of {review.programme.name} asks this of you today: "
                    f"{STEP_ASKS[step.key]}\n\nIt closes at {words_for_instant(review.closes_at)}."
                ),
                due_at=step.due_at,
                due_reason=step.reason,
                valid_until=until,
            ),
            recipients=tuple(
                Recipient(one, f"review-step:{review.pk}/{step.key}", reverse("review", args=[review.pk]))
                for one in here_of(told.in_charge, away(local_date(step.due_at)), told.in_sight)
            ),
            needs_sight=True,
        )


def _known(programmes: RawSQL, known_at: RawSQL, since: RawSQL) -> QuerySet:
    found = Review.objects.filter(programme__in=programmes, opened_at__lte=known_at, closes_at__gte=since)
    columns = ("pk", "title", "programme_id", "programme__name", "opens_at", "closes_at", "cancelled_at")
    return found.order_by("-closes_at", "pk").values_list(*columns)


def _due(programmes: RawSQL, since: RawSQL, until: RawSQL) -> QuerySet:
    """In the order of the columns of ``DueMilestone``."""
    found = Milestone.objects.filter(
        review__programme__in=programmes,
        review__cancelled_at=None,
        state=MilestoneState.PLANNED,
        due_at__gte=since,
        due_at__lt=until,
    )
    of_review = ("review", "review__title", "review__programme", "review__programme__name")
    return found.order_by("due_at", "pk").values_list("id", "title", "due_at", "due_reason", *of_review)


_KNOWN, _DUE = Statement(_known), Statement(_due)
