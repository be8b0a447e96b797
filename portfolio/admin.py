"""Register of this floor's admin pages."""
