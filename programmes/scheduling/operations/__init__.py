"""Acts on stages, milestones, life cycles and gates, one module for each."""

from programmes.scheduling.operations.stages import (
    StagePlan,
    finish_stage,
    plan_stages,
    start_stage,
    undo_stage_step,
)

__all__ = [
    "StagePlan",
    "finish_stage",
    "plan_stages",
    "start_stage",
    "undo_stage_step",
]
