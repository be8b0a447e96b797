from partners.audit.rules import NotPermitted, Refused
from partners.clock.rules import local_date, words_for_date
from partners.people.enums import Role
from partners.people.models import Office, User
from partners.people.permissions import TAKE_DECISIONS, Action, can, check, refusal_of
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.register.models import Programme

PROPOSE_DECISIONS = Action(
    "decisions.propose",
    "draft, change, propose or withdraw a decision on this programme",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
)


def check_can_propose(user: User, programme: Programme) -> None:
    check(user, PROPOSE_DECISIONS, programme.scope)


def can_propose(user: User, programme: Programme) -> bool:
    return can(user, PROPOSE_DECISIONS, programme.scope)


def check_not_frozen(decision: Decision) -> None:
    """Raises: Refused when it is taken or withdrawn."""
    if decision.state == DecisionState.TAKEN and decision.taken_on:
        raise Refused(
            f"This decision was taken on {words_for_date(decision.taken_on)} and is never changed. Draft another one that "
            "supersedes it."
        )
    if decision.state == DecisionState.WITHDRAWN and decision.withdrawn_at:
        raise Refused(
            f"This decision was withdrawn on {words_for_date(local_date(decision.withdrawn_at))}. Draft another one."
        )


def check_has_part_in(office: Office, *, by: User) -> None:
    """Which day somebody may take a decision for is asked when they take it; this is asked of everybody first.

    Raises: NotPermitted unless they hold or held the office, or are its clerk.
    """
    if office.clerk_id != by.pk and not by.office_holdings.filter(office=office).exists():
        raise NotPermitted(refusal_of(TAKE_DECISIONS))
