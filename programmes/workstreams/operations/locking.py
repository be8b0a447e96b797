from uuid import UUID

from partners.audit.rules import Refused
from partners.people.rules.typed import one_line
from programmes.workstreams.models import Workstream
from programmes.workstreams.rules import REASON_LENGTH


class ClosedWorkstream(Refused):
    """A closed workstream takes no reports and no changes."""


def locked(workstream_id: UUID) -> Workstream:
    return (
        Workstream.objects.select_for_update(of=("self",))
        .select_related("programme__scope", "lead")
        .get(pk=workstream_id)
    )


def check_open(workstream: Workstream) -> None:
    if workstream.closed_at:
        raise ClosedWorkstream(
            f"{workstream.name} is closed, so it takes no reports and no changes. Ask the programme manager to reopen it."
        )


def reason_given(reason: str) -> str:
    return one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
