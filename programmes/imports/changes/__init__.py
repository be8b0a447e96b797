"""What a plan does to the rooms below. Each returns one happening for every row that it touched."""

from collections.abc import Callable

from partners.audit.changes import Happening
from programmes.imports.changes.milestones import import_milestones
from programmes.imports.changes.risks import import_risks
from programmes.imports.changes.workstreams import import_workstreams
from programmes.imports.enums import ImportKind

CARRY_OUT: dict[ImportKind, Callable[..., list[Happening]]] = {
    ImportKind.WORKSTREAMS: import_workstreams,
    ImportKind.MILESTONES: import_milestones,
    ImportKind.RISKS: import_risks,
}

__all__ = ["CARRY_OUT"]
