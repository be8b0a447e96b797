"""Who worked on what from when to when, who bid, and who acknowledged it."""
