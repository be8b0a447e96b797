"""Acts on workstreams: adding, changing, closing; choosing the reporting day."""

from programmes.workstreams.changes import ClosedWorkstream
from programmes.workstreams.operations.settings import change_reporting_settings
from programmes.workstreams.operations.workstreams import (
    add_workstream,
    change_workstream,
    close_workstream,
    reopen_workstream,
)

__all__ = [
    "ClosedWorkstream",
    "add_workstream",
    "change_reporting_settings",
    "change_workstream",
    "close_workstream",
    "reopen_workstream",
]
