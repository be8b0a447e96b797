from datetime import date, datetime
from uuid import UUID

from partners.people.models import User
from programmes.scheduling.changes.reminders import settle_gate_reminders
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, Stage
from programmes.scheduling.queries.gates import latest_completed_review


def record_gate_outcome(
    stage: Stage,
    *,
    result: GateResult,
    decided_on: date,
    decision_id: UUID,
    office_title: str,
    holder_name: str,
    by: User,
    now: datetime,
    conditions: str = "",
    waiver_reason: str = "",
) -> GateOutcome:
    """What a decision said at the gate before this stage; the caller has locked the programme. No audit event.

    It names the gate review that was completed last by that day, and keeps its fingerprint. The gate's reminders end
    with a decision that lets the stage start.
    """
    review = latest_completed_review(stage, until=decided_on)
    outcome = GateOutcome.objects.create(
        stage=stage,
        number=GateOutcome.objects.filter(stage=stage).count() + 1,
        result=result,
        conditions=conditions,
        waiver_reason=waiver_reason,
        review=review,
        review_fingerprint=review.fingerprint if review else "",
        decided_on=decided_on,
        decision_id=decision_id,
        office_title=office_title,
        holder_name=holder_name,
        recorded_at=now,
        recorded_by=by,
    )
    settle_gate_reminders([stage.programme_id], now=now)
    return outcome
