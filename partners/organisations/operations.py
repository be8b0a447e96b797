from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.organisations.enums import Sector
from partners.organisations.models import Contact, Organisation
from partners.organisations.permissions import check_can_keep_partners
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.changes import add_person, close_accounts, lock_organisation, lock_person, open_account
from partners.people.models import User
from partners.people.rules.typed import lines, one_line

PARTS = {"name": "the name", "sector": "the sector", "about": "what is said of it", "source": "the source"}


class NameTaken(Refused):
    """Another organisation has this name."""


class NotAContact(Refused):
    """The address belongs to one of the staff, or to a contact of another organisation."""


class EndedAlready(Refused):
    """The contact ended before."""


@transaction.atomic(durable=True)
def add_organisation(
    *,
    name: str,
    sector: Sector,
    about: str = "",
    source: str = "",
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> Organisation:
    """Enter an organisation outside. The same ``request_key`` again returns the first.

    Raises: NotPermitted; NameTaken; Refused for text that is not allowed.
    """
    lock_organisation()
    check_can_keep_partners(by)
    known = Organisation.objects.filter(pk=request_key or uuid4()).first()
    if known:
        return known
    wanted = _checked(name, sector, about, source)
    _check_name_is_free(wanted["name"])
    organisation = Organisation.objects.create(pk=request_key or uuid4(), recorded_at=now, recorded_by=by, **wanted)
    record(
        by=by,
        now=now,
        action="organisations.add_organisation",
        subject=organisation,
        summary=f"added the organisation {organisation.name}",
        after={**wanted, "version": organisation.version},
    )
    return organisation


@transaction.atomic(durable=True)
def change_organisation(
    *,
    organisation_id: UUID,
    version: int,
    name: str,
    sector: Sector,
    about: str = "",
    source: str = "",
    by: User,
    now: datetime,
) -> Organisation:
    """Change what is said of an organisation. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; NameTaken; Refused for
    text that is not allowed.
    """
    lock_organisation()
    organisation = _locked(organisation_id)
    check_can_keep_partners(by)
    wanted = _checked(name, sector, about, source)
    saved = {part: str(getattr(organisation, part)) for part in wanted}
    changed = [part for part in wanted if wanted[part] != saved[part]]
    if not changed:
        return organisation
    if organisation.version != version:
        raise _changed_meanwhile(organisation, version)
    if "name" in changed:
        _check_name_is_free(wanted["name"], but=organisation)
    for part in changed:
        setattr(organisation, part, wanted[part])
    organisation.version += 1
    organisation.save(update_fields=[*changed, "version"])
    record(
        by=by,
        now=now,
        action="organisations.change_organisation",
        subject=organisation,
        summary=f"changed {listed([PARTS[part] for part in changed])} of {organisation.name}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": organisation.version, **{part: wanted[part] for part in changed}},
    )
    return organisation


@transaction.atomic(durable=True)
def add_contact(
    *,
    organisation_id: UUID,
    name: str,
    email: str,
    job_title: str = "",
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> Contact:
    """Make somebody a contact, with an account that sees their own dealings only.

    An account of a contact who ended is opened again; the person sets a new password by the reset mail.

    Raises: NotPermitted; NotAContact; Refused for text that is not allowed.
    """
    lock_organisation()
    organisation = _locked(organisation_id)
    check_can_keep_partners(by)
    known = Contact.objects.filter(pk=request_key or uuid4(), organisation=organisation).first()
    if known:
        return known
    name = one_line(name, limit=NAME_LENGTH, field="name", named="a name")
    email = one_line(email, limit=254, field="email", named="an email address").lower()
    job_title = one_line(job_title, limit=NAME_LENGTH, field="job_title", named="the job title", required=False)
    contact = Contact.objects.create(
        pk=request_key or uuid4(),
        organisation=organisation,
        user=_account(email, name, now=now),
        job_title=job_title,
        recorded_at=now,
        recorded_by=by,
    )
    record(
        by=by,
        now=now,
        action="organisations.add_contact",
        subject=organisation,
        summary=f"made {name} a contact of {organisation.name}",
        after={"contact": name, "email": email, "job_title": job_title},
    )
    return contact


@transaction.atomic(durable=True)
def end_contact(*, contact_id: UUID, by: User, now: datetime) -> Contact:
    """End a contact: account, browser sessions and API tokens end with this act.

    Raises: NotPermitted; EndedAlready.
    """
    organisation = _locked(Contact.objects.values_list("organisation_id", flat=True).get(pk=contact_id))
    check_can_keep_partners(by)
    contact = Contact.objects.select_related("user", "ended_by").get(pk=contact_id)
    if contact.ended_by:
        raise EndedAlready(
            f"{contact.ended_by.name} ended this contact already. {contact.user.name} cannot sign in for "
            f"{organisation.name}."
        )
    lock_person(contact.user_id)
    contact.ended_at, contact.ended_by = now, by
    contact.save(update_fields=["ended_at", "ended_by"])
    close_accounts([contact.user_id], by=by, now=now)
    record(
        by=by,
        now=now,
        action="organisations.end_contact",
        subject=organisation,
        summary=f"ended {contact.user.name} as a contact of {organisation.name}",
        before={"contact": contact.user.name, "email": contact.user.email},
    )
    return contact


def _locked(organisation_id: UUID) -> Organisation:
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def _checked(name: str, sector: Sector, about: str, source: str) -> dict[str, str]:
    return {
        "name": one_line(name, limit=NAME_LENGTH, field="name", named="a name"),
        "sector": str(sector),
        "about": lines(about, limit=ABOUT_LENGTH, field="about", named="what is said of it"),
        "source": one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False),
    }


def _check_name_is_free(name: str, *, but: Organisation | None = None) -> None:
    """The whole organisation's scope is locked, so no other name comes meanwhile."""
    others = Organisation.objects.exclude(pk=but.pk) if but else Organisation.objects.all()
    if others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise NameTaken(
            f"There is an organisation called {name} already. Open it, or choose another name.", field="name"
        )


def _account(email: str, name: str, *, now: datetime) -> User:
    """A partner's account that can sign in: a new one, or that of a contact who ended. No other comes meanwhile."""
    known = User.objects.select_for_update(no_key=True).filter(email=email).first()
    if known is None:
        return add_person(email=email, name=name, is_partner=True, now=now)
    if not known.is_partner:
        raise NotAContact(
            f"{known.name} has an account of the staff with this address. Use their address at the organisation.",
            field="email",
        )
    current = Contact.objects.select_related("organisation").filter(user=known, ended_at=None).first()
    if current:
        raise NotAContact(
            f"{known.name} is a contact of {current.organisation} already. End that first, or use another address.",
            field="email",
        )
    known.name = name
    open_account(known)
    return known


def _changed_meanwhile(organisation: Organisation, version: int) -> Conflict:
    events = changes_since(organisation.pk, version)
    return changed_meanwhile(
        organisation.name,
        [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events],
    )
