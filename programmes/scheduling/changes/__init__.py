"""Parts of acts: the stages of a new programme, and what a decision said at a gate."""

from programmes.scheduling.changes.gates import (
    record_gate_outcome,
)
from programmes.scheduling.changes.milestones import (
    add_milestone,
    forecast,
    free_milestone_name,
)
from programmes.scheduling.changes.reminders import settle_gate_reminders
from programmes.scheduling.changes.stages import (
    add_default_stages,
    add_stages,
    move_planned_days,
)

__all__ = [
    "add_default_stages",
    "add_milestone",
    "add_stages",
    "forecast",
    "free_milestone_name",
    "move_planned_days",
    "record_gate_outcome",
    "settle_gate_reminders",
]
