from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.people.changes import end_role, hold_role
from partners.people.enums import Role
from partners.people.models import User
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream, WorkstreamMove
from programmes.workstreams.rules import REASON_LENGTH


def close_by_decision(workstreams: Iterable[Workstream], *, reason: str, by: User, now: datetime) -> None:
    """End the reports of these open workstreams. Each lead loses the role when they lead nothing else there.

    The caller has locked the programme and the workstreams, and writes the audit event. A long reason is shortened.
    """
    for workstream in workstreams:
        workstream.closed_at, workstream.closed_by, workstream.close_reason = now, by, reason[:REASON_LENGTH]
        workstream.version += 1
        workstream.save(update_fields=["closed_at", "closed_by", "close_reason", "version"])
        hand_over(workstream.programme, workstream.lead, None, by=by, now=now)


def move_by_decision(
    workstream: Workstream, *, to: Programme, on: date, decision_id: UUID, by: User, now: datetime
) -> None:
    """Let another programme have the workstream from that day on; its lead keeps the role, there. No audit event.

    The caller has locked both programmes and the workstream.

    Raises: Refused when the other programme has a workstream of this name.
    """
    left = workstream.programme
    check_name_is_free(to, workstream.name)
    WorkstreamMove.objects.create(
        workstream=workstream,
        from_programme=left,
        to_programme=to,
        moved_on=on,
        decision_id=decision_id,
        recorded_at=now,
        recorded_by=by,
    )
    workstream.programme = to
    workstream.version += 1
    workstream.save(update_fields=["programme", "version"])
    hand_over(left, workstream.lead, None, by=by, now=now)
    if workstream.lead and workstream.lead.is_active:
        hand_over(to, None, workstream.lead, by=by, now=now)


def check_name_is_free(programme: Programme, name: str, *, but: Workstream | None = None) -> None:
    """Raises: Refused at ``name`` when another workstream of the programme, open or closed, is called so."""
    others = Workstream.objects.filter(programme=programme, name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise Refused(
            f"{programme.name} has a workstream called {name} already. Choose another name, or reopen that one.",
            field="name",
        )


def hand_over(programme: Programme, before: User | None, after: User | None, *, by: User, now: datetime) -> None:
    """Move the lead's role on the programme. Only open workstreams keep it."""
    if after:
        hold_role(user=after, role=Role.WORKSTREAM_LEAD, scope=programme.scope, by=by, now=now)
    if before and not Workstream.objects.filter(programme=programme, lead=before, closed_at=None).exists():
        end_role(user=before, role=Role.WORKSTREAM_LEAD, scope=programme.scope, by=by, now=now)
