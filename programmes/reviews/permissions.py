from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check
from programmes.register.models import Programme

RUN_REVIEW = Action(
    "reviews.run", "open or cancel a review of this programme", frozenset({Role.CIO, Role.PROGRAMME_MANAGER})
)


def check_can_run_review(user: User, programme: Programme) -> None:
    check(user, RUN_REVIEW, programme.scope)


def can_run_review(user: User, programme: Programme) -> bool:
    return can(user, RUN_REVIEW, programme.scope)
