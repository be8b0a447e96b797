"""Acts on decisions: drafting, options, what is left behind, proposing and withdrawing, and taking."""

from programmes.decisions.operations.drafting import change_decision, draft_decision
from programmes.decisions.operations.leftovers import set_dispositions
from programmes.decisions.operations.options import add_option, change_option, choose_option, remove_option
from programmes.decisions.operations.proposing import propose_decision, withdraw_decision
from programmes.decisions.operations.taking import take_decision

__all__ = [
    "add_option",
    "change_decision",
    "change_option",
    "choose_option",
    "draft_decision",
    "propose_decision",
    "remove_option",
    "set_dispositions",
    "take_decision",
    "withdraw_decision",
]
