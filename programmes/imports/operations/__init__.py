"""Imports of rows into a programme, and changes of several workstreams: all of it or nothing."""

from programmes.imports.operations.files import (
    GONE,
    ImportRefused,
    apply_import,
    discard_import,
    import_rows,
    keep_import,
)
from programmes.imports.operations.several import change_several, undo_several

__all__ = [
    "GONE",
    "ImportRefused",
    "apply_import",
    "change_several",
    "discard_import",
    "import_rows",
    "keep_import",
    "undo_several",
]
