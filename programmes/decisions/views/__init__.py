"""Pages of decisions: reading and drafting, options, and the acts that a decision goes through."""

from programmes.decisions.views.acts import left_behind, propose, take, withdraw
from programmes.decisions.views.decisions import change, draft, list_all, list_of_programme, show
from programmes.decisions.views.options import add_option, change_option, choose, compare, remove_option

__all__ = [
    "add_option",
    "change",
    "change_option",
    "choose",
    "compare",
    "draft",
    "left_behind",
    "list_all",
    "list_of_programme",
    "propose",
    "remove_option",
    "show",
    "take",
    "withdraw",
]
