"""Parts of acts: the stages of a new programme, and what a decision said at a gate."""

from programmes.scheduling.changes.gates import (
    record_gate_outcome,
)
from programmes.scheduling.changes.stages import (
    add_default_stages,
    add_stages,
)

__all__ = [
    "add_default_stages",
    "add_stages",
    "record_gate_outcome",
]
