from uuid import UUID

from partners.audit.rules import Refused
from programmes.workstreams.models import StatusUpdate, Workstream


class ClosedWorkstream(Refused):
    """A closed workstream takes no reports and no changes."""


def locked_workstream(workstream_id: UUID) -> Workstream:
    """The workstream for an act that changes it or reports on it, with its programme, scope, lead and reviewer."""
    return (
        Workstream.objects.select_for_update(of=("self",))
        .select_related("programme__scope", "lead", "reviewer")
        .get(pk=workstream_id)
    )


def check_takes_reports(workstream: Workstream) -> None:
    """Raises: ClosedWorkstream."""
    if workstream.closed_at:
        raise ClosedWorkstream(
            f"{workstream.name} is closed, so it takes no reports and no changes. Ask the programme manager to reopen it."
        )


def publish(workstream: Workstream, update: StatusUpdate, *, is_withheld: bool) -> StatusUpdate:
    """Keep a new update and let the workstream say what it says. The caller has locked it, and writes the audit event,
    which does not tell a rating that is withheld."""
    update.save(force_insert=True)
    workstream.current_update = update
    workstream.current_rating = update.rating
    workstream.current_reported_at = update.said_at
    workstream.current_period_on = update.period_on
    workstream.current_ask_kind = update.ask_kind
    workstream.current_is_withheld = is_withheld
    workstream.save(
        update_fields=[
            "current_update",
            "current_rating",
            "current_reported_at",
            "current_period_on",
            "current_ask_kind",
            "current_is_withheld",
        ]
    )
    return update
