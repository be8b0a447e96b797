"""Many workstreams of one programme at once: their words, and who leads and reviews them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from partners.people.changes import hold_role
from partners.people.enums import Role
from partners.people.models import User
from programmes.register.models import Programme
from programmes.workstreams.changes.closing import hand_over
from programmes.workstreams.models import Workstream

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WorkstreamGiven:
    """What is said of a workstream, checked by the caller."""

    name: str
    description: str
    lead: User | None
    reviewer: User | None


def add_workstreams(
    programme: Programme, given: Sequence[WorkstreamGiven], *, by: User, now: datetime
) -> list[Workstream]:
    """Start these workstreams, in their order. Whoever leads one becomes workstream lead of the programme.

    The caller has locked the programme and writes the audit events. A handful of statements for any number of rows.
    """
    added = Workstream.objects.bulk_create(
        (
            Workstream(
                programme=programme,
                name=each.name,
                description=each.description,
                lead=each.lead,
                reviewer=each.reviewer,
                started_at=now,
            )
            for each in given
        ),
        batch_size=ROWS_AT_ONCE,
    )
    for lead in {each.lead for each in given if each.lead}:
        hold_role(user=lead, role=Role.WORKSTREAM_LEAD, scope=programme.scope, by=by, now=now)
    return added


def change_workstreams(
    programme: Programme, changed: Sequence[tuple[Workstream, WorkstreamGiven]], *, by: User, now: datetime
) -> None:
    """Let these open workstreams say what is given; new leads get the role, old ones lose it when they lead nothing here.

    The caller has locked the programme and the workstreams, and writes the audit events.
    """
    before = {workstream.lead for workstream, given in changed if workstream.lead and workstream.lead != given.lead}
    after = {given.lead for workstream, given in changed if given.lead and workstream.lead != given.lead}
    for workstream, given in changed:
        workstream.name, workstream.description = given.name, given.description
        workstream.lead, workstream.reviewer = given.lead, given.reviewer
        workstream.version += 1
    parts = ["name", "description", "lead", "reviewer", "version"]
    Workstream.objects.bulk_update([workstream for workstream, _ in changed], parts, ROWS_AT_ONCE)
    for lead in after:
        hand_over(programme, None, lead, by=by, now=now)
    for lead in before:
        hand_over(programme, lead, None, by=by, now=now)
