"""Who worked on what from when to when, who bid, and who acknowledged it; reminders of what ends with a partner."""
