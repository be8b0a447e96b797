from partners.people.models import User
from partners.people.permissions import can, check
from programmes.imports.enums import ImportKind
from programmes.raid.permissions import MANAGE_RAID
from programmes.register.models import Programme
from programmes.scheduling.permissions import MANAGE_MILESTONES
from programmes.workstreams.permissions import MANAGE_WORKSTREAMS

ACTIONS = {
    ImportKind.WORKSTREAMS: MANAGE_WORKSTREAMS,
    ImportKind.MILESTONES: MANAGE_MILESTONES,
    ImportKind.RISKS: MANAGE_RAID,
}


def check_can_import(user: User, programme: Programme, kind: ImportKind) -> None:
    """Whoever may add and change any such thing by hand may import many. Raises: NotPermitted."""
    check(user, ACTIONS[kind], programme.scope)


def can_import(user: User, programme: Programme, kind: ImportKind) -> bool:
    return can(user, ACTIONS[kind], programme.scope)
