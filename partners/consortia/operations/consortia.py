"""Consortia and their members. The version of a consortium counts changes of its members too."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import words_for_date
from partners.consortia.enums import MemberRole
from partners.consortia.models import Consortium, ConsortiumMembership
from partners.consortia.queries import held_in
from partners.consortia.rules import MEMBER_EVIDENCE_LENGTH, check_membership
from partners.organisations.models import Organisation
from partners.organisations.permissions import check_can_keep_partners
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.changes import lock_organisation
from partners.people.models import User
from partners.people.rules.typed import lines, one_line

PARTS = {"name": "the name", "about": "what is said of it", "source": "the source", "member": "the members"}


class NameTaken(Refused):
    """Another consortium has this name."""


@transaction.atomic(durable=True)
def add_consortium(
    *, name: str, about: str = "", source: str = "", request_key: UUID | None = None, by: User, now: datetime
) -> Consortium:
    """Enter a consortium that has no members yet. The same ``request_key`` again returns the first.

    Raises: NotPermitted; NameTaken; Refused for text that is not allowed.
    """
    lock_organisation()
    check_can_keep_partners(by)
    known = Consortium.objects.filter(pk=request_key or uuid4()).first()
    if known:
        return known
    wanted = _checked(name, about, source)
    _check_name_is_free(wanted["name"])
    consortium = Consortium.objects.create(pk=request_key or uuid4(), recorded_at=now, recorded_by=by, **wanted)
    record(
        by=by,
        now=now,
        action="consortia.add_consortium",
        subject=consortium,
        summary=f"added the consortium {consortium.name}",
        after={**wanted, "version": consortium.version},
    )
    return consortium


@transaction.atomic(durable=True)
def change_consortium(
    *, consortium_id: UUID, version: int, name: str, about: str = "", source: str = "", by: User, now: datetime
) -> Consortium:
    """Change what is said of a consortium. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; NameTaken; Refused for
    text that is not allowed.
    """
    lock_organisation()
    consortium = _locked(consortium_id)
    check_can_keep_partners(by)
    wanted = _checked(name, about, source)
    saved = {part: str(getattr(consortium, part)) for part in wanted}
    changed = [part for part in wanted if wanted[part] != saved[part]]
    if not changed:
        return consortium
    _check_version(consortium, version)
    if "name" in changed:
        _check_name_is_free(wanted["name"], but=consortium)
    for part in changed:
        setattr(consortium, part, wanted[part])
    consortium.version += 1
    consortium.save(update_fields=[*changed, "version"])
    record(
        by=by,
        now=now,
        action="consortia.change_consortium",
        subject=consortium,
        summary=f"changed {listed([PARTS[part] for part in changed])} of {consortium.name}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": consortium.version, **{part: wanted[part] for part in changed}},
    )
    return consortium


@transaction.atomic(durable=True)
def add_member(
    *,
    consortium_id: UUID,
    organisation_id: UUID,
    role: MemberRole,
    from_on: date,
    to_on: date | None = None,
    evidence: str = "",
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> ConsortiumMembership:
    """Put an organisation in a consortium from one day to another, both inclusive; it may bid alone as well.

    Raises: NotPermitted; Overlaps, naming the membership in the way; Refused for an unknown organisation, days out of
    order or text that is not allowed.
    """
    consortium = _locked(consortium_id)
    check_can_keep_partners(by)
    known = ConsortiumMembership.objects.filter(pk=request_key or uuid4(), consortium=consortium).first()
    if known:
        return known
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        raise Refused("There is no such organisation. Choose one from the list.", field="organisation")
    check_membership(held_in(consortium), organisation_id=organisation.pk, role=role, from_on=from_on, to_on=to_on)
    membership = ConsortiumMembership.objects.create(
        pk=request_key or uuid4(),
        consortium=consortium,
        organisation=organisation,
        role=role,
        from_on=from_on,
        to_on=to_on,
        evidence=_evidence(evidence),
        recorded_at=now,
        recorded_by=by,
    )
    _count_change(consortium)
    record(
        by=by,
        now=now,
        action="consortia.add_member",
        subject=consortium,
        summary=f"made {organisation.name} {role.label.lower()} of {consortium.name} from {words_for_date(from_on)}",
        after={"member": organisation.name, "version": consortium.version, **_values(membership)},
    )
    return membership


@transaction.atomic(durable=True)
def end_membership(*, membership_id: UUID, to_on: date, by: User, now: datetime) -> ConsortiumMembership:
    """Set the last day of a membership that has none.

    Raises: NotPermitted; Refused when it has one, or for a day before its first.
    """
    consortium = _locked(_consortium_of(membership_id))
    check_can_keep_partners(by)
    membership = ConsortiumMembership.objects.select_related("organisation").get(pk=membership_id)
    if membership.to_on:
        raise Refused(
            f"{membership.organisation} has {words_for_date(membership.to_on)} as its last day in {consortium.name} "
            "already. Correct the membership if the day is wrong.",
            field="to_on",
        )
    _check_days(consortium, membership, role=MemberRole(membership.role), from_on=membership.from_on, to_on=to_on)
    membership.to_on = to_on
    membership.save(update_fields=["to_on"])
    _count_change(consortium)
    record(
        by=by,
        now=now,
        action="consortia.end_membership",
        subject=consortium,
        summary=f"ended {membership.organisation.name} in {consortium.name} after {words_for_date(to_on)}",
        after={"member": membership.organisation.name, "to_on": to_on.isoformat(), "version": consortium.version},
    )
    return membership


@transaction.atomic(durable=True)
def correct_membership(
    *,
    membership_id: UUID,
    version: int,
    role: MemberRole,
    from_on: date,
    to_on: date | None,
    evidence: str,
    by: User,
    now: datetime,
) -> ConsortiumMembership:
    """Put right what was entered of a membership; what was there before stays in the history. ``version`` is that of
    the consortium. A bid keeps the members that it was made with.

    Raises: NotPermitted; Conflict; Overlaps; Refused for days out of order or text that is not allowed.
    """
    consortium = _locked(_consortium_of(membership_id))
    check_can_keep_partners(by)
    membership = ConsortiumMembership.objects.select_related("organisation").get(pk=membership_id)
    before = _values(membership)
    evidence = _evidence(evidence)
    wanted = ConsortiumMembership(role=role, from_on=from_on, to_on=to_on, evidence=evidence)
    if _values(wanted) == before:
        return membership
    _check_version(consortium, version)
    _check_days(consortium, membership, role=role, from_on=from_on, to_on=to_on)
    membership.role, membership.from_on, membership.to_on, membership.evidence = role, from_on, to_on, evidence
    membership.save(update_fields=["role", "from_on", "to_on", "evidence"])
    _count_change(consortium)
    record(
        by=by,
        now=now,
        action="consortia.correct_membership",
        subject=consortium,
        summary=f"corrected how {membership.organisation.name} is in {consortium.name}",
        before={"member": membership.organisation.name, "version": version, **before},
        after={"member": membership.organisation.name, "version": consortium.version, **_values(membership)},
    )
    return membership


def _locked(consortium_id: UUID) -> Consortium:
    return Consortium.objects.select_for_update(no_key=True).get(pk=consortium_id)


def _consortium_of(membership_id: UUID) -> UUID:
    return ConsortiumMembership.objects.values_list("consortium_id", flat=True).get(pk=membership_id)


def _checked(name: str, about: str, source: str) -> dict[str, str]:
    return {
        "name": one_line(name, limit=NAME_LENGTH, field="name", named="a name"),
        "about": lines(about, limit=ABOUT_LENGTH, field="about", named="what is said of it"),
        "source": one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False),
    }


def _evidence(text: str) -> str:
    return one_line(text, limit=MEMBER_EVIDENCE_LENGTH, field="evidence", named="the evidence", required=False)


def _check_name_is_free(name: str, *, but: Consortium | None = None) -> None:
    """The whole organisation's scope is locked, so no other name comes meanwhile."""
    others = Consortium.objects.exclude(pk=but.pk) if but else Consortium.objects.all()
    if others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise NameTaken(f"There is a consortium called {name} already. Open it, or choose another name.", field="name")


def _check_days(
    consortium: Consortium, membership: ConsortiumMembership, *, role: MemberRole, from_on: date, to_on: date | None
) -> None:
    check_membership(
        held_in(consortium, but=membership.pk),
        organisation_id=membership.organisation_id,
        role=role,
        from_on=from_on,
        to_on=to_on,
    )


def _values(membership: ConsortiumMembership) -> dict[str, object]:
    return {
        "role": str(membership.role),
        "from_on": membership.from_on.isoformat(),
        "to_on": membership.to_on.isoformat() if membership.to_on else None,
        "evidence": membership.evidence,
    }


def _count_change(consortium: Consortium) -> None:
    consortium.version += 1
    consortium.save(update_fields=["version"])


def _check_version(consortium: Consortium, version: int) -> None:
    if consortium.version != version:
        raise _changed_meanwhile(consortium, version)


def _changed_meanwhile(consortium: Consortium, version: int) -> Conflict:
    events = changes_since(consortium.pk, version)
    return changed_meanwhile(
        consortium.name,
        [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events],
    )
