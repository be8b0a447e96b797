"""Accounts: a person joins, is changed, leaves and comes back."""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Refused, changed_meanwhile
from partners.people import changes
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import check_can_manage_people, is_administrator
from partners.people.queries import administrators, chosen_unit, other_administrators
from partners.people.rules import check_administrators_left

WORDS = {"name": "the name", "email": "the email address", "unit": "the unit"}


class AddressTaken(Refused):
    """Another account has this address."""


class LeftAlready(Refused):
    """The person has left, so this can no longer be done, or needs no doing."""


class IsPartner(Refused):
    """A partner's contact is none of the staff."""


class NotAgainstOneself(Refused):
    """Nobody shuts themselves out."""


@transaction.atomic(durable=True)
def add_person(*, email: str, name: str, unit_id: UUID | None, by: User, now: datetime) -> User:
    """Add an account without a password; the person sets one by the link that the product mails.

    Raises: NotPermitted; AddressTaken when an account has this address, also one of somebody who left.
    """
    check_can_manage_people(by)
    unit = chosen_unit(unit_id)
    email = email.strip().lower()
    _check_free(email)
    try:
        with transaction.atomic():
            person = changes.add_person(email=email, name=name, unit=unit, now=now)
    except IntegrityError:
        raise _taken(email) from None
    record(
        by=by,
        now=now,
        action="people.add_person",
        subject=person,
        summary=f"added {name}",
        after=_values(person),
    )
    return person


@transaction.atomic(durable=True)
def change_person(
    *, person_id: UUID, email: str, name: str, unit_id: UUID | None, version: int, by: User, now: datetime
) -> User:
    """Change who somebody is: name, email address (by which they sign in) and unit.

    Raises: NotPermitted; Conflict when somebody changed the person since ``version``; AddressTaken; IsPartner for a
    unit of a partner's contact.
    """
    unit = chosen_unit(unit_id)
    person = changes.lock_person(person_id)
    check_can_manage_people(by)
    if person.is_partner and unit:
        raise IsPartner(f"{person.name} is a partner's contact and belongs to no unit. Choose none.", field="unit")
    if person.version != version:
        raise _conflict(person, version)
    before, email = _values(person), email.strip().lower()
    if email != person.email:
        _check_free(email)
    person.email, person.name, person.unit, person.version = email, name, unit, version + 1
    try:
        with transaction.atomic():
            person.save(update_fields=["email", "name", "unit", "version"])
            EmailAddress.objects.filter(user=person).update(email=email)
    except IntegrityError:
        raise _taken(email) from None
    after = _values(person)
    record(
        by=by,
        now=now,
        action="people.change_person",
        subject=person,
        summary=f"changed the account of {name}",
        before={key: value for key, value in before.items() if value != after[key]},
        after={key: value for key, value in after.items() if value != before[key]},
    )
    return person


@transaction.atomic(durable=True)
def record_leaver(*, person_id: UUID, by: User, now: datetime) -> User:
    """Mark somebody as left: account, browser sessions, API tokens and roles end with this act.

    Raises: NotPermitted; LeftAlready; NotAgainstOneself; LastAdministrator; IsPartner.
    """
    changes.lock_organisation()
    person = changes.lock_person(person_id)
    check_can_manage_people(by)
    _check_is_staff(person)
    if not person.is_active:
        raise LeftAlready(f"{person.name} is already marked as left. Nothing has changed.")
    if person.pk == by.pk:
        raise NotAgainstOneself("You cannot mark yourself as left. Ask another administrator to do it.")
    if is_administrator(person):
        check_administrators_left(other_administrators([person.pk]))
    changes.close_accounts([person.pk], by=by, now=now)
    record(
        by=by,
        now=now,
        action="people.record_leaver",
        subject=person,
        summary=f"marked {person.name} as left",
        after={"version": person.version + 1},
    )
    person.refresh_from_db()
    return person


