"""The list of capabilities, and which organisation claims which."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.consortia.changes import tell_followers
from partners.consortia.models import Capability, CapabilityClaim
from partners.consortia.rules import DESCRIPTION_LENGTH, EVIDENCE_LENGTH, is_over
from partners.organisations.models import Organisation
from partners.organisations.permissions import check_can_keep_partners
from partners.organisations.rules import NAME_LENGTH
from partners.people.changes import lock_organisation
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line


class NameTaken(Refused):
    """Another capability has this name."""


class ClaimedAlready(Refused):
    """The organisation claims it already."""


@transaction.atomic(durable=True)
def add_capability(
    *, name: str, description: str = "", request_key: UUID | None = None, by: User, now: datetime
) -> Capability:
    """Add something that partners may be able to do. The same ``request_key`` again returns the first.

    Raises: NotPermitted; NameTaken; Refused for text that is not allowed.
    """
    lock_organisation()
    check_can_keep_partners(by)
    known = Capability.objects.filter(pk=request_key or uuid4()).first()
    if known:
        return known
    name, description = _checked(name, description)
    _check_name_is_free(name)
    capability = Capability.objects.create(pk=request_key or uuid4(), name=name, description=description)
    record(
        by=by,
        now=now,
        action="consortia.add_capability",
        subject=capability,
        summary=f"added the capability {name}",
        after={"name": name, "description": description},
    )
    return capability


@transaction.atomic(durable=True)
def rename_capability(*, capability_id: UUID, name: str, description: str = "", by: User, now: datetime) -> Capability:
    """Say it in other words; every claim keeps to it. Returns it as it was when it says this already.

    Raises: NotPermitted; NameTaken; Refused for text that is not allowed.
    """
    lock_organisation()
    check_can_keep_partners(by)
    capability = Capability.objects.select_for_update(no_key=True).get(pk=capability_id)
    name, description = _checked(name, description)
    if (capability.name, capability.description) == (name, description):
        return capability
    _check_name_is_free(name, but=capability)
    before: dict[str, object] = {"name": capability.name, "description": capability.description}
    capability.name, capability.description = name, description
    capability.save(update_fields=["name", "description"])
    record(
        by=by,
        now=now,
        action="consortia.rename_capability",
        subject=capability,
        summary=f"changed the words of the capability {name}",
        before=before,
        after={"name": name, "description": description},
    )
    return capability


@transaction.atomic(durable=True)
def claim_capability(
    *,
    organisation_id: UUID,
    capability_id: UUID,
    evidence: str,
    claimed_on: date,
    expires_on: date | None = None,
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> CapabilityClaim:
    """Record that an organisation can do something, on which evidence, from which day and perhaps until which.

    A claim that is over makes room for a new one, which withdraws it.

    Raises: NotPermitted; ClaimedAlready; Refused for an unknown capability, days out of order or missing evidence.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    check_can_keep_partners(by)
    known = CapabilityClaim.objects.filter(pk=request_key or uuid4(), organisation=organisation).first()
    if known:
        return known
    capability = Capability.objects.filter(pk=capability_id).first()
    if capability is None:
        raise Refused("There is no such capability. Choose one from the list.", field="capability")
    evidence = one_line(evidence, limit=EVIDENCE_LENGTH, field="evidence", named="the evidence")
    check_day(claimed_on, field="claimed_on", named="The first day", today=local_date(now))
    if expires_on:
        check_day(expires_on, field="expires_on", named="The last day")
        if expires_on < claimed_on:
            raise Refused("The last day must be the first day or later.", field="expires_on")
    _make_room(organisation, capability, claimed_on=claimed_on, by=by, now=now)
    claim = CapabilityClaim.objects.create(
        pk=request_key or uuid4(),
        capability=capability,
        organisation=organisation,
        evidence=evidence,
        claimed_on=claimed_on,
        expires_on=expires_on,
        recorded_at=now,
        recorded_by=by,
    )
    tell_followers(claim.pk, now=now)
    record(
        by=by,
        now=now,
        action="consortia.claim_capability",
        subject=organisation,
        summary=f"recorded that {organisation.name} can do: {capability.name}",
        after={
            "capability": capability.name,
            "evidence": evidence,
            "claimed_on": claimed_on.isoformat(),
            "expires_on": expires_on.isoformat() if expires_on else None,
        },
    )
    return claim


@transaction.atomic(durable=True)
def withdraw_claim(*, claim_id: UUID, by: User, now: datetime) -> CapabilityClaim:
    """End a claim; the row stays, and holds for days before this one.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    rows = CapabilityClaim.objects.select_for_update(of=("self",), no_key=True)
    claim = rows.select_related("organisation", "capability", "withdrawn_by").get(pk=claim_id)
    check_can_keep_partners(by)
    if claim.withdrawn_by:
        raise Refused(f"{claim.withdrawn_by.name} withdrew this claim already. Nothing has changed.")
    claim.withdrawn_at, claim.withdrawn_by = now, by
    claim.save(update_fields=["withdrawn_at", "withdrawn_by"])
    tell_followers(claim.pk, now=now)
    record(
        by=by,
        now=now,
        action="consortia.withdraw_claim",
        subject=claim.organisation,
        summary=f"withdrew the claim of {claim.organisation.name} to: {claim.capability.name}",
        before={"capability": claim.capability.name, "evidence": claim.evidence},
    )
    return claim


def _checked(name: str, description: str) -> tuple[str, str]:
    return (
        one_line(name, limit=NAME_LENGTH, field="name", named="a name"),
        one_line(description, limit=DESCRIPTION_LENGTH, field="description", named="the description", required=False),
    )


def _check_name_is_free(name: str, *, but: Capability | None = None) -> None:
    """The whole organisation's scope is locked, so no other name comes meanwhile."""
    others = Capability.objects.exclude(pk=but.pk) if but else Capability.objects.all()
    if others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise NameTaken(f"There is a capability called {name} already. Choose another name.", field="name")


def _make_room(
    organisation: Organisation, capability: Capability, *, claimed_on: date, by: User, now: datetime
) -> None:
    """The organisation is locked, so no other claim of it comes meanwhile."""
    live = CapabilityClaim.objects.filter(organisation=organisation, capability=capability, withdrawn_at=None).first()
    if live is None:
        return
    if not is_over(live.expires_on, claimed_on):
        raise ClaimedAlready(
            f"{organisation.name} claims this since {words_for_date(live.claimed_on)}. Withdraw that claim first.",
            field="capability",
        )
    live.withdrawn_at, live.withdrawn_by = now, by
    live.save(update_fields=["withdrawn_at", "withdrawn_by"])
    tell_followers(live.pk, now=now)
