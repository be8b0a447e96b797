"""Reads of offices and of who held them on which day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet

from partners.people.enums import ScopeKind
from partners.people.models import Office, OfficeHolding, Scope, User
from partners.people.permissions import MANAGE_OFFICES, can_see_scope, standing_of
from partners.people.rules.offices import held_on


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office and who holds it on the day asked for; nobody when it is vacant or does not exist."""

    office: Office
    holding: OfficeHolding | None


def offices_over(scope: Scope) -> QuerySet[Office]:
    """Offices of the scope or of one above it, with what ``offices_visible_to`` reads, by body and title."""
    places = Q(scope_id__in=[scope.pk, scope.parent_id]) | Q(scope__kind=ScopeKind.ORGANISATION)
    return _with_holders(Office.objects.filter(places))


def offices_visible_to(user: User) -> QuerySet[Office]:
    """Offices over what the person holds a role on, and those that they hold or clerk for, by body and title.

    With scope, successor, clerk and, by their first day, ``holdings``; two queries.
    """
    standing = standing_of(user)
    if not user.is_active:
        return Office.objects.none()
    seen = Q()
    if not standing.everywhere:
        own = OfficeHolding.objects.filter(user=user).values("office")
        seen = Q(clerk=user) | Q(pk__in=own)
        places = [place for _, place in standing.held]
        if places:
            above = Scope.objects.filter(pk__in=places).values("parent")
            seen |= Q(scope__in=places) | Q(scope__in=above) | Q(scope__kind=ScopeKind.ORGANISATION)
    return _with_holders(Office.objects.filter(seen))


def office_visible_to(user: User, office_id: UUID) -> Office | None:
    return offices_visible_to(user).filter(pk=office_id).first()


def office_holding_visible_to(user: User, holding_id: UUID) -> OfficeHolding | None:
    """A holding of an office that the person may see, with its office."""
    seen = offices_visible_to(user).order_by().values("pk")
    found = OfficeHolding.objects.filter(office__in=seen).select_related("office__scope", "user")
    return found.filter(pk=holding_id).first()


def holdings_of_office(office: Office) -> QuerySet[OfficeHolding]:
    """The latest first by their first day; one whose first day is not on record came before the others."""
    return OfficeHolding.objects.filter(office=office).order_by(F("from_on").desc(nulls_last=True), "pk")


def holding_on(office: Office, day: date) -> OfficeHolding | None:
    """Who held the office on a day; None on a day without a holder or on which there was no such office.

    One query, none where the holdings were read with the office.
    """
    return held_on(office.days, office.holdings.all(), day)


def office_rows(offices: Iterable[Office], day: date) -> list[OfficeRow]:
    """Each office with who holds it on a day."""
    return [OfficeRow(office, holding_on(office, day)) for office in offices]


def successors_of(office: Office) -> list[Office]:
    """The office that follows this one, the one that follows that, and so on; one query each."""
    found: list[Office] = []
    while office.successor and office.successor not in found:
        office = office.successor
        found.append(office)
    return found


def days_decided(*, office: Office | None = None, holding: OfficeHolding | None = None) -> list[date]:
    """The days of the decisions that were taken in the office, or under one holding of it."""
    rows = OfficeHolding.objects.filter(pk=holding.pk) if holding else OfficeHolding.objects.filter(office=office)
    taken = rows.filter(decisions__taken_on__isnull=False).values_list("decisions__taken_on", flat=True)
    return [day for day in taken if day]


def scopes_of_offices_visible_to(user: User) -> QuerySet[Scope]:
    """Portfolios and the organisation, where the person sees an office, the organisation first."""
    return Scope.objects.filter(pk__in=offices_visible_to(user).order_by().values("scope")).order_by(
        "kind", "name", "pk"
    )


def scope_with_offices(user: User, scope_id: UUID) -> Scope | None:
    """A portfolio or the organisation, if the person holds a role there or above it."""
    scope = Scope.objects.exclude(kind=ScopeKind.PROGRAMME).filter(pk=scope_id).first()
    return scope if scope and can_see_scope(user, scope) else None


def scopes_with_offices_managed_by(user: User) -> QuerySet[Scope]:
    """The organisation and portfolios whose offices the person may add to, the organisation first."""
    found = Scope.objects.exclude(kind=ScopeKind.PROGRAMME)
    standing = standing_of(user)
    if not standing.everywhere & MANAGE_OFFICES.roles:
        found = found.filter(pk__in=standing.scopes_of(MANAGE_OFFICES.roles), kind=ScopeKind.PORTFOLIO)
    return found.order_by("kind", "name", "pk")


def _with_holders(offices: QuerySet[Office]) -> QuerySet[Office]:
    holdings = OfficeHolding.objects.select_related("user").order_by("from_on", "recorded_at", "pk")
    found = offices.select_related("scope", "successor", "clerk")
    return found.prefetch_related(Prefetch("holdings", holdings)).order_by("body", "title", "pk")
