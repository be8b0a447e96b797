"""Acts on status updates: drafting, publishing and correcting; acknowledging, asking and answering."""

from programmes.reporting.operations.drafts import discard_status_draft, save_status_draft
from programmes.reporting.operations.publishing import PublishedMeanwhile, correct_status_update, record_status_update
from programmes.reporting.operations.reading import acknowledge_status_update, answer_status_question

__all__ = [
    "PublishedMeanwhile",
    "acknowledge_status_update",
    "answer_status_question",
    "correct_status_update",
    "discard_status_draft",
    "record_status_update",
    "save_status_draft",
]
