"""Status updates: drafted, checked against what is known, published, acknowledged."""
