from programmes.decisions.enums import NeedLevel
from programmes.decisions.models import Decision, DecisionOption, GateConditionToMeet, ReviewToOpen
from programmes.decisions.rules import ConditionDraft, Draft, NeedDraft, OptionDraft, ReviewDraft


def draft_of(decision: Decision) -> Draft:
    """What a decision says and does, as it is drafted; two queries."""
    review = review_to_open(decision)
    return Draft(
        title=decision.title,
        question=decision.question,
        office_id=decision.office_id,
        rationale=decision.rationale,
        source=decision.source,
        ends_programme=decision.ends_programme,
        delivery_model=decision.delivery_model,
        gate_id=decision.gate_id,
        gate_result=decision.gate_result,
        gate_conditions=tuple(ConditionDraft(row.text, row.owner_id, row.due_on) for row in conditions_of(decision)),
        gate_waiver_reason=decision.gate_waiver_reason,
        supersedes_id=decision.supersedes_id,
        review=ReviewDraft(review.title, review.purpose, review.starts_on, review.weeks) if review else None,
    )


def conditions_of(decision: Decision) -> list[GateConditionToMeet]:
    """The conditions of passing the gate, in order, with who meets them."""
    found = GateConditionToMeet.objects.filter(decision=decision).select_related("owner")
    return list(found.order_by("position"))


def review_to_open(decision: Decision) -> ReviewToOpen | None:
    """The review that the decision opens, with the review itself once it is open."""
    return ReviewToOpen.objects.select_related("review").filter(decision=decision).first()


def option_draft_of(option: DecisionOption) -> OptionDraft:
    """What an option says, as it is drafted. Read it by ``options_of``."""
    return OptionDraft(
        title=option.title,
        ambition=option.ambition,
        delivery_model=option.delivery_model,
        description=option.description,
        needs=tuple(NeedDraft(n.capability_id, NeedLevel(n.level), n.note) for n in option.needs.all()),
    )
