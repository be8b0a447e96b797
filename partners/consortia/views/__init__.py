"""Pages of this room, one module for each kind of thing."""
