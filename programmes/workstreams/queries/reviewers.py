from collections.abc import Collection
from uuid import UUID

from partners.people.enums import Role
from partners.people.models import RoleHolding, User
from programmes.workstreams.models import Workstream


def reviewers_of(workstreams: Collection[Workstream], *, is_owed: bool = False) -> dict[UUID, list[User]]:
    """Who reads what is reported of each, by name: its named reviewer, else the programme managers, else the owner of the
    programme, else the CIOs of the portfolio; the first of these where somebody is left.

    Never its lead, nor who made its latest report, unless ``is_owed``: then the next report is asked for. Somebody
    without an active account is left out. Two queries.
    """
    found = {
        one.pk: one
        for one in Workstream.objects.filter(pk__in=[one.pk for one in workstreams])
        .select_related("programme__scope", "programme__owner", "reviewer", "current_update")
        .order_by("pk")
    }
    places = {place for one in found.values() for place in (one.programme.scope_id, one.programme.scope.parent_id)}
    holders: dict[tuple[str, UUID], list[User]] = {}
    held = RoleHolding.objects.filter(
        scope__in=places, ended_at=None, role__in=(Role.PROGRAMME_MANAGER, Role.CIO), user__is_active=True
    )
    for holding in held.select_related("user").order_by("user__name", "user_id"):
        holders.setdefault((holding.role, holding.scope_id), []).append(holding.user)

    def reviewers(one: Workstream) -> list[User]:
        programme, author = one.programme, one.current_update and one.current_update.reported_by_id
        barred = {one.lead_id} if is_owed else {one.lead_id, author}
        levels = [
            [one.reviewer] if one.reviewer else [],
            holders.get((Role.PROGRAMME_MANAGER, programme.scope_id), []),
            [programme.owner] if programme.owner else [],
            holders.get((Role.CIO, programme.scope.parent_id), []) if programme.scope.parent_id else [],
        ]
        left = ([user for user in level if user.is_active and user.pk not in barred] for level in levels)
        return next((level for level in left if level), [])

    return {pk: reviewers(one) for pk, one in found.items()}
