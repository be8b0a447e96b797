"""Workstreams as lists and files have them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from partners.people.models import User
from programmes.register.models import Programme
from programmes.reporting.queries import in_report_state
from programmes.workstreams.queries import narrowed, reporting_by_portfolio, with_standing, workstreams_visible_to
from programmes.workstreams.rules import ReportState


def workstreams_listed(programme: Programme | None, sought: Mapping[str, Any], *, by: User, now: datetime) -> QuerySet:
    """Those of one programme, or of everything that the person may see, with their standing.

    ``sought`` narrows them by ``show``, ``q`` and, within a programme, ``report``; without one by ``portfolio``, the id
    of its scope.
    """
    found, book = workstreams_visible_to(by), reporting_by_portfolio(now)
    if programme:
        found = found.filter(programme=programme)
    elif sought.get("portfolio"):
        found = found.filter(programme__scope__parent_id=sought["portfolio"])
    found = narrowed(with_standing(found, book), show=sought.get("show") or "open", text=sought.get("q", ""))
    if programme and sought.get("report"):
        days = book.days_of(programme.scope.parent_id)
        found = in_report_state(found, ReportState(sought["report"]), by, days, now)
    return found
