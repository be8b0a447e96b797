"""Pages of workstreams, of reports on them, and of the reporting day."""
