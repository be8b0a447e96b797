from collections.abc import Callable, Collection

from partners.calendar.rules import AsAt
from partners.people.models import User
from programmes.overview.queries.timeline import said, work
from programmes.overview.queries.timeline.asked import Asked, Events
from programmes.overview.rules import Event, EventKind, in_order
from programmes.register.models import Programme

ROOMS: dict[EventKind, Callable[[Asked], Events]] = {
    EventKind.DECISION: work.decisions,
    EventKind.PROGRAMME: work.programme,
    EventKind.STAGE: work.stages,
    EventKind.REVIEW: work.reviews,
    EventKind.CONSULTATION: work.consultations,
    EventKind.WORKSTREAM: work.workstreams,
    EventKind.SAVING: work.savings,
    EventKind.BIDDER: said.bidders,
    EventKind.ENGAGEMENT: said.engagements,
    EventKind.ACKNOWLEDGEMENT: said.acknowledgements,
    EventKind.VIEW: said.views,
    EventKind.CONSTRAINT: said.constraints,
    EventKind.LESSON: said.lessons,
}


def timeline_of(
    programme: Programme,
    *,
    user: User,
    when: AsAt,
    kinds: Collection[EventKind] = tuple(EventKind),
    newest_first: bool = True,
) -> list[Event]:
    """What happened to a programme that the caller has scoped, until the end of a day, as far as it was known then.

    The number of queries depends on the kinds alone.
    """
    asked = Asked(programme, user, when)
    found = [event for kind in kinds for event in ROOMS[kind](asked)]
    known = (event for event in found if event.on <= when.on and asked.knew(event.recorded_at))
    return in_order(known, newest_first=newest_first)
