"""The review itself: opened, planned anew, completed or cancelled."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from programmes.raid.changes import add_action, lock_programme
from programmes.raid.enums import Origin
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.queries import people_who_see
from programmes.scheduling.models import GateCheck, GateRecommendation, GateReview, Stage
from programmes.scheduling.operations.gate_reviews.locking import USED_ALREADY, conflict, locked_review, record, save
from programmes.scheduling.permissions import check_can_complete_gate_reviews, check_can_prepare_gate_reviews
from programmes.scheduling.queries.gate_reviews import checks_of, fingerprint_now
from programmes.scheduling.rules.gates import (
    CANCEL_LENGTH,
    FOLLOW_UP_TITLE,
    FOLLOWED_UP,
    RATING_STANDS,
    REVIEWERS_LENGTH,
    SUMMARY_LENGTH,
    check_answered,
    check_follow_up,
)
from programmes.workstreams.changes import record_assurance
from programmes.workstreams.enums import DeliveryConfidence, Scale


@transaction.atomic(durable=True)
def open_gate_review(
    *, programme_id: UUID, stage_id: UUID, reviewers: str, planned_on: date, request_key: UUID, by: User, now: datetime
) -> GateReview:
    """Open a review of the gate before a stage, with the checklist that the stage's definition asks for.

    ``request_key`` becomes its id, and the same one again returns the first.

    Raises: NotPermitted; Refused when the programme ended, the stage is another programme's, has started or is skipped, a
    review of its gate is under way, or for words or a day that cannot be.
    """
    programme = lock_programme(programme_id)
    check_can_prepare_gate_reviews(by, programme)
    known = GateReview.objects.filter(pk=request_key).select_related("stage").first()
    if known is not None:
        if (known.stage_id, known.opened_by_id) != (stage_id, by.pk):
            raise Refused(USED_ALREADY)
        return known
    check_runs(programme)
    stage = Stage.objects.filter(programme=programme, pk=stage_id).select_related("definition").first()
    if stage is None:
        raise Refused("Choose a stage of this programme.", field="stage")
    if stage.started_on:
        raise Refused(
            f"{stage} started on {words_for_date(stage.started_on)}, so its gate is behind it. Choose a later stage.",
            field="stage",
        )
    if not stage.is_active:
        raise Refused(f"{stage} is skipped, so nothing is decided at its gate. Choose another stage.", field="stage")
    if GateReview.objects.filter(stage=stage, completed_at=None, cancelled_at=None).exists():
        raise Refused(
            f"A review of the gate before {stage} is under way. Complete or cancel that one first.", field="stage"
        )
    review = GateReview(
        pk=request_key,
        stage=stage,
        number=GateReview.objects.filter(stage=stage).count() + 1,
        opened_at=now,
        opened_by=by,
    )
    _fill(review, reviewers=reviewers, planned_on=planned_on)
    review.save(force_insert=True)
    GateCheck.objects.bulk_create(
        GateCheck(review=review, position=position, question=question)
        for position, question in enumerate(stage.definition.checklist, 1)
    )
    record(
        review,
        "open_gate_review",
        f"opened a review of the gate before {stage}, by {review.reviewers}, planned for {words_for_date(planned_on)}",
        by=by,
        now=now,
        after=_planned(review),
    )
    return review


@transaction.atomic(durable=True)
def change_gate_review(
    *, review_id: UUID, version: int, reviewers: str, planned_on: date, by: User, now: datetime
) -> GateReview:
    """Say anew who reviews and when. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when it is
    completed or for words or a day that cannot be.
    """
    review = locked_review(review_id, by=by)
    before = _planned(review)
    _fill(review, reviewers=reviewers, planned_on=planned_on)
    if _planned(review) == before:
        return review
    if review.version != version:
        raise conflict(review, version)
    save(review, "reviewers", "planned_on")
    record(
        review,
        "change_gate_review",
        f"changed the review of the gate before {review.stage}: by {review.reviewers}, planned for "
        f"{words_for_date(planned_on)}",
        by=by,
        now=now,
        before={"version": version, **before},
        after=_planned(review),
    )
    return review


@transaction.atomic(durable=True)
def complete_gate_review(
    *,
    review_id: UUID,
    version: int,
    rating: DeliveryConfidence,
    summary: str,
    follow_up_on: date | None = None,
    by: User,
    now: datetime,
) -> GateReview:
    """Complete a review: it is never changed again, and its fingerprint says what it held.

    Each recommendation becomes an action of its owner. A red or an amber/red rating is followed up: an assurance of the
    action plan by ``follow_up_on``, owned by the programme's owner, or by whoever completes where there is none. The
    rating is kept as the assurance of the programme.

    Raises: NotPermitted, also for who manages the programme; Conflict, naming who changed what, when ``version`` is not
    the latest; Refused when it is completed, the programme ended, a line of the checklist is not answered (naming it),
    or without a summary or the day of a follow-up.
    """
    review = locked_review(review_id, by=by)
    programme = review.stage.programme
    check_can_complete_gate_reviews(by, programme)
    if review.version != version:
        raise conflict(review, version)
    check_answered([(each.question, each.answer) for each in checks_of(review)])
    today = local_date(now)
    summary = lines(summary, limit=SUMMARY_LENGTH, field="summary", named="the summary", required=True)
    check_follow_up(rating, follow_up_on, today=today, calendar=working_calendar())
    for each in GateRecommendation.objects.filter(review=review).select_related("owner").order_by("due_on", "pk"):
        add_action(
            programme,
            title=each.text,
            owner=each.owner,
            due_on=each.due_on,
            origin=Origin.GATE_REVIEW,
            origin_id=each.pk,
            description=f"Recommended by {review}, by {review.reviewers}.",
            by=by,
            now=now,
        )
    if follow_up_on and rating in FOLLOWED_UP:
        add_action(
            programme,
            title=FOLLOW_UP_TITLE,
            owner=_who_follows_up(programme, by),
            due_on=follow_up_on,
            origin=Origin.ASSURANCE,
            origin_id=review.pk,
            description=f"{review} was rated {rating.label}: what is done about it is assured by this day.",
            by=by,
            now=now,
        )
    record_assurance(
        programme,
        scale=Scale.FIVE_POINT,
        rating=rating,
        words=summary,
        assured_by=review.reviewers,
        assured_on=today,
        expires_on=today + RATING_STANDS,
        by=by,
        now=now,
    )
    review.rating, review.summary = rating, summary
    review.completed_at, review.completed_by = now, by
    review.fingerprint = fingerprint_now(review)
    save(review, "rating", "summary", "completed_at", "completed_by", "fingerprint")
    record(
        review,
        "complete_gate_review",
        f"completed the review of the gate before {review.stage}: {rating.label}",
        by=by,
        now=now,
        after={"completed_on": str(today), "rating": rating.value, "fingerprint": review.fingerprint},
    )
    return review


@transaction.atomic(durable=True)
def cancel_gate_review(*, review_id: UUID, version: int, reason: str, by: User, now: datetime) -> GateReview:
    """Say that a review will not be completed, and why: what it holds stays as it is, and another one may be opened.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when it is
    completed or cancelled, the programme ended, or without a reason.
    """
    review = locked_review(review_id, by=by)
    if review.version != version:
        raise conflict(review, version)
    review.cancel_reason = one_line(reason, limit=CANCEL_LENGTH, field="reason", named="the reason")
    review.cancelled_at, review.cancelled_by = now, by
    save(review, "cancelled_at", "cancelled_by", "cancel_reason")
    record(
        review,
        "cancel_gate_review",
        f"cancelled the review of the gate before {review.stage} ({review.cancel_reason.rstrip('.')})",
        by=by,
        now=now,
        after={"cancelled_on": str(local_date(now)), "reason": review.cancel_reason},
    )
    return review


def _fill(review: GateReview, *, reviewers: str, planned_on: date) -> None:
    review.reviewers = one_line(reviewers, limit=REVIEWERS_LENGTH, field="reviewers", named="who reviews")
    check_day(planned_on, field="planned_on", named="The planned day")
    review.planned_on = planned_on


def _planned(review: GateReview) -> dict[str, object]:
    return {"reviewers": review.reviewers, "planned_on": str(review.planned_on)}


def _who_follows_up(programme: Programme, by: User) -> User:
    owner = people_who_see(programme).filter(pk=programme.owner_id).first() if programme.owner_id else None
    return owner or by
