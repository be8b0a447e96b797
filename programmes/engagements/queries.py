from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.urls import reverse

from partners.calendar.queries import working_calendar
from partners.calendar.rules import BeyondCalendar
from partners.clock.rules import local_date
from partners.consortia.models import CapabilityClaim, Relationship, RelationshipStanding, RelationshipTerm
from partners.consortia.queries import relationships_visible_to
from partners.organisations.models import Organisation
from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, Scope, User
from programmes.engagements.enums import EngagementState
from programmes.engagements.models import Acknowledgement, Bid, BidMember, Engagement, RollOff
from programmes.engagements.rules import in_several, notices_of_expiry
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders.queries import away_by_day
from programmes.reminders.rules import Recipient, Wanted, WaveWords, Within, here_of
from programmes.workstreams.models import Workstream

RELATIONSHIP, CAPABILITY = "relationship", "capability"


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that stood behind a bid; ``role`` in words."""

    organisation_id: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class BidRow:
    """A bid with its members as they were on the day it was named, the lead first."""

    id: UUID
    relationship_id: UUID
    party: str
    is_alone: bool
    named_on: date
    source: str
    recorded_at: datetime
    recorded_by: str
    members: tuple[Member, ...]


def engagements_visible_to(user: User) -> QuerySet[Engagement]:
    """Engagements of the programmes that the person may see, with programme, scope and what ``engagements_of`` reads.

    Unordered.
    """
    seen = programmes_visible_to(user).order_by().values("pk")
    return Engagement.objects.filter(programme__in=seen).select_related(
        "programme__scope", "workstream", "organisation", "recorded_by"
    )


def engagements_of(
    programme: Programme,
    *,
    on: date,
    states: Collection[EngagementState] = tuple(EngagementState),
    kind: str = "",
    organisation_id: UUID | None = None,
) -> QuerySet[Any]:
    """Engagements in one of the ``states`` on a day, each with its ``state``, the earliest start first.

    With workstream and organisation.
    """
    state = Case(
        When(ended_on__lt=F("starts_on"), then=Value(EngagementState.CALLED_OFF)),
        When(starts_on__gt=on, then=Value(EngagementState.COMING)),
        When(ended_on__lt=on, then=Value(EngagementState.PAST)),
        default=Value(EngagementState.RUNNING),
    )
    rows: QuerySet[Any] = Engagement.objects.filter(programme=programme)
    found = rows.annotate(state=state).filter(state__in=states)
    if kind:
        found = found.filter(kind=kind)
    if organisation_id:
        found = found.filter(organisation=organisation_id)
    ordered: QuerySet[Any] = found.select_related("workstream", "organisation").order_by("starts_on", "who", "pk")
    return ordered


def engagements_open_on(programme: Programme, day: date) -> QuerySet[Engagement]:
    """Those that run on the day, the earliest start first; last days may lie ahead."""
    return engagements_to_end(programme, day).filter(starts_on__lte=day)


def engagements_to_end(programme: Programme, day: date) -> QuerySet[Engagement]:
    """Those that run on the day or are still to come: what a programme that ends on it leaves behind."""
    to_end = Q(ended_on=None) | Q(ended_on__gte=Greatest(F("starts_on"), day))
    found = Engagement.objects.filter(to_end, programme=programme).select_related("organisation", "workstream")
    return found.order_by("starts_on", "who", "pk")


def engagements_in(programme: Programme) -> QuerySet[Engagement]:
    """Every engagement of the programme, by who it is."""
    return Engagement.objects.filter(programme=programme).order_by("who", "starts_on", "pk")


def workstreams_to_choose(programme: Programme) -> QuerySet[Workstream]:
    """Every workstream of the programme, by name."""
    return Workstream.objects.filter(programme=programme).order_by("name", "pk")


def relationships_to_choose(programme: Programme, user: User) -> QuerySet[Relationship]:
    """Partners of the programme's portfolio that are not on record as bidders for it, as far as the person sees them."""
    here = relationships_visible_to(user).filter(scope=programme.scope.parent_id)
    return here.exclude(bids__programme=programme)


