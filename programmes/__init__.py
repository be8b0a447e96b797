"""The middle floor: the work itself, from a programme's set-up to its reviews, consultations and reminders."""
