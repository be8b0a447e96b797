"""Pages of imports, of changes of several workstreams, and lists as files."""
