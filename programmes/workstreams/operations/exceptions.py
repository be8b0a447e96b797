from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import words_for_days
from partners.people.models import User
from programmes.workstreams.changes import check_takes_reports, except_workstream, locked_workstream, settle_chasing
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import ReportingException
from programmes.workstreams.operations.locking import reason_given
from programmes.workstreams.permissions import check_can_except
from programmes.workstreams.queries import are_withheld, reporting_rule, withheld_days
from programmes.workstreams.rules import check_excepted_days

USED = "This request was used for something else. Open the form again and send it from there."
COLUMNS = ["exception_kind", "exception_from_on", "exception_to_on", "current_is_withheld"]


@transaction.atomic(durable=True)
def record_exception(
    *,
    workstream_id: UUID,
    kind: ExceptionKind,
    from_on: date,
    to_on: date,
    reason: str,
    request_key: UUID,
    by: User,
    now: datetime,
) -> ReportingException:
    """For the reporting days from one to another (both inclusive) it owes no report, or its rating is kept back.

    The same ``request_key`` again returns the first.

    Raises: NotPermitted; ClosedWorkstream; Refused without a reason, for days that are no reporting days, out of order,
    too long ago or too far ahead, for a day already reported for, and while another exception is not over.
    """
    workstream = locked_workstream(workstream_id)
    check_can_except(by, workstream.programme)
    first = ReportingException.objects.filter(pk=request_key).first()
    if first:
        if first.workstream_id != workstream.pk:
            raise Refused(USED)
        return first
    check_takes_reports(workstream)
    reason = reason_given(reason)
    check_excepted_days(
        from_on,
        to_on,
        name=workstream.name,
        rule=reporting_rule(workstream.programme.scope.parent_id),
        reported_for_on=workstream.current_period_on,
        excepted_from_on=workstream.exception_from_on,
        excepted_to_on=workstream.exception_to_on,
        now=now,
    )
    exception = except_workstream(
        workstream, kind=kind, from_on=from_on, to_on=to_on, reason=reason, exception_id=request_key, by=by, now=now
    )
    settle_chasing(workstream.programme, now=now)
    record(
        by=by,
        now=now,
        action="workstreams.record_exception",
        subject=workstream,
        scope_id=workstream.programme.scope_id,
        summary=f"{_verb(kind)} {workstream.name}, {words_for_days(from_on, to_on)}: {reason}",
        after={"kind": str(kind), "from_on": from_on.isoformat(), "to_on": to_on.isoformat(), "reason": reason},
    )
    return exception


@transaction.atomic(durable=True)
def end_exception(*, exception_id: UUID, by: User, now: datetime) -> ReportingException:
    """Let it count no longer. Reporting days that are over stay excepted; one that has ended is returned as it is.

    Raises: NotPermitted; Refused when all its days are over.
    """
    workstream = locked_workstream(
        ReportingException.objects.values_list("workstream_id", flat=True).get(pk=exception_id)
    )
    check_can_except(by, workstream.programme)
    exception = ReportingException.objects.get(pk=exception_id)
    if exception.ended_at:
        return exception
    days = reporting_rule(workstream.programme.scope.parent_id).around(now)
    if exception.to_on <= days.last_on:
        raise Refused("Its last reporting day is over, so there is nothing to end.")
    exception.ended_at, exception.ended_by = now, by
    exception.save(update_fields=["ended_at", "ended_by"])
    if exception.from_on <= days.last_on:
        workstream.exception_to_on = days.last_on
    else:
        workstream.exception_kind, workstream.exception_from_on, workstream.exception_to_on = "", None, None
    workstream.current_is_withheld = are_withheld(withheld_days(workstream), workstream.current_period_on)
    workstream.save(update_fields=COLUMNS)
    settle_chasing(workstream.programme, now=now)
    record(
        by=by,
        now=now,
        action="workstreams.end_exception",
        subject=workstream,
        scope_id=workstream.programme.scope_id,
        summary=f"ended early that {workstream.name} is {exception.get_kind_display().lower()}",
        before={"to_on": exception.to_on.isoformat()},
    )
    return exception


def _verb(kind: ExceptionKind) -> str:
    return "exempted" if kind == ExceptionKind.EXEMPT else "withheld the rating of"
