"""Reads of stages, their dates, milestones and gates."""

from programmes.scheduling.queries.gates import (
    gates_of,
)
from programmes.scheduling.queries.stages import (
    current_stage_kind,
    current_stage_values,
    stages_of,
)

__all__ = [
    "current_stage_kind",
    "current_stage_values",
    "gates_of",
    "stages_of",
]
