from django.db.models import TextChoices


class MemberRole(TextChoices):
    """What an organisation is in a consortium."""

    LEAD = "lead", "Lead"
    MEMBER = "member", "Member"
    RELIED_ON = "relied_on", "Relied on"
    SUBCONTRACTOR = "subcontractor", "Subcontractor"
    ADVISER = "adviser", "Adviser"


class RelationshipState(TextChoices):
    """Where a relationship stands. ``AVAILABLE``: still there if we want to use it."""

    PROSPECT = "prospect", "Prospect"
    ENGAGED = "engaged", "Engaged"
    BIDDING = "bidding", "Bidding"
    UNSUCCESSFUL = "unsuccessful", "Unsuccessful"
    PREFERRED = "preferred", "Preferred"
    WITHDRAWN = "withdrawn", "Withdrawn"
    PROCUREMENT_ENDED = "procurement_ended", "Procurement ended"
    AVAILABLE = "available", "Available"
    CALLED_ON = "called_on", "Called on"
    CONTRACTED = "contracted", "Contracted"
    EXITING = "exiting", "Exiting"
    CLOSED = "closed", "Closed"
    BARRED = "barred", "Barred"


_BID_OVER = {
    RelationshipState.UNSUCCESSFUL,
    RelationshipState.PREFERRED,
    RelationshipState.WITHDRAWN,
    RelationshipState.PROCUREMENT_ENDED,
}
# Every state may also go to BARRED; a barred relationship stays so.
NEXT_STATES: dict[RelationshipState, set[RelationshipState]] = {
    RelationshipState.PROSPECT: {RelationshipState.ENGAGED, RelationshipState.CLOSED},
    RelationshipState.ENGAGED: {RelationshipState.BIDDING, RelationshipState.AVAILABLE, RelationshipState.EXITING},
    RelationshipState.BIDDING: _BID_OVER,
    RelationshipState.UNSUCCESSFUL: {RelationshipState.AVAILABLE, RelationshipState.EXITING},
    RelationshipState.PREFERRED: {
        RelationshipState.CONTRACTED,
        RelationshipState.PROCUREMENT_ENDED,
        RelationshipState.AVAILABLE,
        RelationshipState.EXITING,
    },
    RelationshipState.WITHDRAWN: {RelationshipState.AVAILABLE, RelationshipState.EXITING},
    RelationshipState.PROCUREMENT_ENDED: {RelationshipState.AVAILABLE, RelationshipState.EXITING},
    RelationshipState.AVAILABLE: {
        RelationshipState.BIDDING,
        RelationshipState.CALLED_ON,
        RelationshipState.EXITING,
    },
    RelationshipState.CALLED_ON: {
        RelationshipState.CONTRACTED,
        RelationshipState.AVAILABLE,
        RelationshipState.EXITING,
    },
    RelationshipState.CONTRACTED: {RelationshipState.AVAILABLE, RelationshipState.EXITING},
    RelationshipState.EXITING: {RelationshipState.CLOSED},
    RelationshipState.CLOSED: {RelationshipState.PROSPECT},
    RelationshipState.BARRED: set(),
}


class TermKind(TextChoices):
    """What still binds the two sides."""

    CONFIDENTIALITY = "confidentiality", "Confidentiality"
    INTELLECTUAL_PROPERTY = "intellectual_property", "Intellectual property"
    DATA_RETURN = "data_return", "Return of data"
    OTHER = "other", "Other"
