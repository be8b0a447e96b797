"""The groups that bid, and the fictional ones that can be asked: who they are and where the relationship stands."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from config.demo.telling import Event, Telling, local
from partners.consortia.enums import MemberRole, RelationshipState, TermKind
from partners.consortia.models import Relationship
from partners.consortia.operations import (
    add_capability,
    add_consortium,
    add_member,
    add_term,
    claim_capability,
    set_standing,
    start_relationship,
)
from partners.organisations.enums import Sector
from partners.organisations.operations import add_contact, add_organisation
from programmes.engagements.operations.bids import record_bid

PROGRAMME = "partnering"
ILLUSTRATIVE = "Illustrative"


class Partners:
    """Rows are found by keys: of groups, of organisations by name, of capabilities."""

    def __init__(self, case: Telling, data: dict[str, Any]) -> None:
        self.case = case
        self.data = data

    def events(self) -> Iterator[Event]:
        data = self.data
        for row in data["capabilities"]:
            yield Event(local(data["set_up_at"]), partial(self._add_capability, row))
        named = local(data["recorded_at"])
        for group in data["groups"]:
            yield Event(named, partial(self._enter_group, group, data["named_on"], data["source"]))
            yield Event(named, partial(self._record_bid, group))
            yield Event(local(data["term_recorded_at"]), partial(self._add_term, group))
        for group in data["fictional"]:
            engaged = local(group["engaged_at"])
            yield Event(engaged, partial(self._enter_group, group, group["engaged_at"].date(), ILLUSTRATIVE))
            for contact in group["contacts"]:
                yield Event(engaged, partial(self._add_contact, contact))
            yield Event(local(data["available_at"]), partial(self._make_available, group))

    def organisation_id(self, key: str) -> UUID:
        """Of a group that is one organisation."""
        [group] = [group for group in (*self.data["groups"], *self.data["fictional"]) if group["key"] == key]
        return self._id("organisation", group["alone"])

    def consortium_id(self, key: str) -> UUID:
        return self._id("consortium", key)

    def capability_id(self, key: str) -> UUID:
        return self._id("capability", key)

    def relationship_id(self, key: str) -> UUID:
        return self._id("relationship", key)

    def bidders(self) -> list[UUID]:
        """The relationships with the groups that bid."""
        return [self.relationship_id(group["key"]) for group in self.data["groups"]]

    def _id(self, kind: str, key: str) -> UUID:
        return self.case.key_of(kind, key)

    def _add_capability(self, row: dict[str, str], now: datetime) -> None:
        add_capability(
            name=row["name"],
            description=row["description"],
            request_key=self.capability_id(row["key"]),
            by=self.case.cast.administrator,
            now=now,
        )

    def _enter_group(self, group: dict[str, Any], on: date, source: str, now: datetime) -> None:
        """Its organisations with what they can do, the consortium unless one bids alone, and the relationship."""
        assert self.case.portfolio
        by = self.case.cast.administrator
        members = [
            member if isinstance(member, dict) else {"name": member}
            for member in group.get("members", [{**group, "name": group.get("alone")}])
        ]
        for member in members:
            self._add_organisation(member, on, source, now)
        if "alone" not in group:
            add_consortium(
                name=group["name"], source=source, request_key=self.consortium_id(group["key"]), by=by, now=now
            )
            for member in members:
                add_member(
                    consortium_id=self.consortium_id(group["key"]),
                    organisation_id=self._id("organisation", member["name"]),
                    role=MemberRole(member.get("role", MemberRole.MEMBER)),
                    from_on=on,
                    evidence=source,
                    request_key=self._id("member", member["name"]),
                    by=by,
                    now=now,
                )
        start_relationship(
            scope_id=self.case.portfolio.scope_id,
            organisation_id=self.organisation_id(group["key"]) if "alone" in group else None,
            consortium_id=None if "alone" in group else self.consortium_id(group["key"]),
            state=RelationshipState.ENGAGED,
            since_on=on,
            source=source,
            request_key=self.relationship_id(group["key"]),
            by=by,
            now=now,
        )

    def _add_organisation(self, row: dict[str, Any], on: date, source: str, now: datetime) -> None:
        by = self.case.cast.administrator
        organisation = add_organisation(
            name=row["name"],
            sector=Sector(row.get("sector", Sector.PRIVATE)),
            source=source,
            request_key=self._id("organisation", row["name"]),
            by=by,
            now=now,
        )
        for capability in row.get("capabilities", ()):
            claim_capability(
                organisation_id=organisation.pk,
                capability_id=self.capability_id(capability),
                evidence=ILLUSTRATIVE,
                claimed_on=on,
                request_key=self._id("claim", f"{row['name']}/{capability}"),
                by=by,
                now=now,
            )

    def _record_bid(self, group: dict[str, Any], now: datetime) -> None:
        record_bid(
            programme_id=self.case.programmes[PROGRAMME].pk,
            relationship_id=self.relationship_id(group["key"]),
            named_on=self.data["named_on"],
            source=self.data["source"],
            request_key=self._id("bid", group["key"]),
            by=self.case.cast.person(self.case.cast.data["roles"]["cio"]),
            now=now,
        )

    def _add_term(self, group: dict[str, Any], now: datetime) -> None:
        add_term(
            relationship_id=self.relationship_id(group["key"]),
            kind=TermKind.CONFIDENTIALITY,
            text=self.data["term"],
            from_on=self.data["named_on"],
            request_key=self._id("term", group["key"]),
            by=self.case.cast.administrator,
            now=now,
        )

    def _add_contact(self, row: dict[str, str], now: datetime) -> None:
        add_contact(
            organisation_id=self._id("organisation", row["organisation"]),
            name=row["name"],
            email=self.case.cast.email_of(row["key"]),
            job_title=row["job_title"],
            request_key=self._id("contact", row["key"]),
            by=self.case.cast.administrator,
            now=now,
        )

    def _make_available(self, group: dict[str, Any], now: datetime) -> None:
        relationship = Relationship.objects.get(pk=self.relationship_id(group["key"]))
        set_standing(
            relationship_id=relationship.pk,
            version=relationship.version,
            state=RelationshipState.AVAILABLE,
            since_on=self.data["available_at"].date(),
            owner_id=self.case.cast.id_of(self.case.cast.data["roles"]["cio"]),
            expires_on=self.data["available_until"],
            source=ILLUSTRATIVE,
            by=self.case.cast.administrator,
            now=now,
        )
