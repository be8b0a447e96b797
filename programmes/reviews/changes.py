from datetime import date, datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import words_for_instant
from partners.people.models import User
from partners.people.rules.typed import lines, one_line
from programmes.register.models import Programme
from programmes.register.rules import NAME_LENGTH
from programmes.reminders.changes import settle_reminders
from programmes.reminders.rules import Within, within_programme
from programmes.reviews.enums import MilestoneState
from programmes.reviews.models import Milestone, Review
from programmes.reviews.queries import KIND, reviews_that_go_on, steps_by_review
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

    Steps whose time is past are recorded as skipped, with the reason; those that somebody has to take get reminders. The caller has locked the programme, and writes
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
    settle_reminders(KIND, within_programme(programme.pk, review.pk), now=now)
    return review


def move_milestones(within: Within) -> int:
    """Give the planned steps of these reviews the days that the calendar gives them now; returns how many moved.

    The window of a review stays as it is. The caller has locked the planning of reminders.
    """
    there = {review.pk: review for review in reviews_that_go_on(within)}
    steps = steps_by_review(there.values())
    rows = Milestone.objects.filter(review__in=there, state=MilestoneState.PLANNED).order_by("pk").select_for_update()
    moved = []
    for row in rows:
        step = steps[row.review_id].get(row.key)
        if step and (row.due_at, row.due_reason) != (step.due_at, step.reason):
            row.due_at, row.due_reason = step.due_at, step.reason
            moved.append(row)
    Milestone.objects.bulk_update(moved, ["due_at", "due_reason"])
    return len(moved)
