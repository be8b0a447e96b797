"""Acts on workstreams: adding, changing, closing; reporting and correcting; choosing the reporting day."""

from programmes.workstreams.operations.locking import ClosedWorkstream
from programmes.workstreams.operations.reports import PublishedMeanwhile, correct_status_update, record_status_update
from programmes.workstreams.operations.settings import change_reporting_settings
from programmes.workstreams.operations.workstreams import (
    add_workstream,
    change_workstream,
    close_workstream,
    reopen_workstream,
)

__all__ = [
    "ClosedWorkstream",
    "PublishedMeanwhile",
    "add_workstream",
    "change_reporting_settings",
    "change_workstream",
    "close_workstream",
    "correct_status_update",
    "record_status_update",
    "reopen_workstream",
]
