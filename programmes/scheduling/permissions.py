from partners.audit.rules import NotPermitted
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check, refusal_of, standing_of
from programmes.register.models import Programme
from programmes.scheduling.models import DeliveryMilestone
from programmes.workstreams.models import Workstream

RUN_STAGES = Action(
    "scheduling.run_stages",
    "plan the stages of this programme or record their start and finish",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
PREPARE_GATE_REVIEWS = Action(
    "scheduling.prepare_gate_reviews",
    "open a gate review of this programme, answer its checklist, or change its evidence and recommendations",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
COMPLETE_GATE_REVIEWS = Action(
    "scheduling.complete_gate_reviews",
    "complete a gate review of this programme, unless you manage the programme",
    frozenset({Role.CIO}),
)

MANAGE_MILESTONES = Action(
    "scheduling.manage_milestones",
    "add or change milestones of this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)
MANAGE_OWN_MILESTONES = Action(
    "scheduling.manage_own_milestones",
    "add or change milestones of the workstreams that you lead",
    frozenset({Role.WORKSTREAM_LEAD}),
)
MANAGE_LIFE_CYCLES = Action(
    "scheduling.manage_life_cycles",
    "add or change life cycles, or choose the default",
    frozenset({Role.ADMINISTRATOR}),
)


def check_can_run_stages(user: User, programme: Programme) -> None:
    check(user, RUN_STAGES, programme.scope)


def can_run_stages(user: User, programme: Programme) -> bool:
    return can(user, RUN_STAGES, programme.scope)


def check_can_prepare_gate_reviews(user: User, programme: Programme) -> None:
    check(user, PREPARE_GATE_REVIEWS, programme.scope)


def can_prepare_gate_reviews(user: User, programme: Programme) -> bool:
    return can(user, PREPARE_GATE_REVIEWS, programme.scope)


def check_can_complete_gate_reviews(user: User, programme: Programme) -> None:
    """Raises: NotPermitted also for a CIO who manages the programme: a gate review is independent of it."""
    check(user, COMPLETE_GATE_REVIEWS, programme.scope)
    if _manages(user, programme):
        raise NotPermitted(
            f"You manage {programme.name}, and a gate review is independent of whoever does. Ask another chief "
            "information officer of the portfolio to complete it."
        )


def can_complete_gate_reviews(user: User, programme: Programme) -> bool:
    return can(user, COMPLETE_GATE_REVIEWS, programme.scope) and not _manages(user, programme)


def _manages(user: User, programme: Programme) -> bool:
    return (Role.PROGRAMME_MANAGER, programme.scope_id) in standing_of(user).held


def can_manage_milestones(user: User, programme: Programme) -> bool:
    return can(user, MANAGE_MILESTONES, programme.scope)


def can_manage_milestone_of(user: User, programme: Programme, workstream: Workstream | None) -> bool:
    """The programme manager, and the lead of a workstream for what is of that workstream."""
    is_lead = workstream is not None and workstream.lead_id == user.pk
    return can_manage_milestones(user, programme) or (is_lead and can(user, MANAGE_OWN_MILESTONES, programme.scope))


def check_can_manage_milestone_of(user: User, programme: Programme, workstream: Workstream | None) -> None:
    if not can_manage_milestone_of(user, programme, workstream):
        raise NotPermitted(refusal_of(MANAGE_MILESTONES))


def can_manage_milestone(user: User, milestone: DeliveryMilestone) -> bool:
    return can_manage_milestone_of(user, milestone.programme, milestone.workstream)


def check_can_manage_milestone(user: User, milestone: DeliveryMilestone) -> None:
    check_can_manage_milestone_of(user, milestone.programme, milestone.workstream)


def check_can_manage_life_cycles(user: User) -> None:
    check(user, MANAGE_LIFE_CYCLES, None)


def can_manage_life_cycles(user: User) -> bool:
    return can(user, MANAGE_LIFE_CYCLES, None)