def organisations_engaged_in(programme: Programme) -> QuerySet[Organisation]:
    """Those that sent somebody, by name."""
    return Organisation.objects.filter(engagements__programme=programme).distinct().order_by("name", "pk")


def roll_offs_of(engagement: Engagement) -> QuerySet[RollOff]:
    """Every last day that was set or undone, the latest first, with who did it."""
    return RollOff.objects.filter(engagement=engagement).select_related("recorded_by").order_by("-number")


def bids_for(programme: Programme) -> list[BidRow]:
    """Who bid, by the day they were named, then by name; two queries."""
    members = BidMember.objects.select_related("organisation").order_by("pk")
    bids = Bid.objects.filter(programme=programme).select_related(
        "relationship__consortium", "relationship__organisation", "recorded_by"
    )
    rows = [bid_row(bid) for bid in bids.prefetch_related(Prefetch("members", members)).order_by("pk")]
    return sorted(rows, key=lambda row: (row.named_on, row.party))


def bid_row(bid: Bid) -> BidRow:
    """The row of a bid that was read with its relationship, members and who recorded it."""
    return BidRow(
        id=bid.pk,
        relationship_id=bid.relationship_id,
        party=bid.relationship.party_name,
        is_alone=bid.relationship.consortium_id is None,
        named_on=bid.named_on,
        source=bid.source,
        recorded_at=bid.recorded_at,
        recorded_by=bid.recorded_by.name,
        members=tuple(
            Member(member.organisation_id, member.organisation.name, member.get_role_display())
            for member in bid.members.all()
        ),
    )


def in_several_bids(bids: Collection[BidRow]) -> list[tuple[str, list[str]]]:
    """Organisations that stand in more than one of these bids, each with whose bids they are; no query."""
    names = in_several([member.name for member in bid.members] for bid in bids)
    return [
        (
            name,
            [
                "its own" if bid.is_alone else f"that of {bid.party}"
                for bid in bids
                if name in {each.name for each in bid.members}
            ],
        )
        for name in names
    ]


def relationships_left_by(programme: Programme) -> QuerySet[Relationship]:
    """The relationships with those who bid for the programme, with their party."""
    found = Relationship.objects.filter(bids__programme=programme).select_related("consortium", "organisation", "scope")
    return found.order_by("bids__named_on", "pk")


def acknowledgements_of(programme: Programme) -> QuerySet[Acknowledgement]:
    """What was said in recognition of the work, the latest first, with office, engagement and who recorded it."""
    found = Acknowledgement.objects.filter(programme=programme).select_related("office", "engagement", "recorded_by")
    return found.order_by("-given_on", "-recorded_at", "pk")


def acknowledgements_about(engagement: Engagement) -> QuerySet[Acknowledgement]:
    """Those of the work of one engagement, the latest first."""
    return acknowledgements_of(engagement.programme).filter(engagement=engagement)


@dataclass(frozen=True, slots=True)
class Expiring:
    """Something of a partner that ends on a day, and who is told: whoever keeps it, else those who may."""

    key: str
    subject_id: UUID
    scope_id: UUID
    last_on: date
    what: str
    keeper_id: UUID | None
    link_path: str
    asks: str


def relationship_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """Reminders of standings and terms that end, to the owner of the relationship, else to the CIOs of the portfolio."""
    if within.programme_ids is not None:
        return iter(())
    rows = Relationship.objects.filter(scope__is_record=False).select_related("organisation", "consortium")
    if within.subject_ids is not None:
        rows = rows.filter(pk__in=within.subject_ids)
    relationships = {one.pk: one for one in rows}
    return _expiries(RELATIONSHIP, _of_relationships(relationships), now)


def capability_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """Reminders of capability claims that end, to the administrators."""
    if within.programme_ids is not None:
        return iter(())
    rows = CapabilityClaim.objects.filter(withdrawn_at=None, expires_on__isnull=False)
    if within.subject_ids is not None:
        rows = rows.filter(pk__in=within.subject_ids)
    everywhere = Scope.objects.filter(kind=ScopeKind.ORGANISATION).values_list("pk", flat=True).first()
    claims = [
        Expiring(
            key=f"{claim.pk}/claim",
            subject_id=claim.pk,
            scope_id=everywhere,
            last_on=claim.expires_on,
            what=f"The claim of {claim.organisation.name} to: {claim.capability.name}",
            keeper_id=None,
            link_path=reverse("partner_organisation", args=[claim.organisation_id]),
            asks="Ask for new evidence and record the claim anew, or withdraw it.",
        )
        for claim in rows.select_related("organisation", "capability").order_by("pk")
        if claim.expires_on and everywhere
    ]
    return _expiries(CAPABILITY, claims, now)


