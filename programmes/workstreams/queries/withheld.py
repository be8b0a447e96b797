"""Ratings that are kept back, and from whom."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import QuerySet

from partners.clock.rules import local_date
from partners.people.models import User
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.permissions import can_except, can_report
from programmes.workstreams.queries.exceptions import excepted_days
from programmes.workstreams.queries.reviewers import reviewers_of
from programmes.workstreams.rules import Excepted, covers


def withheld_days(workstream: Workstream) -> list[Excepted]:
    """The reporting days whose ratings are kept back; one query."""
    return [each for each in excepted_days(workstream) if each.kind == ExceptionKind.WITHHELD]


def days_withheld_from(user: User, workstream: Workstream, now: datetime) -> list[Excepted]:
    """The reporting days whose ratings this person may not see: none where they report on the workstream, may withhold
    its ratings or read its reports; five queries at most. The workstream comes with its programme and scope."""
    if can_report(user, workstream, now=now) or can_except(user, workstream.programme):
        return []
    days = withheld_days(workstream)
    if days and user in reviewers_of([workstream], on=local_date(now))[workstream.pk]:
        return []
    return days


def are_withheld(days: Collection[Excepted], period_on: date | None) -> bool:
    """Whether the rating of a reporting day is among these; no query."""
    return period_on is not None and any(covers(each.from_on, each.to_on, period_on) for each in days)


def without_withheld(updates: QuerySet[StatusUpdate], days: Collection[Excepted]) -> QuerySet[StatusUpdate]:
    """The updates but for those of these days."""
    for each in days:
        updates = updates.exclude(period_on__range=(each.from_on, each.to_on))
    return updates
