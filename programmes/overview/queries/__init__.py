"""Reads that join the rooms of programmes: rows, what changed, what is due, one programme, and one's own."""

from programmes.overview.queries.as_at import programme_rows_at
from programmes.overview.queries.changes import Change, changes_in, changes_of, newest_changes
from programmes.overview.queries.due import Due, due_in
from programmes.overview.queries.own import Own, own_programmes, reports_on
from programmes.overview.queries.programme import Overview, overview_of
from programmes.overview.queries.rows import ProgrammeRow, programme_rows, steps_planned, worst_first
from programmes.overview.queries.timeline import timeline_of

__all__ = [
    "Change",
    "Due",
    "Overview",
    "Own",
    "ProgrammeRow",
    "changes_in",
    "changes_of",
    "due_in",
    "newest_changes",
    "overview_of",
    "own_programmes",
    "programme_rows",
    "programme_rows_at",
    "reports_on",
    "steps_planned",
    "timeline_of",
    "worst_first",
]
