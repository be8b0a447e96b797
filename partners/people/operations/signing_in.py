"""How somebody signs in: their password, and the authenticator app as a second step."""

from datetime import datetime
from typing import Literal

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.people import changes
from partners.people.models import User

SecondStepAct = Literal["turn_on_second_step", "turn_off_second_step", "renew_recovery_codes"]
WORDS: dict[SecondStepAct, str] = {
    "turn_on_second_step": "turned on their authenticator app",
    "turn_off_second_step": "turned off their authenticator app",
    "renew_recovery_codes": "made new recovery codes",
}


class AccountClosed(Refused):
    """The person has left."""


@transaction.atomic(durable=True)
def set_own_password(*, password: str, is_by_link: bool, by: User, now: datetime) -> None:
    """Set one's own password, signed in or by the mailed link; ``by`` has the new one too.

    Raises: AccountClosed when the person has left since the link was mailed.
    """
    owner = changes.lock_person(by.pk)
    if not owner.is_active:
        raise AccountClosed("This account is closed. Ask an administrator in your organisation to open it again.")
    owner.set_password(password)
    owner.save(update_fields=["password"])
    by.password = owner.password
    record(
        by=owner,
        now=now,
        action="people.set_password",
        subject=owner,
        summary="set their password by the link that was mailed" if is_by_link else "changed their password",
    )


@transaction.atomic(durable=True)
def record_second_step(*, act: SecondStepAct, by: User, now: datetime) -> None:
    """Note what somebody has done about their own second step, which allauth carries out."""
    owner = changes.lock_person(by.pk)
    record(by=owner, now=now, action=f"people.{act}", subject=owner, summary=WORDS[act])
