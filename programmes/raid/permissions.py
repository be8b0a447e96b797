from partners.audit.rules import NotPermitted
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, refusal_of, standing_of
from programmes.raid.models import RaidEntry
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream

MANAGE_RAID = Action(
    "raid.manage",
    "raise or change any risk, assumption, issue or action of this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
RAISE_OWN = Action(
    "raid.raise_own",
    "raise risks, assumptions, issues and actions of the workstreams that you lead, or that are your own",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD}),
)
CHANGE_ENTRY = Action(
    "raid.change",
    "change, close or reopen this entry",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
    others=("its owner", "the lead of its workstream", "the workstream lead who raised it"),
)
COMMENT = Action(
    "raid.comment",
    "comment on this entry",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD}),
    others=("its owner", "who was named in a comment on it"),
)


def can_manage_raid(user: User, programme: Programme) -> bool:
    return can(user, MANAGE_RAID, programme.scope)


def can_raise(user: User, programme: Programme) -> bool:
    """Whether the person may raise something here; a workstream lead only what is theirs."""
    return can(user, RAISE_OWN, programme.scope)


def check_can_raise(user: User, programme: Programme) -> None:
    if not can_raise(user, programme):
        raise NotPermitted(refusal_of(RAISE_OWN))


def check_can_raise_this(user: User, entry: RaidEntry) -> None:
    """``entry`` is what would be kept. Raises: NotPermitted when a lead raises what is neither theirs nor of theirs."""
    check_can_raise(user, entry.programme)
    if can_manage_raid(user, entry.programme):
        return
    if entry.owner_id != user.pk and not _leads(user, entry.workstream):
        raise NotPermitted(
            "You can raise what you own yourself, or what belongs to a workstream that you lead. Choose one of these, or "
            "ask the programme manager to raise it."
        )


def can_change_entry(user: User, entry: RaidEntry) -> bool:
    """The entry comes with its workstream, programme and scope."""
    scope = entry.programme.scope
    if can_manage_raid(user, entry.programme):
        return True
    if entry.owner_id == user.pk and (standing_of(user).roles_at(scope) or entry.programme.owner_id == user.pk):
        return True
    is_own = _leads(user, entry.workstream) or entry.recorded_by_id == user.pk
    return is_own and can(user, RAISE_OWN, scope)


def check_can_change_entry(user: User, entry: RaidEntry) -> None:
    if not can_change_entry(user, entry):
        raise NotPermitted(refusal_of(CHANGE_ENTRY))


def can_comment(user: User, entry: RaidEntry) -> bool:
    """At most one query."""
    if can(user, COMMENT, entry.programme.scope) or can_change_entry(user, entry):
        return True
    return entry.comments.filter(mentions__user=user).exists()


def check_can_comment(user: User, entry: RaidEntry) -> None:
    if not can_comment(user, entry):
        raise NotPermitted(refusal_of(COMMENT))


def _leads(user: User, workstream: Workstream | None) -> bool:
    return workstream is not None and workstream.lead_id == user.pk
