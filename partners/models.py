"""Register of this floor's models; import a model from its room."""

from partners.audit.models import AuditEvent
from partners.calendar.models import ClockOffset, Closure
from partners.people.models import ApiToken, RoleHolding, Scope, Unit, User
from partners.post.models import DeliveryAttempt, Message, PostSettings

__all__ = [
    "ApiToken",
    "AuditEvent",
    "ClockOffset",
    "Closure",
    "DeliveryAttempt",
    "Message",
    "PostSettings",
    "RoleHolding",
    "Scope",
    "Unit",
    "User",
]
