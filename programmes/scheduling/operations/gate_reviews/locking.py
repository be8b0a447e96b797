"""What every act on a gate review begins and ends with."""

from datetime import datetime
from uuid import UUID

from partners.audit import changes as audit
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from programmes.raid.changes import lock_programme
from programmes.register.permissions import check_runs
from programmes.scheduling.models import GateReview
from programmes.scheduling.permissions import check_can_prepare_gate_reviews

PARTS = {
    "reviewers": "the reviewers",
    "planned_on": "the planned day",
    "answers": "the checklist",
    "evidence": "the evidence",
    "recommendations": "the recommendations",
    "completed_on": "whether it is completed",
    "cancelled_on": "whether it is cancelled",
}
USED_ALREADY = "This request was used for something else. Load the page again and send it once more."


def locked_review(review_id: UUID, *, by: User, may_be_over: bool = False) -> GateReview:
    """The review with its programme, both locked, by somebody who may prepare it.

    Raises: NotPermitted; Refused when it is completed or cancelled, or the programme ended.
    """
    programme = lock_programme(GateReview.objects.values_list("stage__programme", flat=True).get(pk=review_id))
    rows = GateReview.objects.select_for_update(of=("self",), no_key=True)
    review = rows.select_related("stage__definition", "completed_by").get(pk=review_id)
    review.stage.programme = programme
    check_can_prepare_gate_reviews(by, programme)
    if not may_be_over:
        check_open(review)
    return review


def check_open(review: GateReview) -> None:
    """Raises: Refused when it is completed or cancelled, or the programme ended."""
    if review.cancelled_at:
        raise Refused(
            f"This review was cancelled on {words_for_date(local_date(review.cancelled_at))}: {review.cancel_reason} Open "
            "another one of the same gate."
        )
    if review.completed_at:
        raise Refused(
            f"This review was completed on {words_for_date(local_date(review.completed_at))} and is never changed. Open "
            "another one of the same gate."
        )
    check_runs(review.stage.programme)


def conflict(review: GateReview, version: int) -> Conflict:
    """Who changed what of it since that version."""
    events = changes_since(review.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this review", changes)


def save(review: GateReview, *fields: str) -> None:
    """Write these fields of it under its next version."""
    review.version += 1
    review.save(update_fields=[*fields, "version"])


def record(
    review: GateReview,
    act: str,
    summary: str,
    *,
    by: User,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object],
) -> None:
    """The audit event of an act on it; ``summary`` reads before the name of the programme."""
    audit.record(
        by=by,
        now=now,
        action=f"scheduling.{act}",
        subject=review,
        scope_id=review.stage.programme.scope_id,
        summary=f"{summary} of {review.stage.programme.name}",
        before=before,
        after={"version": review.version, **after},
    )
