"""When a status is due, who is silent, and what many workstreams say together. Plain values in, plain values out."""

from datetime import timedelta

from programmes.workstreams.rules.exceptions import check_excepted_days
from programmes.workstreams.rules.people import OWN_REVIEWER, check_reviewer
from programmes.workstreams.rules.periods import (
    YEAR_AHEAD,
    ReportingBook,
    ReportingDay,
    ReportingDays,
    ReportingPattern,
    ReportingRule,
    end_of,
    last_day_of_grace,
    latest_reporting_days,
    period_for,
    reporting_days_around,
    reporting_days_between,
)
from programmes.workstreams.rules.report import ASK_LENGTH, CHANGED_LENGTH, NO_ASK, NOTHING_CHANGED
from programmes.workstreams.rules.rollup import COUNTED, COVERAGE_FLOOR, Overall, Rollup, rollup_of
from programmes.workstreams.rules.standing import (
    ReportState,
    Standing,
    covers,
    owes,
    standing_of,
    words_for_ago,
    words_for_due,
    words_for_standing,
)
from programmes.workstreams.rules.stands import (
    THREE_POINTS,
    AssuranceRow,
    OverrideRow,
    Source,
    Stands,
    stands,
)
from programmes.workstreams.rules.trend import (
    Excepted,
    ProgrammeMark,
    Said,
    TrendMark,
    programme_marks,
    trend_of,
)

DUE_SOON = timedelta(days=7)
NAME_LENGTH = 200
DESCRIPTION_LENGTH = 2000
REASON_LENGTH = 300
ASSURANCE_LENGTH = 2000

__all__ = [
    "ASK_LENGTH",
    "ASSURANCE_LENGTH",
    "CHANGED_LENGTH",
    "COUNTED",
    "COVERAGE_FLOOR",
    "DESCRIPTION_LENGTH",
    "DUE_SOON",
    "NAME_LENGTH",
    "NOTHING_CHANGED",
    "NO_ASK",
    "OWN_REVIEWER",
    "REASON_LENGTH",
    "THREE_POINTS",
    "YEAR_AHEAD",
    "AssuranceRow",
    "Excepted",
    "Overall",
    "OverrideRow",
    "ProgrammeMark",
    "ReportState",
    "ReportingBook",
    "ReportingDay",
    "ReportingDays",
    "ReportingPattern",
    "ReportingRule",
    "Rollup",
    "Said",
    "Source",
    "Standing",
    "Stands",
    "TrendMark",
    "check_excepted_days",
    "check_reviewer",
    "covers",
    "end_of",
    "last_day_of_grace",
    "latest_reporting_days",
    "owes",
    "period_for",
    "programme_marks",
    "reporting_days_around",
    "reporting_days_between",
    "rollup_of",
    "standing_of",
    "stands",
    "trend_of",
    "words_for_ago",
    "words_for_due",
    "words_for_standing",
]
