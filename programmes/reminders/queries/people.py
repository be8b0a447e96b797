from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from django.db.models import Q

from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding
from partners.people.queries import leave_between
from partners.people.rules.leave import stand_ins
from programmes.register.models import Programme


@dataclass(frozen=True, slots=True)
class People:
    """Who may be asked in a programme: all have accounts in use. ``in_sight`` are those who may see it."""

    in_sight: frozenset[UUID]
    managers: tuple[UUID, ...]
    owner: UUID | None
    chiefs: tuple[UUID, ...]

    @property
    def in_charge(self) -> tuple[UUID, ...]:
        """Its programme managers; without one its owner, without one the CIOs of its portfolio."""
        return self.managers or self.above

    @property
    def above(self) -> tuple[UUID, ...]:
        """One level up: its owner, without one the CIOs."""
        return (self.owner,) if self.owner else self.chiefs


def people_of(programmes: Collection[Programme]) -> dict[UUID, People]:
    """Who may be asked in each programme, read with scope and owner; one query whatever the number."""
    places = {place for one in programmes for place in (one.scope_id, one.scope.parent_id)}
    holders: dict[tuple[str, UUID | None], list[UUID]] = defaultdict(list)
    in_sight: dict[UUID | None, set[UUID]] = defaultdict(set)
    everywhere: set[UUID] = set()
    held = RoleHolding.objects.filter(
        Q(scope__in=places) | Q(scope__kind=ScopeKind.ORGANISATION), ended_at=None, user__is_active=True
    )
    for role, place, kind, user in held.order_by("user_id").values_list("role", "scope_id", "scope__kind", "user_id"):
        holders[role, place].append(user)
        (everywhere if kind == ScopeKind.ORGANISATION else in_sight[place]).add(user)
    found = {}
    for one in programmes:
        owner = one.owner_id if one.owner and one.owner.is_active else None
        found[one.pk] = People(
            in_sight=frozenset(
                everywhere | in_sight[one.scope_id] | in_sight[one.scope.parent_id] | ({owner} if owner else set())
            ),
            managers=tuple(holders[Role.PROGRAMME_MANAGER, one.scope_id]),
            owner=owner,
            chiefs=tuple(holders[Role.CIO, one.scope.parent_id]),
        )
    return found


def away_by_day(days: Collection[date]) -> Callable[[date], Mapping[UUID, UUID | None]]:
    """Who is away on one of the days or between them, each with who stands in, by day; one query."""
    leaves = leave_between(min(days), max(days)) if days else []
    return cache(lambda day: stand_ins(leaves, day))
