"""Forms, one module for each kind of thing."""

from programmes.scheduling.forms.closures import (
    ChangeClosureForm,
    ClosureForm,
)
from programmes.scheduling.forms.life_cycles import (
    AddLifeCycleForm,
    ChangeLifeCycleForm,
    ChooseLifeCycleForm,
    LifeCycleForm,
    PublishForm,
    StagesForm,
)
from programmes.scheduling.forms.milestones import (
    AchieveForm,
    AddMilestoneForm,
    ChangeMilestoneForm,
    DropForm,
    ForecastForm,
    MilestoneFilterForm,
    MilestoneForm,
    ReasonForm,
)
from programmes.scheduling.forms.stages import (
    PlanForm,
    SkipForm,
    StepForm,
    UndoForm,
)

__all__ = [
    "AchieveForm",
    "AddLifeCycleForm",
    "AddMilestoneForm",
    "ChangeClosureForm",
    "ChangeLifeCycleForm",
    "ChangeMilestoneForm",
    "ChooseLifeCycleForm",
    "ClosureForm",
    "DropForm",
    "ForecastForm",
    "LifeCycleForm",
    "MilestoneFilterForm",
    "MilestoneForm",
    "PlanForm",
    "PublishForm",
    "ReasonForm",
    "SkipForm",
    "StagesForm",
    "StepForm",
    "UndoForm",
]
