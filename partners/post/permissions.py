from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import Action, can, check

MANAGE_POST = Action(
    "post.manage", "see or settle messages, or change how mail goes out", frozenset({Role.ADMINISTRATOR})
)


def check_can_manage_post(user: User) -> None:
    check(user, MANAGE_POST, None)


def can_manage_post(user: User) -> bool:
    return can(user, MANAGE_POST, None)
