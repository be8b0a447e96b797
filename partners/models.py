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
from partners.post.models import DeliveryAttempt, Message, PostSettings

__all__ = [
    "ApiToken",
    "AuditEvent",
    "BrowserSession",
    "Capability",
    "CapabilityClaim",
    "ClockOffset",
    "Closure",
    "Consortium",
    "ConsortiumMembership",
    "Contact",
    "DeliveryAttempt",
    "Document",
    "Leave",
    "Message",
    "Office",
    "OfficeHolding",
    "Organisation",
    "PeopleImport",
    "PostSettings",
    "Relationship",
    "RelationshipStanding",
    "RelationshipTerm",
    "RoleHolding",
    "Scope",
    "Unit",
    "User",
]
