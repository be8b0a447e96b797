from uuid import UUID

from programmes.register.models import Programme


def locked_programme(programme_id: UUID) -> Programme:
    """The programme with its scope, locked: everything about its stages and milestones changes one by one."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    return rows.get(pk=programme_id)
