"""Acts on gate reviews. Each locks the programme, then the review: two who act at once come one after the other."""

from programmes.scheduling.operations.gate_reviews.holding import (
    Upload,
    add_evidence,
    add_recommendation,
    answer_check,
    remove_evidence,
    remove_recommendation,
)
from programmes.scheduling.operations.gate_reviews.reviewing import (
    cancel_gate_review,
    change_gate_review,
    complete_gate_review,
    open_gate_review,
)

__all__ = [
    "Upload",
    "add_evidence",
    "add_recommendation",
    "answer_check",
    "cancel_gate_review",
    "change_gate_review",
    "complete_gate_review",
    "open_gate_review",
    "remove_evidence",
    "remove_recommendation",
]
