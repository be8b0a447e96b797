"""Acts on workstreams: adding, changing, closing, linking; what they need not report; ratings beside theirs; choosing the
reporting day."""

from programmes.workstreams.changes import ClosedWorkstream
from programmes.workstreams.operations.chasing import settle_next
from programmes.workstreams.operations.exceptions import end_exception, record_exception
from programmes.workstreams.operations.links import end_link, link_provider
from programmes.workstreams.operations.rated import (
    override_rating,
    record_assurance,
    withdraw_assurance,
    withdraw_override,
)
from programmes.workstreams.operations.settings import change_reporting_settings, choose_portfolio_reporting
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
    "choose_portfolio_reporting",
    "close_workstream",
    "end_exception",
    "end_link",
    "link_provider",
    "override_rating",
    "record_assurance",
    "record_exception",
    "reopen_workstream",
    "settle_next",
    "withdraw_assurance",
    "withdraw_override",
]
