"""Who may lead and who may review one workstream."""

from uuid import UUID

from partners.audit.rules import Refused

OWN_REVIEWER = "Nobody reviews what they report themselves. Choose somebody else to lead or to review it."


def check_reviewer(reviewer_id: UUID | None, *, lead_id: UUID | None) -> None:
    """Raises: Refused at ``reviewer`` where somebody would review what they lead."""
    if reviewer_id is not None and reviewer_id == lead_id:
        raise Refused(OWN_REVIEWER, field="reviewer")
