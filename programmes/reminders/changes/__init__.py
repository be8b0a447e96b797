"""Writes of planned reminders that join the caller's act: plan, move, end."""

from programmes.reminders.changes.planning import apply_difference, lock_planning, settle_reminders
from programmes.reminders.changes.waves import (
    Planned,
    cancel_reminders,
    end_need,
    end_needs_of_programme,
    end_needs_of_subject,
    move_reminders,
    plan_each,
    plan_wave,
    redirect_reminders,
)
from programmes.reminders.rules import Recipient

__all__ = [
    "Planned",
    "Recipient",
    "apply_difference",
    "cancel_reminders",
    "end_need",
    "end_needs_of_programme",
    "end_needs_of_subject",
    "lock_planning",
    "move_reminders",
    "plan_each",
    "plan_wave",
    "redirect_reminders",
    "settle_reminders",
]
