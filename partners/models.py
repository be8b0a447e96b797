"""Register of this floor's models; import a model from its room."""

from partners.audit.models import AuditEvent
from partners.calendar.models import Closure
from partners.clock.models import ClockOffset
from partners.consortia.models import (
    Capability,
    CapabilityClaim,
    Consortium,
    ConsortiumMembership,
    Relationship,
    RelationshipStanding,
    RelationshipTerm,
)
from partners.files.models import Document
from partners.organisations.models import Contact, Organisation
from partners.people.models import (
    ApiToken,
    BrowserSession,
    Leave,
    Office,
    OfficeHolding,
    PeopleImport,
    RoleHolding,
    Scope,
    Unit,
    User,
)
from partners.post.models import (
    CalendarFeed,
    DeliveryAttempt,
    Heartbeat,
    Message,
    PostBucket,
    PostEpoch,
    PostPreference,
    PostSettings,
    SendingHold,
    Suppression,
)

__all__ = [
    "ApiToken",
    "AuditEvent",
    "BrowserSession",
    "CalendarFeed",
    "Capability",
    "CapabilityClaim",
    "ClockOffset",
    "Closure",
    "Consortium",
    "ConsortiumMembership",
    "Contact",
    "DeliveryAttempt",
    "Document",
    "Heartbeat",
    "Leave",
    "Message",
    "Office",
    "OfficeHolding",
    "Organisation",
    "PeopleImport",
    "PostBucket",
    "PostEpoch",
    "PostPreference",
    "PostSettings",
    "Relationship",
    "RelationshipStanding",
    "RelationshipTerm",
    "RoleHolding",
    "Scope",
    "SendingHold",
    "Suppression",
    "Unit",
    "User",
]
