from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused, listed
from partners.people.models import User
from programmes.decisions.changes import check_effects, checked_draft
from programmes.decisions.models import Decision, GateConditionToMeet, ReviewToOpen
from programmes.decisions.operations.locking import (
    PARTS,
    check_version,
    locked_programmes,
    locked_to_change,
    next_version,
)
from programmes.decisions.permissions import check_can_propose
from programmes.decisions.queries import draft_of
from programmes.decisions.rules import Draft
from programmes.raid.changes import link_decision
from programmes.register.permissions import check_runs

WORDS = ("title", "question", "office_id", "rationale", "source")
EFFECTS = ("ends_programme", "delivery_model", "gate_id", "gate_result", "gate_waiver_reason", "supersedes_id")


@transaction.atomic(durable=True)
def draft_decision(
    *,
    programme_id: UUID,
    draft: Draft,
    issue_id: UUID | None = None,
    keeps_issue_open: bool = False,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Decision:
    """Draft a decision on a programme; ``request_key`` becomes its id, and the same one again returns the first.

    In a programme that ended only a decision that supersedes another is drafted. The issue that is taken to it names it,
    and is closed unless it is kept open.

    Raises: NotPermitted; Refused for text that is not allowed, an office that is not over the programme, effects that
    cannot be, or an issue that is not open in this programme.
    """
    programme = locked_programmes([programme_id])[programme_id]
    check_can_propose(by, programme)
    known = Decision.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.programme_id, known.drafted_by_id) != (programme.pk, by.pk):
            raise Refused("This request was used for another decision. Load the page again and send it once more.")
        return known
    if draft.supersedes_id is None:
        check_runs(programme)
    draft = checked_draft(draft, programme)
    check_effects(draft, programme)
    decision = Decision(pk=request_key, programme=programme, drafted_at=now, drafted_by=by)
    _fill(decision, draft)
    decision.save(force_insert=True)
    _keep_parts(decision, draft)
    issue = None
    if issue_id is not None:
        issue = link_decision(
            programme, entry_id=issue_id, decision_id=decision.pk, keeps_open=keeps_issue_open, by=by, now=now
        )
    record(
        by=by,
        now=now,
        action="decisions.draft_decision",
        subject=decision,
        scope_id=programme.scope_id,
        summary=f"drafted the decision {decision.title}{f', which {issue.reference} became' if issue else ''}",
        after={"version": decision.version, "issue": str(issue.pk) if issue else None, **_values(draft)},
    )
    return decision


@transaction.atomic(durable=True)
def change_decision(*, decision_id: UUID, version: int, draft: Draft, by: User, now: datetime) -> Decision:
    """Change the words or the effects of a decision that is not taken. One that was proposed is a draft again.

    Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused as in
    ``draft_decision``, or when it is taken or withdrawn.
    """
    decision = locked_to_change(decision_id, by=by)
    before = draft_of(decision)
    draft = checked_draft(draft, decision.programme)
    if draft == before:
        return decision
    check_version(decision, version)
    check_effects(draft, decision.programme)
    _fill(decision, draft)
    decision.save(update_fields=[*WORDS, *EFFECTS, *next_version(decision)])
    _keep_parts(decision, draft)
    was, will_be = _values(before), _values(draft)
    changed = [part for part in will_be if was[part] != will_be[part]]
    record(
        by=by,
        now=now,
        action="decisions.change_decision",
        subject=decision,
        scope_id=decision.programme.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of the decision {decision.title}",
        before={"version": version, **{part: was[part] for part in changed}},
        after={"version": decision.version, **{part: will_be[part] for part in changed}},
    )
    return decision


def _fill(decision: Decision, draft: Draft) -> None:
    for part in (*WORDS, *EFFECTS):
        setattr(decision, part, getattr(draft, part))


def _keep_parts(decision: Decision, draft: Draft) -> None:
    GateConditionToMeet.objects.filter(decision=decision).delete()
    GateConditionToMeet.objects.bulk_create(
        GateConditionToMeet(decision=decision, position=position, **asdict(condition))
        for position, condition in enumerate(draft.gate_conditions, 1)
    )
    if draft.review is None:
        ReviewToOpen.objects.filter(decision=decision).delete()
    else:
        ReviewToOpen.objects.update_or_create(decision=decision, defaults=asdict(draft.review))


def _values(draft: Draft) -> dict[str, object]:
    """Values as audit events keep them: the words, and the effects together."""
    effects = {part: _plain(getattr(draft, part)) for part in EFFECTS}
    effects["conditions"] = [{part: _plain(value) for part, value in asdict(c).items()} for c in draft.gate_conditions]
    effects["review"] = {part: _plain(value) for part, value in asdict(draft.review).items()} if draft.review else None
    return {part: _plain(getattr(draft, part)) for part in WORDS} | {"effects": effects}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID | date) else value
