from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import words_for_instant
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.register.models import Programme
from programmes.reminders.changes import end_needs_of_subject
from programmes.reviews.changes import set_up_review
from programmes.reviews.enums import ReviewState
from programmes.reviews.models import Review
from programmes.reviews.permissions import check_can_run_review
from programmes.reviews.rules import REASON_LENGTH


@transaction.atomic(durable=True)
def open_review(
    *,
    programme_id: UUID,
    title: str,
    purpose: str,
    starts_on: date,
    weeks: int | None = None,
    closes_on: date | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Review:
    """Set a review up with its milestones; the same request key again returns the first review.

    Its length is given in weeks or by a closing day.

    Raises: NotPermitted; Refused as in ``set_up_review``, or for a key that was used for another programme.
    """
    programme = (
        Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope").get(pk=programme_id)
    )
    check_can_run_review(by, programme)
    known = Review.objects.filter(request_key=request_key).first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused("This request was used for another review. Load the page again and send it once more.")
        return known
    review = set_up_review(
        programme,
        title=title,
        purpose=purpose,
        starts_on=starts_on,
        weeks=weeks,
        closes_on=closes_on,
        request_key=request_key,
        by=by,
        now=now,
    )
    record(
        by=by,
        now=now,
        action="reviews.open_review",
        subject=review,
        scope_id=programme.scope_id,
        summary=f"set up the review {review.title}, until {words_for_instant(review.closes_at)}",
        after={"opens_at": review.opens_at.isoformat(), "closes_at": review.closes_at.isoformat()},
    )
    return review


@transaction.atomic(durable=True)
def cancel_review(*, review_id: UUID, reason: str, by: User, now: datetime) -> Review:
    """End a review before its close, and every reminder that serves it. What people have answered stays.

    Raises: NotPermitted; Refused when it is cancelled or closed already.
    """
    review = (
        Review.objects.select_for_update(of=("self",), no_key=True).select_related("programme__scope").get(pk=review_id)
    )
    check_can_run_review(by, review.programme)
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="why it is cancelled")
    state = review.state_at(now)
    if state == ReviewState.CANCELLED:
        raise Refused("This review is cancelled already. There is nothing left to do.")
    if state == ReviewState.CLOSED:
        raise Refused(
            f"This review closed at {words_for_instant(review.closes_at)}. A closed review cannot be cancelled."
        )
    review.cancelled_at = now
    review.cancelled_by = by
    review.cancel_reason = reason
    review.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    stopped = end_needs_of_subject(subject_id=review.pk, reason="The review was cancelled.", now=now)
    record(
        by=by,
        now=now,
        action="reviews.cancel_review",
        subject=review,
        scope_id=review.programme.scope_id,
        summary=f"cancelled the review {review.title}: {reason}",
        before={"state": state.value},
        after={"state": ReviewState.CANCELLED.value, "reminders_cancelled": stopped},
    )
    return review
