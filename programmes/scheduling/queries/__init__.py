"""Reads of stages, their dates, milestones and gates."""

from programmes.scheduling.queries.closures import (
    CalendarEffect,
    ProgrammeMoves,
    effect_of_calendar,
    effect_of_closure,
    reviews_over,
    running_programmes,
)
from programmes.scheduling.queries.gates import (
    follow_ups_overdue,
    gate_readiness,
    gates_due,
    gates_of,
    gates_without_evidence,
)
from programmes.scheduling.queries.life_cycles import (
    stage_kinds,
)
from programmes.scheduling.queries.milestones import (
    critical_slipped,
    critical_slipped_of,
    milestone_as_told,
    milestone_events,
    milestone_facts,
    milestones_due,
    milestones_of,
    milestones_visible_to,
    open_workstreams_of,
)
from programmes.scheduling.queries.stages import (
    current_stage_kind,
    current_stage_values,
    moves_of_stage,
    stages_known_at,
    stages_of,
)

__all__ = [
    "CalendarEffect",
    "ProgrammeMoves",
    "critical_slipped",
    "critical_slipped_of",
    "current_stage_kind",
    "current_stage_values",
    "effect_of_calendar",
    "effect_of_closure",
    "follow_ups_overdue",
    "gate_readiness",
    "gates_due",
    "gates_of",
    "gates_without_evidence",
    "milestone_as_told",
    "milestone_events",
    "milestone_facts",
    "milestones_due",
    "milestones_of",
    "milestones_visible_to",
    "moves_of_stage",
    "open_workstreams_of",
    "reviews_over",
    "running_programmes",
    "stage_kinds",
    "stages_known_at",
    "stages_of",
]
