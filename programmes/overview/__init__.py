"""Pages that join the rooms of one programme, and the programme manager's own page. No models."""
