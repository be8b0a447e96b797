from datetime import date, datetime
from uuid import UUID, uuid4

from partners.audit.rules import Refused
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.rules.typed import lines, one_line
from programmes.register.models import Programme
from programmes.workstreams.enums import DeliveryConfidence, Scale
from programmes.workstreams.models import AssuranceRating
from programmes.workstreams.rules import ASSURANCE_LENGTH, NAME_LENGTH

FIVE_POINTS_ONLY = (DeliveryConfidence.AMBER_GREEN, DeliveryConfidence.AMBER_RED)


def record_assurance(
    programme: Programme,
    *,
    scale: Scale,
    rating: DeliveryConfidence,
    words: str,
    assured_by: str,
    assured_on: date,
    expires_on: date,
    by: User,
    now: datetime,
    request_key: UUID | None = None,
) -> AssuranceRating:
    """Keep what somebody independent of the programme thinks of it. The caller writes the audit event.

    ``request_key`` becomes its id.

    Raises: Refused without words or a name, for a point that the scale lacks, for a day ahead, and for days out of order.
    """
    words = lines(words, limit=ASSURANCE_LENGTH, field="words", named="what was found", required=True)
    assured_by = one_line(assured_by, limit=NAME_LENGTH, field="assured_by", named="who gave the rating")
    if scale == Scale.THREE_POINT and rating in FIVE_POINTS_ONLY:
        raise Refused("Red, amber, green has no such point. Choose another rating or the other scale.", field="rating")
    if assured_on > local_date(now):
        raise Refused(
            "The rating cannot be of a day that is ahead. Enter the day on which it was given.", field="assured_on"
        )
    if expires_on < assured_on:
        raise Refused("It would expire before it was given. Enter a later day.", field="expires_on")
    return AssuranceRating.objects.create(
        id=request_key or uuid4(),
        programme=programme,
        scale=scale,
        rating=rating,
        words=words,
        assured_by=assured_by,
        assured_on=assured_on,
        expires_on=expires_on,
        recorded_at=now,
        recorded_by=by,
    )
