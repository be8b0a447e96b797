"""Pages of a workstream's status: what it is, reporting and correcting it."""
