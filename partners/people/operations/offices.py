"""Offices, and who holds them from when to when."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import words_for_date
from partners.people.enums import HoldingKind, ScopeKind
from partners.people.models import Office, OfficeHolding, Scope, User
from partners.people.permissions import check_can_manage_offices
from partners.people.queries import active_people
from partners.people.queries.offices import days_decided, offices_over, successors_of
from partners.people.rules.offices import (
    NAME_LENGTH,
    SOURCE_LENGTH,
    TITLE_LENGTH,
    check_decided,
    check_holding,
    check_life,
)
from partners.people.rules.typed import one_line

OFFICE_PARTS = {
    "title": "the title",
    "body": "the body",
    "established_on": "the first day",
    "abolished_on": "the last day",
    "successor": "the successor",
    "clerk": "the clerk",
    "source": "the source",
}
HOLDING_PARTS = {
    "holder": "the name",
    "account": "the account",
    "kind": "how it is held",
    "from_on": "the first day",
    "to_on": "the last day",
    "source": "the source",
}


@transaction.atomic(durable=True)
def add_office(
    *,
    scope_id: UUID,
    title: str,
    body: str,
    established_on: date | None = None,
    abolished_on: date | None = None,
    successor_id: UUID | None = None,
    clerk_id: UUID | None = None,
    source: str = "",
    by: User,
    now: datetime,
) -> Office:
    """Add an office that decides on what lies in a portfolio, or in the whole organisation. Nobody holds it yet.

    Raises: NotPermitted; Refused for text or days that are not allowed, an office that is there already, a successor
    that cannot be one or a clerk without an account.
    """
    scope = Scope.objects.select_for_update(no_key=True).get(pk=scope_id)
    check_can_manage_offices(by, scope)
    if scope.kind == ScopeKind.PROGRAMME:
        raise Refused("An office belongs to a portfolio or to the organisation. Choose one of them.", field="scope")
    office = Office(scope=scope, recorded_at=now, recorded_by=by)
    _fill_office(office, title, body, established_on, abolished_on, successor_id, clerk_id, source)
    office.save()
    record(
        by=by,
        now=now,
        action="people.add_office",
        subject=office,
        scope_id=scope.pk,
        summary=f"added the office {office.title}, {office.body}",
        after=_office_values(office),
    )
    return office


@transaction.atomic(durable=True)
def change_office(
    *,
    office_id: UUID,
    version: int,
    title: str,
    body: str,
    established_on: date | None,
    abolished_on: date | None,
    successor_id: UUID | None,
    clerk_id: UUID | None,
    source: str,
    by: User,
    now: datetime,
) -> Office:
    """Change what is said of an office. Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what; Refused as ``add_office``, and for days that leave out a
    holding or a decision.
    """
    Scope.objects.select_for_update(no_key=True).get(offices=office_id)
    office = _locked_office(office_id)
    check_can_manage_offices(by, office.scope)
    before = _office_values(office)
    _fill_office(office, title, body, established_on, abolished_on, successor_id, clerk_id, source)
    changed = [part for part, value in _office_values(office).items() if value != before[part]]
    if not changed:
        return office
    if office.version != version:
        raise _changed_meanwhile(office, version, f"the office {before['title']}")
    check_decided(office.days, days_decided(office=office), first="established_on", last="abolished_on")
    office.version += 1
    office.save()
    after = _office_values(office)
    record(
        by=by,
        now=now,
        action="people.change_office",
        subject=office,
        scope_id=office.scope_id,
        summary=f"changed {listed([OFFICE_PARTS[part] for part in changed])} of the office {office.title}",
        before={part: before[part] for part in ["version", *changed]},
        after={part: after[part] for part in ["version", *changed]},
    )
    return office


@transaction.atomic(durable=True)
def add_holding(
    *,
    office_id: UUID,
    holder_name: str,
    user_id: UUID | None = None,
    kind: HoldingKind = HoldingKind.SUBSTANTIVE,
    from_on: date | None = None,
    to_on: date | None = None,
    source: str = "",
    by: User,
    now: datetime,
) -> OfficeHolding:
    """Record that somebody holds the office from one day to another; the first is empty where it is not on record.

    Raises: NotPermitted; Refused for text or days that are not allowed, days outside the life of the office, or days on
    which somebody else holds it.
    """
    office = _locked_office(office_id)
    check_can_manage_offices(by, office.scope)
    holding = OfficeHolding(office=office, recorded_at=now, recorded_by=by)
    _fill_holding(holding, holder_name, user_id, kind, from_on, to_on, source)
    holding.save()
    record(
        by=by,
        now=now,
        action="people.add_office_holding",
        subject=office,
        scope_id=office.scope_id,
        summary=f"recorded that {holding.holder_name} holds the office {office.title} {holding.days.words}",
        after={str(holding.pk): _holding_values(holding)},
    )
    return holding


@transaction.atomic(durable=True)
def end_holding(*, holding_id: UUID, to_on: date, by: User, now: datetime) -> OfficeHolding:
    """Record the last day on which somebody holds the office, past or to come.

    Raises: NotPermitted; Refused when there is a last day already, for a day that cannot be, or one before a decision
    that was taken in the office.
    """
    office, holding = _locked_holding(holding_id)
    check_can_manage_offices(by, office.scope)
    if holding.to_on:
        raise Refused(
            f"{holding.holder_name} holds this office {holding.days.words} already. To change the last day, correct it."
        )
    before = _holding_values(holding)
    holding.to_on = to_on
    _check_holding(holding)
    holding.version += 1
    holding.save(update_fields=["to_on", "version"])
    record(
        by=by,
        now=now,
        action="people.end_office_holding",
        subject=office,
        scope_id=office.scope_id,
        summary=f"recorded that {holding.holder_name} holds the office {office.title} to {words_for_date(to_on)}",
        before={str(holding.pk): before},
        after={str(holding.pk): _holding_values(holding)},
    )
    return holding


@transaction.atomic(durable=True)
def correct_holding(
    *,
    holding_id: UUID,
    version: int,
    holder_name: str,
    user_id: UUID | None,
    kind: HoldingKind,
    from_on: date | None,
    to_on: date | None,
    source: str,
    by: User,
    now: datetime,
) -> OfficeHolding:
    """Correct what is on record of a holding. Returns it as it was when it says all this already.

    Once a decision was taken by this holding, the holder and how they held the office stay, and the days hold its day.

    Raises: NotPermitted; Conflict, naming who changed what; Refused as ``add_holding``, and for what a decision rests on.
    """
    office, holding = _locked_holding(holding_id)
    check_can_manage_offices(by, office.scope)
    before = _holding_values(holding)
    _fill_holding(holding, holder_name, user_id, kind, from_on, to_on, source)
    changed = [part for part, value in _holding_values(holding).items() if value != before[part]]
    if not changed:
        return holding
    if holding.version != version:
        raise _changed_meanwhile(office, version, f"who holds {office.title}", key=str(holding.pk))
    if days_decided(holding=holding):
        _check_same_holder(before, changed)
    holding.version += 1
    holding.save()
    record(
        by=by,
        now=now,
        action="people.correct_office_holding",
        subject=office,
        scope_id=office.scope_id,
        summary=f"corrected {listed([HOLDING_PARTS[part] for part in changed])} of {before['holder']} as {office.title}",
        before={str(holding.pk): before},
        after={str(holding.pk): _holding_values(holding)},
    )
    return holding


def _locked_office(office_id: UUID) -> Office:
    """Locked against a decision that is being taken in it, too: that reads who holds it."""
    rows = Office.objects.select_for_update(of=("self",)).select_related("scope", "successor", "clerk")
    return rows.get(pk=office_id)


def _locked_holding(holding_id: UUID) -> tuple[Office, OfficeHolding]:
    office = _locked_office(OfficeHolding.objects.values_list("office_id", flat=True).get(pk=holding_id))
    rows = OfficeHolding.objects.select_for_update(of=("self",)).select_related("user")
    holding = rows.get(pk=holding_id)
    holding.office = office
    return office, holding


def _fill_office(
    office: Office,
    title: str,
    body: str,
    established_on: date | None,
    abolished_on: date | None,
    successor_id: UUID | None,
    clerk_id: UUID | None,
    source: str,
) -> None:
    office.title = one_line(title, limit=TITLE_LENGTH, field="title", named="the title")
    office.body = one_line(body, limit=TITLE_LENGTH, field="body", named="the body")
    office.source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False)
    office.established_on, office.abolished_on = established_on, abolished_on
    check_life(office.days, office.holdings.all())
    others = Office.objects.filter(scope=office.scope_id).exclude(pk=office.pk)
    same_title = Exact(Lower("title"), Lower(Value(office.title)))
    if others.filter(same_title, Exact(Lower("body"), Lower(Value(office.body)))).exists():
        raise Refused(
            f"{office.body} has an office {office.title} here already. Open it, or choose another title.", field="title"
        )
    office.successor = _successor(office, successor_id)
    if clerk_id != office.clerk_id:
        office.clerk = _person(clerk_id, field="clerk", named="The clerk")


def _successor(office: Office, successor_id: UUID | None) -> Office | None:
    if successor_id is None:
        return None
    found = offices_over(office.scope).filter(pk=successor_id).first()
    if found is None:
        raise Refused("There is no such office here. Choose one of the list.", field="successor")
    if office in [found, *successors_of(found)]:
        raise Refused("An office cannot follow itself. Choose another successor.", field="successor")
    return found


def _person(person_id: UUID | None, *, field: str, named: str) -> User | None:
    if person_id is None:
        return None
    person = active_people().select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise Refused(f"{named} must be somebody with an account here. Choose another person.", field=field)
    return person


def _fill_holding(
    holding: OfficeHolding,
    holder_name: str,
    user_id: UUID | None,
    kind: HoldingKind,
    from_on: date | None,
    to_on: date | None,
    source: str,
) -> None:
    holding.holder_name = one_line(holder_name, limit=NAME_LENGTH, field="holder_name", named="the name of the holder")
    holding.source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False)
    holding.kind, holding.from_on, holding.to_on = kind, from_on, to_on
    _check_holding(holding)
    if user_id != holding.user_id:
        holding.user = _person(user_id, field="user", named="The holder")


def _check_holding(holding: OfficeHolding) -> None:
    others = holding.office.holdings.exclude(pk=holding.pk).order_by("from_on", "pk")
    check_holding(holding.office.title, holding.office.days, holding.days, others)
    if not holding._state.adding:
        check_decided(holding.days, days_decided(holding=holding), first="from_on", last="to_on")


def _check_same_holder(before: dict[str, object], changed: list[str]) -> None:
    for part, field in (("holder", "holder_name"), ("kind", "kind")):
        if part in changed:
            raise Refused(
                f"{before['holder']} took a decision in this office, and what was decided stays. The name and how the "
                "office was held cannot be changed any more.",
                field=field,
            )


def _office_values(office: Office) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "title": office.title,
        "body": office.body,
        "established_on": _iso(office.established_on),
        "abolished_on": _iso(office.abolished_on),
        "successor": office.successor.title if office.successor else None,
        "clerk": office.clerk.name if office.clerk else None,
        "source": office.source,
        "version": office.version,
    }


def _holding_values(holding: OfficeHolding) -> dict[str, object]:
    return {
        "holder": holding.holder_name,
        "account": holding.user.email if holding.user else None,
        "kind": str(holding.kind),
        "from_on": _iso(holding.from_on),
        "to_on": _iso(holding.to_on),
        "source": holding.source,
        "version": holding.version,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _changed_meanwhile(office: Office, version: int, thing: str, *, key: str = "") -> Conflict:
    """``key`` is that of a holding in the events of its office."""
    words = HOLDING_PARTS if key else OFFICE_PARTS
    found = []
    for event in changes_since(office.pk, version, within=key):
        before, after = event.before or {}, event.after or {}
        if key:
            before, after = before.get(key, {}), after[key]
        parts = [said for part, said in words.items() if part in after and before.get(part) != after[part]]
        found.append((event.actor_name, parts))
    return changed_meanwhile(thing, found)
