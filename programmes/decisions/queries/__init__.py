"""Reads of decisions, of options side by side, and of what a programme leaves behind."""

from programmes.decisions.queries.decisions import (
    DecisionRow,
    UndecidedRow,
    decision_in_full,
    decisions_listed,
    decisions_of,
    decisions_taken,
    decisions_to_supersede,
    decisions_visible_to,
    has_part_in_an_office,
    superseding,
    undecided,
    waiting_for,
)
from programmes.decisions.queries.drafts import conditions_of, draft_of, option_draft_of, review_to_open
from programmes.decisions.queries.gates import GateBasis, gate_basis
from programmes.decisions.queries.leftovers import (
    Disposed,
    LeftBehind,
    dispositions_given,
    dispositions_of,
    engagement_name,
    left_behind,
    programmes_to_move_to,
    without_disposition,
)
from programmes.decisions.queries.options import compared_options, needs_of, option_of, options_of

__all__ = [
    "DecisionRow",
    "Disposed",
    "GateBasis",
    "LeftBehind",
    "UndecidedRow",
    "compared_options",
    "conditions_of",
    "decision_in_full",
    "decisions_listed",
    "decisions_of",
    "decisions_taken",
    "decisions_to_supersede",
    "decisions_visible_to",
    "dispositions_given",
    "dispositions_of",
    "draft_of",
    "engagement_name",
    "gate_basis",
    "has_part_in_an_office",
    "left_behind",
    "needs_of",
    "option_draft_of",
    "option_of",
    "options_of",
    "programmes_to_move_to",
    "review_to_open",
    "superseding",
    "undecided",
    "waiting_for",
    "without_disposition",
]
