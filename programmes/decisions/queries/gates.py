from dataclasses import dataclass, field
from datetime import date

from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.scheduling.models import GateCheck, GateEvidence, GateOutcome, GateRecommendation, GateReview
from programmes.scheduling.queries.gate_reviews import (
    checks_of,
    evidence_of,
    is_unchanged,
    recommendations_of,
    reviews_with_counts,
)
from programmes.scheduling.queries.gates import latest_completed_review, readiness_of


@dataclass(frozen=True, slots=True)
class GateBasis:
    """The gate review that a decision at a gate rests on: when it is taken the one that was frozen with it, before that
    the one completed last. ``words`` say so where there is none."""

    words: str
    review: GateReview | None = None
    checks: list[GateCheck] = field(default_factory=list)
    evidence: list[GateEvidence] = field(default_factory=list)
    recommendations: list[GateRecommendation] = field(default_factory=list)
    is_unchanged: bool = True


def gate_basis(decision: Decision, *, on: date) -> GateBasis | None:
    """What the decision rests on as things are on a day; None where it is about no gate."""
    if decision.gate is None:
        return None
    if decision.state == DecisionState.TAKEN:
        found = GateOutcome.objects.filter(decision_id=decision.pk, stage=decision.gate).values("review")
        review = reviews_with_counts().filter(pk__in=found).first()
        none = "It rested on no gate review."
    else:
        latest = latest_completed_review(decision.gate, until=on)
        review = reviews_with_counts().filter(pk=latest.pk).first() if latest else None
        none = "No gate review of this gate is completed. The office would decide without one."
    if review is None:
        return GateBasis(words=none)
    return GateBasis(
        words=readiness_of(review).words,
        review=review,
        checks=checks_of(review),
        evidence=evidence_of(review),
        recommendations=recommendations_of(review),
        is_unchanged=is_unchanged(review),
    )
