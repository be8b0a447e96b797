"""Acts on stages, milestones, life cycles and gates, one module for each."""

from programmes.scheduling.operations.closures import (
    add_closure,
    change_closure,
    remove_closure,
)
from programmes.scheduling.operations.life_cycles import (
    add_life_cycle,
    change_life_cycle,
    choose_default_life_cycle,
    choose_life_cycle,
    offer_life_cycle,
    publish_version,
)
from programmes.scheduling.operations.milestones import (
    achieve_milestone,
    add_milestone,
    change_milestone,
    drop_milestone,
    forecast_milestone,
    take_back_milestone,
)
from programmes.scheduling.operations.stages import (
    StagePlan,
    finish_stage,
    plan_stages,
    skip_stage,
    start_stage,
    take_up_stage,
    undo_stage_step,
)

__all__ = [
    "StagePlan",
    "achieve_milestone",
    "add_closure",
    "add_life_cycle",
    "add_milestone",
    "change_closure",
    "change_life_cycle",
    "change_milestone",
    "choose_default_life_cycle",
    "choose_life_cycle",
    "drop_milestone",
    "finish_stage",
    "forecast_milestone",
    "offer_life_cycle",
    "plan_stages",
    "publish_version",
    "remove_closure",
    "skip_stage",
    "start_stage",
    "take_back_milestone",
    "take_up_stage",
    "undo_stage_step",
]
