"""Rows of a file that become workstreams, milestones or risks of a programme."""
