"""Parts of acts on workstreams that join the caller's transaction."""

from programmes.workstreams.changes.assuring import record_assurance
from programmes.workstreams.changes.chasing import settle_chasing, settle_chasing_of
from programmes.workstreams.changes.closing import check_name_is_free, close_by_decision, hand_over, move_by_decision
from programmes.workstreams.changes.excepting import except_workstream
from programmes.workstreams.changes.publishing import (
    ClosedWorkstream,
    check_takes_reports,
    locked_workstream,
    publish,
)

__all__ = [
    "ClosedWorkstream",
    "check_name_is_free",
    "check_takes_reports",
    "close_by_decision",
    "except_workstream",
    "hand_over",
    "locked_workstream",
    "move_by_decision",
    "publish",
    "record_assurance",
    "settle_chasing",
    "settle_chasing_of",
]
