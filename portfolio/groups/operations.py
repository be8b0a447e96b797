from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.people.changes import hold_role, keep_as_record, lock_organisation, make_scope, rename_scope
from partners.people.enums import Role, ScopeKind
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from portfolio.groups.models import Portfolio
from portfolio.groups.permissions import (
    check_can_change_portfolio,
    check_can_create_portfolio,
    check_can_set_up_programme,
)
from programmes.register.changes import claim_name, create_programme, named_person
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.register.rules import NAME_LENGTH, SUMMARY_LENGTH
from programmes.scheduling.changes import add_stages

PARTS = {
    "name": "the name",
    "description": "the description",
    "organisation": "the organisation",
    "record_until": "the last day of the record",
}


@transaction.atomic(durable=True)
def create_portfolio(
    *,
    name: str,
    description: str,
    organisation: str = "",
    record_until: date | None = None,
    by: User,
    now: datetime,
) -> Portfolio:
    """A portfolio with its scope and no programme yet.

    ``organisation`` is whose it is, where it is another's; with ``record_until`` it is kept as a record of days past.

    Raises: NotPermitted; Refused for text or a day that is not allowed, or a name that is taken.
    """
    root = lock_organisation()
    check_can_create_portfolio(by)
    portfolio = Portfolio(**_checked(name, description, organisation, record_until))
    _check_name_is_free(portfolio.name)
    portfolio.scope = make_scope(kind=ScopeKind.PORTFOLIO, name=portfolio.name, parent=root)
    portfolio.save(force_insert=True)
    keep_as_record(portfolio.scope_id, is_record=record_until is not None)
    record(
        by=by,
        now=now,
        action="groups.create_portfolio",
        subject=portfolio,
        scope_id=portfolio.scope_id,
        summary=f"created the portfolio {portfolio.name}",
        after={**_values(portfolio), "version": portfolio.version},
    )
    return portfolio


@transaction.atomic(durable=True)
def change_portfolio(
    *,
    portfolio_id: UUID,
    version: int,
    name: str,
    description: str,
    organisation: str,
    record_until: date | None,
    by: User,
    now: datetime,
) -> Portfolio:
    """Change what is said of a portfolio. Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused for text or
    a day that is not allowed, or a name that is taken.
    """
    lock_organisation()
    rows = Portfolio.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    portfolio = rows.get(pk=portfolio_id)
    check_can_change_portfolio(by, portfolio)
    saved = _values(portfolio)
    for part, value in _checked(name, description, organisation, record_until).items():
        setattr(portfolio, part, value)
    wanted = _values(portfolio)
    changed = [part for part in wanted if wanted[part] != saved[part]]
    if not changed:
        return portfolio
    if portfolio.version != version:
        raise _changed_meanwhile(portfolio, version)
    if "name" in changed:
        _check_name_is_free(portfolio.name, but=portfolio)
        rename_scope(portfolio.scope_id, portfolio.name)
    if "record_until" in changed:
        keep_as_record(portfolio.scope_id, is_record=record_until is not None)
    portfolio.version += 1
    portfolio.save(update_fields=[*changed, "version"])
    record(
        by=by,
        now=now,
        action="groups.change_portfolio",
        subject=portfolio,
        scope_id=portfolio.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of the portfolio {portfolio.name}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": portfolio.version, **{part: wanted[part] for part in changed}},
    )
    return portfolio


@transaction.atomic(durable=True)
def set_up_programme(
    *,
    portfolio_id: UUID,
    name: str,
    summary: str,
    delivery_model: DeliveryModel,
    owner_id: UUID,
    manager_id: UUID,
    life_cycle_id: UUID | None = None,
    by: User,
    now: datetime,
) -> Programme:
    """A programme in this portfolio, with its scope, its stages and its programme manager, who gets the role.

    It follows the newest version of the life cycle, of the default one unless another is chosen.

    Raises: NotPermitted; Refused for text that is not allowed, a name that another programme of the portfolio has (as
    after a repeated submit), an owner or manager without an account, or a life cycle that is not offered.
    """
    portfolio = Portfolio.objects.select_related("scope").get(pk=portfolio_id)
    check_can_set_up_programme(by, portfolio)
    name = one_line(name, limit=NAME_LENGTH, field="name", named="a name")
    summary = lines(summary, limit=SUMMARY_LENGTH, field="summary", named="the summary")
    claim_name(name, portfolio_scope_id=portfolio.scope_id)
    owner = named_person(owner_id, field="owner", named="The owner")
    manager = named_person(manager_id, field="manager", named="The programme manager")
    programme = create_programme(
        portfolio_scope=portfolio.scope,
        name=name,
        summary=summary,
        delivery_model=delivery_model,
        owner=owner,
        by=by,
        now=now,
    )
    stages = add_stages(programme, life_cycle_id)
    hold_role(user=manager, role=Role.PROGRAMME_MANAGER, scope=programme.scope, by=by, now=now)
    record(
        by=by,
        now=now,
        action="groups.set_up_programme",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"set up {name}, managed by {manager.name}",
        after={
            "portfolio": portfolio.name,
            "name": name,
            "summary": summary,
            "delivery_model": str(delivery_model),
            "owner": owner.name,
            "owner_id": str(owner.pk),
            "manager": manager.name,
            "manager_id": str(manager.pk),
            "stages": [stage.title for stage in stages],
            "version": programme.version,
        },
    )
    return programme


def _checked(name: str, description: str, organisation: str, record_until: date | None) -> dict[str, object]:
    if record_until:
        check_day(record_until, field="record_until", named="The last day of the record")
    return {
        "name": one_line(name, limit=NAME_LENGTH, field="name", named="a name"),
        "description": lines(description, limit=SUMMARY_LENGTH, field="description", named="the description"),
        "organisation": one_line(
            organisation, limit=NAME_LENGTH, field="organisation", named="the organisation", required=False
        ),
        "record_until": record_until,
    }


def _values(portfolio: Portfolio) -> dict[str, str]:
    """Values as audit events keep them."""
    return {
        "name": portfolio.name,
        "description": portfolio.description,
        "organisation": portfolio.organisation,
        "record_until": portfolio.record_until.isoformat() if portfolio.record_until else "",
    }


def _check_name_is_free(name: str, *, but: Portfolio | None = None) -> None:
    """The organisation's scope is locked, so no other name comes meanwhile."""
    others = Portfolio.objects.exclude(pk=but.pk) if but else Portfolio.objects.all()
    if others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise Refused(f"There is a portfolio called {name} already. Choose another name.", field="name")


def _changed_meanwhile(portfolio: Portfolio, version: int) -> Conflict:
    events = changes_since(portfolio.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this portfolio", changes)