def _of_relationships(relationships: dict[UUID, Relationship]) -> list[Expiring]:
    """The standings that count and the terms not withdrawn, where they have a last day; two queries."""
    latest = RelationshipStanding.objects.filter(relationship__in=relationships).select_related("owner")
    latest = latest.order_by("relationship_id", "-number").distinct("relationship_id")
    keepers: dict[UUID, UUID | None] = {}
    found = []
    for standing in latest:
        relationship = relationships[standing.relationship_id]
        keeper = standing.owner_id if standing.owner and standing.owner.is_active else None
        keepers[relationship.pk] = keeper
        if standing.expires_on:
            found.append(
                _of_relationship(
                    relationship,
                    "standing",
                    standing.expires_on,
                    f"{relationship.party_name}: {standing.get_state_display().lower()}",
                    keeper,
                    "Say where the relationship stands from then on.",
                )
            )
    terms = RelationshipTerm.objects.filter(relationship__in=relationships, withdrawn_at=None, to_on__isnull=False)
    for term in terms.order_by("pk"):
        relationship = relationships[term.relationship_id]
        if term.to_on:
            found.append(
                _of_relationship(
                    relationship,
                    f"term-{term.pk}",
                    term.to_on,
                    f"{relationship.party_name}: {term.get_kind_display().lower()}",
                    keepers.get(relationship.pk),
                    "See whether it has to be agreed anew, or whether something has to be returned or done first.",
                )
            )
    return found


def _of_relationship(
    relationship: Relationship, part: str, last_on: date, what: str, keeper_id: UUID | None, asks: str
) -> Expiring:
    path = reverse("relationship", args=[relationship.pk])
    key = f"{relationship.pk}/{part}"
    return Expiring(key, relationship.pk, relationship.scope_id, last_on, what, keeper_id, path, asks)


def _expiries(kind: str, expiring: Iterable[Expiring], now: datetime) -> Iterator[Wanted]:
    """One that ends beyond the known bank holidays is planned once they are known. Three queries."""
    calendar, coming = working_calendar(), []
    for one in expiring:
        try:
            notices = notices_of_expiry(one.last_on, calendar=calendar)
        except BeyondCalendar:
            continue
        coming += [(one, notice) for notice in notices if notice.valid_until > now]
    may_keep, away = _who_may_keep(), away_by_day([local_date(notice.due_at) for _, notice in coming])
    for one, notice in coming:
        asked = [one.keeper_id] if one.keeper_id else may_keep[one.scope_id] or may_keep[None]
        title = f"{one.what} {notice.ends}"
        yield Wanted(
            kind=kind,
            key=f"{one.key}/{one.last_on}/{notice.key}",
            subject_id=one.subject_id,
            scope_id=one.scope_id,
            words=WaveWords(
                title=title,
                mail_subject=title,
                mail_text=f"{title}.\n\n{one.asks}",
                due_at=notice.due_at,
                due_reason=notice.due_reason,
                valid_until=notice.valid_until,
            ),
            recipients=tuple(
                Recipient(person, f"expiry:{one.key}", one.link_path)
                for person in here_of(asked, away(local_date(notice.due_at)))
            ),
        )


def _who_may_keep() -> dict[UUID | None, list[UUID]]:
    """The CIOs by the scope of their portfolio, and the administrators under None; one query."""
    found: dict[UUID | None, list[UUID]] = defaultdict(list)
    held = RoleHolding.objects.filter(role__in=[Role.CIO, Role.ADMINISTRATOR], ended_at=None, user__is_active=True)
    for role, scope_id, user_id in held.order_by("user_id").values_list("role", "scope_id", "user_id"):
        found[scope_id if role == Role.CIO else None].append(user_id)
    return found
