"""For which reporting days a workstream owes no report, or its rating is kept back."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from partners.clock.rules import local_date
from programmes.workstreams.models import ReportingException, Workstream
from programmes.workstreams.rules import Excepted, ReportingDays


def exceptions_of(workstream: Workstream) -> QuerySet[ReportingException]:
    """Every exception of a workstream, ended ones too, the latest first."""
    found = ReportingException.objects.filter(workstream=workstream).select_related("recorded_by", "ended_by")
    return found.order_by("-from_on", "-recorded_at", "pk")


def exception_in(workstream: Workstream, exception_id: UUID) -> ReportingException | None:
    """The exception, if it is one of this workstream's."""
    return exceptions_of(workstream).filter(pk=exception_id).first()


def exception_now(workstream: Workstream, days: ReportingDays) -> ReportingException | None:
    """The exception that covers the last reporting day that is over, with who recorded it; one query."""
    found = exceptions_of(workstream).filter(from_on__lte=days.last_on, to_on__gte=days.last_on)
    return next((one for one in found if one.ended_at is None or one.ended_at >= days.last_deadline), None)


def excepted_days(workstream: Workstream) -> list[Excepted]:
    """The days for which exceptions count: of one that ended early, those that were over by then; one query."""
    found = []
    for one in exceptions_of(workstream):
        to_on = min(one.to_on, local_date(one.ended_at) - timedelta(days=1)) if one.ended_at else one.to_on
        if one.from_on <= to_on:
            found.append(Excepted(one.kind, one.from_on, to_on))
    return found
