"""Shapes of the API, one module for each kind of thing."""

from programmes.scheduling.serializers.stages import (
    GateOut,
    PlanIn,
    StageOut,
    StagePlanIn,
    StagesOut,
    StepIn,
    UndoIn,
)

__all__ = [
    "GateOut",
    "PlanIn",
    "StageOut",
    "StagePlanIn",
    "StagesOut",
    "StepIn",
    "UndoIn",
]
