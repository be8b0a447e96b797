"""Life cycles, stages, milestones and gates."""

from programmes.scheduling.models.gates import (
    GateCheck,
    GateEvidence,
    GateOutcome,
    GateRecommendation,
    GateReview,
)
from programmes.scheduling.models.life_cycles import (
    LifeCycle,
    LifeCycleVersion,
    StageDefinition,
)
from programmes.scheduling.models.milestones import (
    DeliveryMilestone,
    DeliveryMilestoneEvent,
)
from programmes.scheduling.models.stages import (
    Stage,
    StageDateMove,
)

__all__ = [
    "DeliveryMilestone",
    "DeliveryMilestoneEvent",
    "GateCheck",
    "GateEvidence",
    "GateOutcome",
    "GateRecommendation",
    "GateReview",
    "LifeCycle",
    "LifeCycleVersion",
    "Stage",
    "StageDateMove",
    "StageDefinition",
]
