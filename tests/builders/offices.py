"""Offices and who holds them."""

from datetime import date

from partners.people.enums import HoldingKind
from partners.people.models import Office, OfficeHolding, Scope, User
from partners.people.queries import organisation
from tests.builders.core import NOW, make_person


def make_office(
    title: str = "Chief Constable",
    *,
    scope: Scope | None = None,
    body: str = "Northshire Police",
    established_on: date | None = None,
    abolished_on: date | None = None,
    successor: Office | None = None,
    clerk: User | None = None,
) -> Office:
    """An office of the organisation unless a scope is given, without a holder."""
    return Office.objects.create(
        scope=scope or organisation(),
        title=title,
        body=body,
        established_on=established_on,
        abolished_on=abolished_on,
        successor=successor,
        clerk=clerk,
        recorded_at=NOW,
        recorded_by=clerk or make_person(),
    )


def make_holding(
    office: Office | None = None,
    holder_name: str = "",
    *,
    user: User | None = None,
    kind: HoldingKind = HoldingKind.SUBSTANTIVE,
    from_on: date | None = None,
    to_on: date | None = None,
) -> OfficeHolding:
    """Somebody holds the office on every day unless days are given; by the name of their account where they have one."""
    office = office or make_office()
    return OfficeHolding.objects.create(
        office=office,
        holder_name=holder_name or (user.name if user else "Ola Brand"),
        user=user,
        kind=kind,
        from_on=from_on,
        to_on=to_on,
        recorded_at=NOW,
        recorded_by=office.recorded_by,
    )
