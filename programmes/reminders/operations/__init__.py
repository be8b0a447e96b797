"""Acts on reminders: settle what is due, cancel, send now, plan anew, and plan what is missing."""

from programmes.reminders.operations.hastening import send_reminder_now, send_wave_now
from programmes.reminders.operations.planning import plan_anew, plan_what_is_missing, sweep
from programmes.reminders.operations.settling import Settled, queue_due
from programmes.reminders.operations.stopping import cancel_reminder, cancel_wave

__all__ = [
    "Settled",
    "cancel_reminder",
    "cancel_wave",
    "plan_anew",
    "plan_what_is_missing",
    "queue_due",
    "send_reminder_now",
    "send_wave_now",
    "sweep",
]
