"""Acts on consortia, capabilities and relationships, one module for each."""

from partners.consortia.operations.capabilities import (
    add_capability,
    claim_capability,
    rename_capability,
    withdraw_claim,
)
from partners.consortia.operations.consortia import (
    add_consortium,
    add_member,
    change_consortium,
    correct_membership,
    end_membership,
)
from partners.consortia.operations.relationships import (
    add_term,
    set_standing,
    start_relationship,
    withdraw_term,
)

__all__ = [
    "add_capability",
    "add_consortium",
    "add_member",
    "add_term",
    "change_consortium",
    "claim_capability",
    "correct_membership",
    "end_membership",
    "rename_capability",
    "set_standing",
    "start_relationship",
    "withdraw_claim",
    "withdraw_term",
]
