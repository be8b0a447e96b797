from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.people.changes import make_scope
from partners.people.enums import ScopeKind
from partners.people.models import Scope, User
from partners.people.queries import active_people
from programmes.register.enums import DeliveryModel
from programmes.register.models import DeliveryModelPeriod, Programme
from programmes.register.permissions import check_runs
from programmes.register.queries import newest_delivery_model


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
    programme = Programme.objects.create(
        scope=make_scope(kind=ScopeKind.PROGRAMME, name=name, parent=portfolio_scope),
        name=name,
        summary=summary,
        delivery_model=delivery_model,
        owner=owner,
        set_up_at=now,
        set_up_by=by,
    )
    DeliveryModelPeriod.objects.create(
        programme=programme,
        delivery_model=delivery_model,
        from_on=local_date(now),
        recorded_at=now,
        recorded_by=by,
    )
    return programme


def end_programme(programme: Programme, *, on: date, reason: str, by: User, now: datetime) -> None:
    """The programme ran until ``on`` (inclusive) and no longer; the caller has locked it. What is left behind, and the
    audit event, are the caller's.

    Raises: Refused when it ended already.
    """
    check_runs(programme)
    programme.ended_on, programme.end_reason = on, reason
    programme.ended_at, programme.ended_by = now, by
    programme.version += 1
    programme.save(update_fields=["ended_on", "end_reason", "ended_at", "ended_by", "version"])


def change_delivery_model(
    programme: Programme, *, to: DeliveryModel, from_on: date, decision_id: UUID, by: User, now: datetime
) -> DeliveryModelPeriod:
    """The programme, locked by the caller, is delivered this way from a day on. The audit event is the caller's.

    Raises: Refused when the programme ended, is delivered this way already, or a later day is on record.
    """
    check_runs(programme)
    newest = newest_delivery_model(programme)
    if newest.delivery_model == to:
        raise Refused(
            f"{programme.name} is on record as delivered this way already: {newest}, from "
            f"{words_for_date(newest.from_on)}. Choose another delivery model, or leave it as it is."
        )
    if from_on < newest.from_on:
        raise Refused(
            f"{programme.name} is on record as {newest} from {words_for_date(newest.from_on)}. A change of the delivery "
            "model takes effect on that day or later."
        )
    period = DeliveryModelPeriod.objects.create(
        programme=programme,
        delivery_model=to,
        from_on=from_on,
        decision_id=decision_id,
        recorded_at=now,
        recorded_by=by,
    )
    programme.delivery_model = to
    programme.version += 1
    programme.save(update_fields=["delivery_model", "version"])
    return period


def claim_name(name: str, *, portfolio_scope_id: UUID | None, programme_id: UUID | None = None) -> None:
    """Hold the names of a portfolio's programmes until the transaction ends, and make sure that this one is free.

    ``programme_id`` is the programme that may have it already. Upper and lower case count as the same.

    Raises: Refused at ``name`` when another programme of the portfolio has it.
    """
    Scope.objects.select_for_update(no_key=True).get(Q(pk=portfolio_scope_id))
    others = Programme.objects.filter(scope__parent_id=portfolio_scope_id).exclude(Q(pk=programme_id))
    if others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise Refused(
            f"This portfolio already has a programme called {name}. Choose another name, or open that programme.",
            field="name",
        )


def named_person(person_id: UUID, *, field: str, named: str) -> User:
    """Somebody who can sign in, locked so that they do not leave meanwhile. Lock scopes before.

    Raises: Refused at ``field`` for anybody else.
    """
    person = active_people().select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise Refused(f"{named} must be somebody with an account here. Choose another person.", field=field)
    return person
