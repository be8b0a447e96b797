"""What a file would do, and what was imported before."""

from programmes.imports.queries.kept import import_of, imports_of
from programmes.imports.queries.plans import COLUMNS, plan_of, plan_of_bytes, what_moved

__all__ = ["COLUMNS", "import_of", "imports_of", "plan_of", "plan_of_bytes", "what_moved"]
