"""Shapes of the API, one module for each kind of thing."""

from programmes.scheduling.serializers.milestones import (
    AchieveIn,
    DropIn,
    ForecastIn,
    MilestoneChangeIn,
    MilestoneFilter,
    MilestoneIn,
    MilestoneNameField,
    MilestoneOut,
    ReasonField,
    TakeBackIn,
    VersionField,
)
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
    "AchieveIn",
    "DropIn",
    "ForecastIn",
    "GateOut",
    "MilestoneChangeIn",
    "MilestoneFilter",
    "MilestoneIn",
    "MilestoneNameField",
    "MilestoneOut",
    "PlanIn",
    "ReasonField",
    "StageOut",
    "StagePlanIn",
    "StagesOut",
    "StepIn",
    "TakeBackIn",
    "UndoIn",
    "VersionField",
]
