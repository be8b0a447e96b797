"""Reads of status updates: what happened since the last one, what speaks against a rating, drafts, and who has read what."""

from programmes.reporting.queries.drafts import draft_of, drafts_of
from programmes.reporting.queries.facts import contradictions, facts_since
from programmes.reporting.queries.reading import (
    AskedOfAuthor,
    ToAcknowledge,
    in_report_state,
    questions_for,
    readers_of,
    report_states,
    unacknowledged_for,
)
from programmes.reporting.queries.updates import (
    acknowledgement_of,
    answer_to,
    one_before,
    open_steps_of,
    same_ratings,
    standing_in_full,
    update_in_full,
    updates_in_full,
    why_not_repeated,
)

__all__ = [
    "AskedOfAuthor",
    "ToAcknowledge",
    "acknowledgement_of",
    "answer_to",
    "contradictions",
    "draft_of",
    "drafts_of",
    "facts_since",
    "in_report_state",
    "one_before",
    "open_steps_of",
    "questions_for",
    "readers_of",
    "report_states",
    "same_ratings",
    "standing_in_full",
    "unacknowledged_for",
    "update_in_full",
    "updates_in_full",
    "why_not_repeated",
]
