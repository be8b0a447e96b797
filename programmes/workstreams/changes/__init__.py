"""Parts of acts on workstreams that join the caller's transaction."""

from programmes.workstreams.changes.chasing import settle_chasing
from programmes.workstreams.changes.closing import check_name_is_free, close_by_decision, hand_over, move_by_decision

__all__ = [
    "check_name_is_free",
    "close_by_decision",
    "hand_over",
    "move_by_decision",
    "settle_chasing",
]
