"""Acts on engagements, bids and acknowledgements."""

from programmes.engagements.operations.acknowledgements import record_acknowledgement
from programmes.engagements.operations.bids import record_bid
from programmes.engagements.operations.engagements import (
    add_engagement,
    change_engagement,
    roll_off,
    undo_roll_off,
)

__all__ = [
    "add_engagement",
    "change_engagement",
    "record_acknowledgement",
    "record_bid",
    "roll_off",
    "undo_roll_off",
]
