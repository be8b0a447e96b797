from datetime import datetime

from partners.people.changes import make_scope
from partners.people.enums import ScopeKind
from partners.people.models import Scope, User
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme


def create_programme(
    *,
    portfolio_scope: Scope,
    name: str,
    summary: str,
    delivery_model: DeliveryModel,
    owner: User | None,
    by: User,
    now: datetime,
) -> Programme:
    """A programme with its own scope below the portfolio's. Roles, stages and the audit event are the caller's."""
    return Programme.objects.create(
        scope=make_scope(kind=ScopeKind.PROGRAMME, name=name, parent=portfolio_scope),
        name=name,
        summary=summary,
        delivery_model=delivery_model,
        owner=owner,
        set_up_at=now,
        set_up_by=by,
    )