@transaction.atomic(durable=True)
def bring_back_person(*, person_id: UUID, by: User, now: datetime) -> User:
    """Open the account of somebody who left. Roles stay ended; the old password no longer works.

    Raises: NotPermitted; IsPartner; Refused when the person has not left.
    """
    person = changes.lock_person(person_id)
    check_can_manage_people(by)
    _check_is_staff(person)
    if person.is_active:
        raise Refused(f"{person.name} has not left. Nothing has changed.")
    changes.open_account(person)
    record(
        by=by,
        now=now,
        action="people.bring_back_person",
        subject=person,
        summary=f"brought {person.name} back",
        after={"version": person.version},
    )
    return person


@transaction.atomic(durable=True)
def remove_second_step(*, person_id: UUID, by: User, now: datetime) -> User:
    """Take away the authenticator app and recovery codes of somebody who lost their phone.

    Raises: NotPermitted; NotAgainstOneself; Refused when there is none.
    """
    person = changes.lock_person(person_id)
    check_can_manage_people(by)
    if person.pk == by.pk:
        raise NotAgainstOneself("Turn off your own authenticator app on your account page.")
    deleted, _ = Authenticator.objects.filter(user=person).delete()
    if not deleted:
        raise Refused(f"{person.name} uses no authenticator app. Nothing has changed.")
    record(
        by=by,
        now=now,
        action="people.remove_second_step",
        subject=person,
        summary=f"removed the authenticator app of {person.name}",
    )
    return person


@transaction.atomic(durable=True)
def record_link_sent(*, person_id: UUID, by: User, now: datetime) -> None:
    """Note that somebody was sent the link to set a password; the mail has gone out before. Raises: NotPermitted."""
    person = changes.lock_person(person_id)
    check_can_manage_people(by)
    record(
        by=by,
        now=now,
        action="people.send_link",
        subject=person,
        summary=f"sent {person.name} a link to set a password",
    )


@transaction.atomic(durable=True)
def enter_administrator(*, email: str, name: str, now: datetime) -> User:
    """Make somebody administrator from the command line, where there is no administrator yet to ask.

    Adds the account unless there is one with this address; the name is for a new account.

    Raises: IsPartner; Refused when the person has left, or is administrator already.
    """
    scope, email = changes.lock_organisation(), email.strip().lower()
    person = User.objects.filter(email=email).first()
    if person is None:
        person = changes.add_person(email=email, name=name, now=now)
    elif person.is_partner:
        raise IsPartner(f"{person.name} is a partner's contact, who can hold no role. Use another address.")
    elif not person.is_active:
        raise LeftAlready(f"{person.name} has left. An administrator must bring them back first.")
    elif person in administrators():
        raise Refused(f"{person.name} is administrator already. Nothing has changed.")
    changes.hold_role(user=person, role=Role.ADMINISTRATOR, scope=scope, by=person, now=now)
    record(
        by=None,
        now=now,
        action="people.enter_administrator",
        subject=person,
        scope_id=scope.pk,
        summary=f"made {person.name} administrator, as somebody asked on the server's command line",
        after={"role": Role.ADMINISTRATOR.value, "scope": str(scope.pk)},
    )
    return person


def _values(person: User) -> dict[str, object]:
    return {
        "name": person.name,
        "email": person.email,
        "unit": person.unit.code if person.unit else None,
        "version": person.version,
    }


def _check_is_staff(person: User) -> None:
    if person.is_partner:
        raise IsPartner(
            f"{person.name} is a partner's contact. End the contact, or add it again, on the page of the organisation."
        )


def _check_free(email: str) -> None:
    if User.objects.filter(email=email).exists():
        raise _taken(email)


def _taken(email: str) -> AddressTaken:
    owner = User.objects.filter(email=email).first()
    if owner is None:
        return AddressTaken("Another account has this address. Use a different one.", field="email")
    if owner.is_active:
        return AddressTaken(f"{owner.name} has an account with this address. Use a different one.", field="email")
    return AddressTaken(
        f"{owner.name}, who left, has an account with this address. Bring them back, or use a different one.",
        field="email",
    )


def _conflict(person: User, version: int) -> Refused:
    found = changes_since(person.pk, version)
    return changed_meanwhile(
        f"the account of {person.name}",
        [(event.actor_name, [WORDS[key] for key in event.after or {} if key in WORDS]) for event in found],
    )
