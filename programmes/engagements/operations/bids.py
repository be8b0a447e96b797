from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.consortia.changes import lock_relationship, set_standing
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import Relationship
from partners.consortia.queries import members_on
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line
from programmes.engagements.models import Bid, BidMember
from programmes.engagements.operations.locking import USED_ELSEWHERE, locked_programme
from programmes.engagements.permissions import check_can_record_bid
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.rules import SOURCE_LENGTH


@transaction.atomic(durable=True)
def record_bid(
    *,
    programme_id: UUID,
    relationship_id: UUID,
    named_on: date,
    source: str,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Bid:
    """Record that a partner was named as a bidder, with its members as they were on that day.

    The relationship is bidding from that day on. ``request_key`` becomes the id; a repeat returns the first.

    Raises: NotPermitted; Refused when the programme ended, the partner is none of its portfolio's or bid already, the
    day lies in the future or before the consortium had members, no source is given, or the relationship does not go
    from where it stands to bidding.
    """
    programme = locked_programme(programme_id)
    check_can_record_bid(by, programme)
    known = Bid.objects.filter(pk=request_key).first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused(USED_ELSEWHERE)
        return known
    check_runs(programme)
    check_day(named_on, field="named_on", named="The day", today=local_date(now))
    source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source")
    relationship = _relationship(relationship_id, programme)
    members = _members(relationship, named_on)
    bid = Bid.objects.create(
        pk=request_key,
        programme=programme,
        relationship=relationship,
        named_on=named_on,
        source=source,
        recorded_at=now,
        recorded_by=by,
    )
    BidMember.objects.bulk_create(
        BidMember(bid=bid, organisation_id=organisation_id, role=role) for organisation_id, role in members
    )
    set_standing(
        relationship,
        state=RelationshipState.BIDDING,
        since_on=named_on,
        note=f"Bid for {programme.name}",
        source=source,
        by=by,
        now=now,
    )
    record(
        by=by,
        now=now,
        action="engagements.record_bid",
        subject=bid,
        scope_id=programme.scope_id,
        summary=f"recorded that {relationship.party_name} bid for {programme.name} on {words_for_date(named_on)}",
        after={
            "relationship": str(relationship.pk),
            "named_on": named_on.isoformat(),
            "source": source,
            "members": [[str(organisation_id), str(role)] for organisation_id, role in members],
        },
    )
    return bid


def _relationship(relationship_id: UUID, programme: Programme) -> Relationship:
    """Locked. One of another portfolio is not told from one that is not there."""
    here = Relationship.objects.filter(pk=relationship_id, scope=programme.scope.parent_id)
    if not here.exists():
        raise Refused("Choose a partner with whom this portfolio has a relationship.", field="relationship")
    relationship = lock_relationship(relationship_id)
    if Bid.objects.filter(programme=programme, relationship=relationship).exists():
        raise Refused(
            f"{relationship.party_name} is on record as a bidder for {programme.name} already.", field="relationship"
        )
    return relationship


def _members(relationship: Relationship, on: date) -> list[tuple[UUID, MemberRole]]:
    """Who stands behind a bid on the day: the members of the consortium, or a single bidder itself."""
    if relationship.organisation_id:
        return [(relationship.organisation_id, MemberRole.LEAD)]
    if relationship.consortium_id is None:
        return []
    found = members_on([relationship.consortium_id], on).get(relationship.consortium_id, [])
    if not found:
        raise Refused(
            f"{relationship.party_name} has no members on record on {words_for_date(on)}. Record its members first, or "
            "choose another day.",
            field="named_on",
        )
    return [(member.organisation_id, member.role) for member in found]
