"""Pages of the scheduling room: stages and their plan, life cycles, milestones, gates, closures."""
