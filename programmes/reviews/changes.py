from datetime import date, datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import words_for_instant
from partners.people.models import User
from partners.people.rules.typed import lines, one_line
from programmes.register.models import Programme
from programmes.register.rules import NAME_LENGTH
from programmes.reviews.enums import MilestoneState
from programmes.reviews.models import Milestone, Review
from programmes.reviews.rules import PURPOSE_LENGTH, plan_review, skip_reason


def set_up_review(
    programme: Programme,
    *,
    title: str,
    purpose: str,
    starts_on: date,
    weeks: int | None = None,
    closes_on: date | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Review:
    """A review with its milestones. Its length is given in weeks or by a closing day.

    Steps whose time is past are recorded as skipped, with the reason. The caller has locked the programme, and writes
    the audit event.

    Raises: Refused for a plan that the rules refuse, or a review that would be over already.
    """
    title = one_line(title, limit=NAME_LENGTH, field="title", named="a title")
    purpose = lines(purpose, limit=PURPOSE_LENGTH, field="purpose", named="the purpose", required=True)
    plan = plan_review(starts_on, calendar=working_calendar(), weeks=weeks, closes_on=closes_on)
    if plan.closes_at <= now:
        raise Refused(
            f"This review would have closed at {words_for_instant(plan.closes_at)}. Choose a later day.",
            field="starts_on",
        )
    review = Review.objects.create(
        programme=programme,
        title=title,
        purpose=purpose,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        opened_at=now,
        opened_by=by,
        request_key=request_key,
    )
    steps = [(milestone, skip_reason(milestone, now)) for milestone in plan.milestones]
    Milestone.objects.bulk_create(
        Milestone(
            review=review,
            key=step.key,
            title=step.title,
            due_at=step.due_at,
            due_reason=step.reason,
            state=MilestoneState.SKIPPED if skipped else MilestoneState.PLANNED,
            skip_reason=skipped,
        )
        for step, skipped in steps
    )
    return review
