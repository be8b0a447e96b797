from collections.abc import Collection
from uuid import UUID

from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, changed_meanwhile
from partners.people.models import User
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.decisions.permissions import check_can_propose, check_not_frozen
from programmes.register.models import Programme

PARTS = {
    "title": "the title",
    "question": "the question",
    "office_id": "the office",
    "rationale": "the rationale",
    "source": "the source",
    "effects": "the effects",
    "options": "the options",
    "choice": "the choice",
    "dispositions": "what becomes of what is left behind",
    "state": "whether it is proposed",
}


def locked_programmes(programme_ids: Collection[UUID]) -> dict[UUID, Programme]:
    """By id, locked in the order of ids: the first lock of every act on a decision."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    return {each.pk: each for each in rows.filter(pk__in=programme_ids).order_by("pk")}


def locked_decision(decision_id: UUID, programmes: dict[UUID, Programme]) -> Decision:
    """The decision read afresh and locked; its programme is one of those locked before."""
    rows = Decision.objects.select_for_update(of=("self",)).select_related(
        "office__clerk", "recorded_by", "withdrawn_by"
    )
    decision = rows.get(pk=decision_id)
    decision.programme = programmes[decision.programme_id]
    return decision


def locked_to_change(decision_id: UUID, *, by: User) -> Decision:
    """The decision with its programme, both locked, by somebody who may change it.

    Raises: NotPermitted; Refused when it is taken or withdrawn.
    """
    programme_id = Decision.objects.values_list("programme_id", flat=True).get(pk=decision_id)
    decision = locked_decision(decision_id, locked_programmes([programme_id]))
    check_can_propose(by, decision.programme)
    check_not_frozen(decision)
    return decision


def check_version(decision: Decision, version: int) -> None:
    """Raises: Conflict, naming who changed what, when ``version`` is not the latest."""
    if decision.version != version:
        raise conflict(decision, version)


def conflict(decision: Decision, version: int) -> Conflict:
    events = changes_since(decision.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this decision", changes)


def next_version(decision: Decision) -> list[str]:
    """Count a change. One that was proposed is a draft again; returns the fields to save."""
    decision.version += 1
    decision.state, decision.proposed_at, decision.proposed_by = DecisionState.DRAFT, None, None
    return ["version", "state", "proposed_at", "proposed_by"]
