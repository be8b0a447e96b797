"""Forms, one module for each kind of thing."""

from programmes.scheduling.forms.closures import (
    ChangeClosureForm,
    ClosureForm,
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
    "AddMilestoneForm",
    "ChangeClosureForm",
    "ChangeMilestoneForm",
    "ClosureForm",
    "DropForm",
    "ForecastForm",
    "MilestoneFilterForm",
    "MilestoneForm",
    "PlanForm",
    "ReasonForm",
    "SkipForm",
    "StepForm",
    "UndoForm",
]
