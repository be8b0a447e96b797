"""What may be typed into a report."""

CHANGED_LENGTH = 2000
ASK_LENGTH = 1000
NOTHING_CHANGED = "Nothing has changed since the last report."
NO_ASK = "none"
