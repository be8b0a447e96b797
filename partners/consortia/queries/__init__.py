"""Reads of consortia, capabilities and relationships, one module for each."""

from partners.consortia.queries.calls import CallRow, who_can
from partners.consortia.queries.parties import (
    Member,
    capabilities_to_choose,
    claim_with_id,
    claims_of,
    consortia_visible_to,
    held_in,
    members_on,
    membership_with_id,
    memberships_of,
    memberships_on,
)
from partners.consortia.queries.relationships import (
    StandingRow,
    portfolio_scopes_of,
    relationships_of,
    relationships_visible_to,
    standing_at,
    standings_of,
    term_with_id,
    terms_at,
    terms_of,
)

__all__ = [
    "CallRow",
    "Member",
    "StandingRow",
    "capabilities_to_choose",
    "claim_with_id",
    "claims_of",
    "consortia_visible_to",
    "held_in",
    "members_on",
    "membership_with_id",
    "memberships_of",
    "memberships_on",
    "portfolio_scopes_of",
    "relationships_of",
    "relationships_visible_to",
    "standing_at",
    "standings_of",
    "term_with_id",
    "terms_at",
    "terms_of",
    "who_can",
]
