"""Forms, one module for each kind of thing."""

from programmes.scheduling.forms.stages import (
    PlanForm,
    StepForm,
    UndoForm,
)

__all__ = [
    "PlanForm",
    "StepForm",
    "UndoForm",
]
