"""Register of this floor's models; import a model from its room."""

from partners.audit.models import AuditEvent
from partners.calendar.models import Closure
from partners.clock.models import ClockOffset
from partners.people.models import ApiToken, BrowserSession, PeopleImport, RoleHolding, Scope, Unit, User
from partners.post.models import DeliveryAttempt, Message, PostSettings

__all__ = [
    "ApiToken",
    "AuditEvent",
    "BrowserSession",
    "ClockOffset",
    "Closure",
    "DeliveryAttempt",
    "Message",
    "PeopleImport",
    "PostSettings",
    "RoleHolding",
    "Scope",
    "Unit",
    "User",
]
