"""Who bid and who worked on the programme, and what was said of it."""

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from django.urls import reverse

from partners.clock.rules import local_date
from partners.consortia.enums import RelationshipState
from partners.consortia.models import RelationshipStanding
from partners.consortia.queries import relationships_visible_to
from partners.consortia.rules import standing_words
from programmes.engagements.models import Acknowledgement, Engagement, RollOff
from programmes.engagements.queries import BidRow, bids_for
from programmes.overview.queries.timeline.asked import Asked, Events
from programmes.overview.rules import Event, EventKind
from programmes.register.models import Lesson, Position, ProgrammeConstraint


def bidders(asked: Asked) -> Events:
    """Bids with their members, and where the relationships that the reader sees stood from then on; four queries."""
    bids = {bid.relationship_id: bid for bid in bids_for(asked.programme)}
    for bid in bids.values():
        members = "" if bid.is_alone else ", ".join(f"{each.name} ({each.role.lower()})" for each in bid.members)
        page, words = asked.page("bids_of_programme"), f"{bid.party} bid"
        yield Event(bid.named_on, EventKind.BIDDER, words, bid.recorded_at, page, members, bid.source)
    seen = relationships_visible_to(asked.user).filter(pk__in=bids).order_by()
    standings = RelationshipStanding.objects.filter(
        relationship__in=seen.values("pk"), recorded_at__lte=asked.when.known_at
    )
    yield from _standings(bids, standings.order_by("relationship_id", "number"))


def _standings(bids: dict[UUID, BidRow], standings: Iterable[RelationshipStanding]) -> Events:
    """What followed each bid; of several steps of one act the last."""
    for (pk, since_on, recorded_at), steps in groupby(
        standings, key=lambda each: (each.relationship_id, each.since_on, each.recorded_at)
    ):
        *_, last = steps
        state, bid = RelationshipState(last.state), bids[pk]
        if since_on < bid.named_on or (state is RelationshipState.BIDDING and since_on == bid.named_on):
            continue
        standing = standing_words(state, since_on=since_on, expires_on=last.expires_on, on=since_on)
        page = reverse("relationship", args=[pk])
        words = f"{bid.party}: {standing[0].lower()}{standing[1:]}"
        yield Event(since_on, EventKind.BIDDER, words, recorded_at, page, last.note, last.source)


def engagements(asked: Asked) -> Events:
    """Who began and who ended; two queries."""
    kind, ends = EventKind.ENGAGEMENT, RollOff.objects.filter(engagement__programme=asked.programme)
    known = ends.filter(recorded_at__lte=asked.when.known_at).order_by("engagement_id", "-number")
    last_known = {row.engagement_id: row for row in known.distinct("engagement_id")}
    found = Engagement.objects.filter(programme=asked.programme).select_related("organisation")
    for one in found.order_by("pk"):
        page, end = reverse("engagement", args=[one.pk]), last_known.get(one.pk)
        name = f"{one.who} ({one.organisation})" if one.organisation else one.who
        if end and end.ended_on and end.ended_on < one.starts_on:
            on = local_date(end.recorded_at)
            yield Event(on, kind, f"Called off before it began: {name}", end.recorded_at, page, detail=end.reason)
            continue
        words = f"{one.get_kind_display()} began: {name}"
        yield Event(one.starts_on, kind, words, one.recorded_at, page, one.task, one.source)
        if end and end.ended_on:
            words = f"{one.get_kind_display()} rolled off: {name}"
            yield Event(end.ended_on, kind, words, end.recorded_at, page, detail=end.reason)


def acknowledgements(asked: Asked) -> Events:
    """One query."""
    page = asked.page("acknowledgements_of_programme")
    for row in Acknowledgement.objects.filter(programme=asked.programme).order_by("pk"):
        words = f"{row.holder} acknowledged the work"
        yield Event(row.given_on, EventKind.ACKNOWLEDGEMENT, words, row.recorded_at, page, row.words, row.source)


def views(asked: Asked) -> Events:
    """Positions and expectations that were not withdrawn then; one query."""
    page = asked.page("positions_of_programme")
    for row in Position.objects.filter(programme=asked.programme).order_by("pk"):
        if not asked.knew(row.withdrawn_at):
            words = f"{row.get_kind_display()}: {row.holder}"
            yield Event(row.stated_on, EventKind.VIEW, words, row.recorded_at, page, row.text, row.source)


def constraints(asked: Asked) -> Events:
    """Recorded, and withdrawn; one query."""
    page, kind = asked.page("constraints_of_programme"), EventKind.CONSTRAINT
    for row in ProgrammeConstraint.objects.filter(programme=asked.programme).order_by("pk"):
        on = local_date(row.recorded_at)
        yield Event(on, kind, "Constraint recorded", row.recorded_at, page, row.text, row.source)
        if row.withdrawn_at:
            on = local_date(row.withdrawn_at)
            yield Event(on, kind, "Constraint withdrawn", row.withdrawn_at, page, row.text)


def lessons(asked: Asked) -> Events:
    """Those that were not withdrawn then; one query."""
    page = asked.page("lessons_of_programme")
    for row in Lesson.objects.filter(programme=asked.programme).order_by("pk"):
        if not asked.knew(row.withdrawn_at):
            yield Event(row.learned_on, EventKind.LESSON, f"Lesson: {row}", row.recorded_at, page)
