from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.queries import away_on
from programmes.workstreams.models import Workstream

READ_WITH = ("programme__scope", "programme__owner", "reviewer", "current_update")


def reviewers_of(workstreams: Collection[Workstream], *, on: date, is_owed: bool = False) -> dict[UUID, list[User]]:
    """Who reads what is reported of each, by name: its named reviewer, else the programme managers, else the owner of the
    programme, else the CIOs of the portfolio; the first of these where somebody is left. Whoever stands in on that day
    for one of them who is away is asked too, where they may see the programme.

    Never its lead, nor who made its latest report, unless ``is_owed``: then the next report is asked for. Somebody
    without an active account is left out. Three queries; five while one of them is away and somebody stands in.
    """
    found = Workstream.objects.filter(pk__in=[one.pk for one in workstreams]).select_related(*READ_WITH)
    return reviewers_of_read(found.order_by("pk"), on=on, is_owed=is_owed)


def reviewers_of_read(workstreams: Iterable[Workstream], *, on: date, is_owed: bool = False) -> dict[UUID, list[User]]:
    """``reviewers_of`` workstreams that come with ``READ_WITH``; one query less."""
    found = {one.pk: one for one in workstreams}
    places = {place for one in found.values() for place in (one.programme.scope_id, one.programme.scope.parent_id)}
    holders: dict[tuple[str, UUID], list[User]] = defaultdict(list)
    held = RoleHolding.objects.filter(
        scope__in=places, ended_at=None, role__in=(Role.PROGRAMME_MANAGER, Role.CIO), user__is_active=True
    )
    for holding in held.select_related("user").order_by("user__name", "user_id"):
        holders[holding.role, holding.scope_id].append(holding.user)

    def reviewers(one: Workstream) -> list[User]:
        programme = one.programme
        levels = [
            [one.reviewer] if one.reviewer else [],
            holders[Role.PROGRAMME_MANAGER, programme.scope_id],
            [programme.owner] if programme.owner else [],
            holders[Role.CIO, programme.scope.parent_id] if programme.scope.parent_id else [],
        ]
        left = ([user for user in level if user.is_active and user.pk not in _barred(one, is_owed)] for level in levels)
        return next((level for level in left if level), [])

    asked = {pk: reviewers(one) for pk, one in found.items()}
    standing_in = away_on({user.pk for users in asked.values() for user in users}, on)
    places_of = _places_of({user.pk for user in standing_in.values() if user})

    def with_stand_ins(one: Workstream) -> list[User]:
        scope, barred = one.programme.scope, _barred(one, is_owed)
        here = {None, scope.pk, scope.parent_id}
        more = {who for user in asked[one.pk] if (who := standing_in.get(user.pk)) and who.pk not in barred}
        seeing = {who for who in more if who.pk == one.programme.owner_id or places_of[who.pk] & here}
        return sorted({*asked[one.pk], *seeing}, key=lambda user: (user.name, user.pk))

    return {pk: with_stand_ins(one) for pk, one in found.items()}


def _barred(one: Workstream, is_owed: bool) -> set[UUID | None]:
    author = one.current_update.reported_by_id if one.current_update and not is_owed else None
    return {one.lead_id, author}


def _places_of(users: Collection[UUID]) -> dict[UUID, set[UUID | None]]:
    """Where these people hold a role, None for everywhere; one query where there are any."""
    found: dict[UUID, set[UUID | None]] = defaultdict(set)
    held = RoleHolding.objects.filter(user__in=users, ended_at=None) if users else RoleHolding.objects.none()
    for user_id, place, kind in held.order_by("pk").values_list("user_id", "scope_id", "scope__kind"):
        found[user_id].add(None if kind == ScopeKind.ORGANISATION else place)
    return found
