from datetime import datetime

from partners.audit.rules import NotPermitted
from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, refusal_of
from programmes.reporting.models import StatusAcknowledgement
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.queries import reviewers_of

ACKNOWLEDGE = Action(
    "reporting.acknowledge",
    "acknowledge this status",
    frozenset({Role.CIO, Role.PROGRAMME_MANAGER}),
    others=("who reads what this workstream reports, or stands in for them today",),
)
ANSWER = Action(
    "reporting.answer",
    "answer this question",
    frozenset({Role.PROGRAMME_MANAGER}),
    others=("who wrote the status",),
)


def check_can_acknowledge(user: User, update: StatusUpdate, *, now: datetime) -> None:
    """Never the author; whoever reads what the workstream reports today, the programme manager and the CIO of the portfolio.

    Raises: NotPermitted. The update comes with its workstream, programme and scope.
    """
    if update.reported_by_id == user.pk:
        raise NotPermitted("You wrote this status, so somebody else acknowledges it.")
    if not can_acknowledge(user, update, now=now):
        raise NotPermitted(refusal_of(ACKNOWLEDGE))


def can_acknowledge(user: User, update: StatusUpdate, *, now: datetime) -> bool:
    if update.reported_by_id == user.pk or not user.is_active:
        return False
    workstream = update.workstream
    if can(user, ACKNOWLEDGE, workstream.programme.scope):
        return True
    return user.pk in {one.pk for one in reviewers_of([workstream], on=local_date(now)).get(workstream.pk, [])}


def check_can_answer(user: User, asked: StatusAcknowledgement) -> None:
    """The author and the programme manager, but not whoever asked.

    Raises: NotPermitted. The acknowledgement comes with its update, workstream, programme and scope.
    """
    if asked.acknowledged_by_id == user.pk:
        raise NotPermitted("You asked this question, so somebody else answers it.")
    if not can_answer(user, asked):
        raise NotPermitted(refusal_of(ANSWER))


def can_answer(user: User, asked: StatusAcknowledgement) -> bool:
    if asked.acknowledged_by_id == user.pk or not user.is_active:
        return False
    is_author = asked.update.reported_by_id == user.pk
    return is_author or can(user, ANSWER, asked.update.workstream.programme.scope)
