"""Reads of leave: whose, and who is away on which day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Case, F, QuerySet, UUIDField, When

from partners.people.models import Leave, RoleHolding, User
from partners.people.permissions import can_keep_leave_of_others, standing_of
from partners.people.rules.leave import Away, stand_ins


def leave_between(first: date, last: date) -> list[Away]:
    """Leave of everybody that has a day from ``first`` to ``last`` (both inclusive); one query.

    A delegate who left, or is a partner's contact, stands in for nobody.
    """
    is_here = When(delegate__is_active=True, delegate__is_partner=False, then=F("delegate_id"))
    rows = Leave.objects.filter(cancelled_at=None, from_on__lte=last, to_on__gte=first).order_by("pk")
    found = rows.values_list("user_id", "from_on", "to_on", Case(is_here, default=None, output_field=UUIDField()))
    return [Away(*row) for row in found]


def away_on(user_ids: Collection[UUID], day: date) -> dict[UUID, User | None]:
    """Those of these people who are away on the day, each with who stands in for them; at most two queries."""
    standing_in = {
        user_id: who for user_id, who in stand_ins(leave_between(day, day), day).items() if user_id in user_ids
    }
    people = User.objects.in_bulk([who for who in standing_in.values() if who])
    return {user_id: people[who] if who else None for user_id, who in standing_in.items()}


def away_for_whom_stands_in(user: User, day: date) -> frozenset[UUID]:
    """Ids of those who are away on the day and for whom this person stands in: one query, remembered for the day."""
    found: tuple[date, frozenset[UUID]] | None = getattr(user, "_stands_in_for", None)
    if found is None or found[0] != day:
        away = stand_ins(leave_between(day, day), day)
        found = (day, frozenset(each for each, who in away.items() if who == user.pk))
        user._stands_in_for = found  # type: ignore[attr-defined]
    return found[1]


def leaves_of(person: User) -> QuerySet[Leave]:
    """All leave of a person, cancelled leave too, the latest first, with delegate and who recorded it."""
    found = Leave.objects.filter(user=person).select_related("user", "delegate", "recorded_by", "cancelled_by")
    return found.order_by("-from_on", "-recorded_at", "pk")


def leaves_visible_to(user: User) -> QuerySet[Leave]:
    """One's own leave; an administrator's view holds everybody's. The latest first, with person and delegate."""
    found = Leave.objects.select_related("user", "delegate")
    if not can_keep_leave_of_others(user):
        found = found.filter(user=user)
    return found.order_by("-from_on", "-recorded_at", "pk")


def stood_in_for(person: User, today: date) -> QuerySet[Leave]:
    """Leave of others, from today on, in which this person stands in; the first first."""
    found = Leave.objects.filter(delegate=person, cancelled_at=None, to_on__gte=today).select_related("user")
    return found.order_by("from_on", "user__name", "pk")


def places_out_of_sight(person: User, delegate: User) -> list[str]:
    """Names of the programmes and portfolios where the person holds a role and the delegate none; two queries."""
    theirs = standing_of(delegate)
    if theirs.everywhere:
        return []
    held = RoleHolding.objects.filter(user=person, ended_at=None, scope__parent__isnull=False)
    places = {place for _, place in theirs.held}
    rows = held.exclude(scope__in=places).exclude(scope__parent__in=places).order_by("scope__name")
    return list(dict.fromkeys(rows.values_list("scope__name", flat=True)))
