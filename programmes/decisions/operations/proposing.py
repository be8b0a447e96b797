from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.decisions.changes import check_effects
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.decisions.operations.locking import check_version, locked_to_change
from programmes.decisions.queries import compared_options, draft_of
from programmes.decisions.rules import REASON_LENGTH, check_choice


@transaction.atomic(durable=True)
def propose_decision(*, decision_id: UUID, version: int, by: User, now: datetime) -> Decision:
    """Put a draft before its office. A change of its words or options makes it a draft again.

    Raises: NotPermitted; Conflict; Refused when it is proposed already, has no rationale, no chosen option (unless it is
    a gate decision without options), an option that is rejected without a reason, or effects that cannot be any more.
    """
    decision = locked_to_change(decision_id, by=by)
    if decision.state == DecisionState.PROPOSED and decision.proposed_at:
        raise Refused(
            f"This decision was proposed on {words_for_date(local_date(decision.proposed_at))} already. "
            f"It waits for the {decision.office}."
        )
    check_version(decision, version)
    if not decision.rationale:
        raise Refused("Say why: enter the rationale before you propose it.", field="rationale")
    check_choice(compared_options(decision), is_gate_decision=decision.gate_id is not None)
    check_effects(draft_of(decision), decision.programme)
    decision.state, decision.proposed_at, decision.proposed_by = DecisionState.PROPOSED, now, by
    decision.version += 1
    decision.save(update_fields=["state", "proposed_at", "proposed_by", "version"])
    record(
        by=by,
        now=now,
        action="decisions.propose_decision",
        subject=decision,
        scope_id=decision.programme.scope_id,
        summary=f"proposed the decision {decision.title} to the {decision.office}",
        before={"version": version, "state": DecisionState.DRAFT.value},
        after={"version": decision.version, "state": DecisionState.PROPOSED.value, "office": decision.office.title},
    )
    return decision


@transaction.atomic(durable=True)
def withdraw_decision(*, decision_id: UUID, reason: str, by: User, now: datetime) -> Decision:
    """Give up a draft or a proposal; it stays on record and is never changed again.

    Raises: NotPermitted; Refused when it is taken or withdrawn already, or without a reason.
    """
    decision = locked_to_change(decision_id, by=by)
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="why it is withdrawn")
    before = decision.state
    decision.state, decision.withdrawn_at, decision.withdrawn_by = DecisionState.WITHDRAWN, now, by
    decision.withdraw_reason = reason
    decision.version += 1
    decision.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdraw_reason", "version"])
    record(
        by=by,
        now=now,
        action="decisions.withdraw_decision",
        subject=decision,
        scope_id=decision.programme.scope_id,
        summary=f"withdrew the decision {decision.title}: {reason}",
        before={"state": str(before)},
        after={"version": decision.version, "state": DecisionState.WITHDRAWN.value, "reason": reason},
    )
    return decision
