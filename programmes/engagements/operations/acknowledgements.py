from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date
from partners.people.models import Office, User
from partners.people.queries import offices_over
from partners.people.rules.typed import check_day, lines, one_line
from programmes.engagements.models import Acknowledgement, Engagement
from programmes.engagements.operations.locking import USED_ELSEWHERE, locked_programme
from programmes.engagements.permissions import check_can_manage_engagements
from programmes.engagements.rules import HOLDER_LENGTH, WORDS_LENGTH
from programmes.register.models import Programme
from programmes.register.rules import SOURCE_LENGTH


@transaction.atomic(durable=True)
def record_acknowledgement(
    *,
    programme_id: UUID,
    holder: str,
    words: str,
    given_on: date,
    source: str,
    office_id: UUID | None = None,
    engagement_id: UUID | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Acknowledgement:
    """Put on record what a stakeholder said of work done, also after the programme ended. Never changed afterwards.

    ``holder`` is their name and role. ``request_key`` becomes the id; a repeat returns the first.

    Raises: NotPermitted; Refused without a holder, words or source, for a day in the future, an office that decides
    nothing here or an engagement of another programme.
    """
    programme = locked_programme(programme_id)
    check_can_manage_engagements(by, programme)
    known = Acknowledgement.objects.filter(pk=request_key).first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused(USED_ELSEWHERE)
        return known
    check_day(given_on, field="given_on", named="The day", today=local_date(now))
    acknowledgement = Acknowledgement.objects.create(
        pk=request_key,
        programme=programme,
        holder=one_line(holder, limit=HOLDER_LENGTH, field="holder", named="who said it"),
        words=lines(words, limit=WORDS_LENGTH, field="words", named="what was said", required=True),
        given_on=given_on,
        source=one_line(source, limit=SOURCE_LENGTH, field="source", named="the source"),
        office=_office(office_id, programme),
        engagement=_engagement(engagement_id, programme),
        recorded_at=now,
        recorded_by=by,
    )
    record(
        by=by,
        now=now,
        action="engagements.record_acknowledgement",
        subject=acknowledgement,
        scope_id=programme.scope_id,
        summary=f"recorded an acknowledgement by {acknowledgement.holder}: {acknowledgement.words}",
        after={
            "holder": acknowledgement.holder,
            "office": str(acknowledgement.office or ""),
            "engagement": str(acknowledgement.engagement or ""),
            "words": acknowledgement.words,
            "given_on": given_on.isoformat(),
            "source": acknowledgement.source,
        },
    )
    return acknowledgement


def _office(office_id: UUID | None, programme: Programme) -> Office | None:
    if office_id is None:
        return None
    found = offices_over(programme.scope).filter(pk=office_id).first()
    if found is None:
        raise Refused("Choose an office that decides on this programme, or none.", field="office")
    return found


def _engagement(engagement_id: UUID | None, programme: Programme) -> Engagement | None:
    if engagement_id is None:
        return None
    found = Engagement.objects.filter(pk=engagement_id, programme=programme).first()
    if found is None:
        raise Refused("Choose an engagement of this programme, or none.", field="engagement")
    return found
