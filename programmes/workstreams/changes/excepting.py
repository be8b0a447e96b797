from datetime import date, datetime
from uuid import UUID, uuid4

from partners.people.models import User
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import ReportingException, Workstream


def except_workstream(
    workstream: Workstream,
    *,
    kind: ExceptionKind,
    from_on: date,
    to_on: date,
    reason: str,
    exception_id: UUID | None = None,
    by: User,
    now: datetime,
) -> ReportingException:
    """For these reporting days (inclusive) it owes no report, or its rating is kept back.

    The caller has locked the workstream and checked the days, settles the chasing, and writes the audit event.
    """
    exception = ReportingException.objects.create(
        id=exception_id or uuid4(),
        workstream=workstream,
        kind=kind,
        from_on=from_on,
        to_on=to_on,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
    )
    workstream.exception_kind, workstream.exception_from_on, workstream.exception_to_on = kind, from_on, to_on
    workstream.save(update_fields=["exception_kind", "exception_from_on", "exception_to_on"])
    return exception
