"""What stands beside reports: exceptions, links, ratings by others, the reporting day of one portfolio."""

from datetime import timedelta
from uuid import uuid4

from partners.people.models import User
from programmes.workstreams.enums import DeliveryConfidence, ExceptionKind, Frequency, Rating, Scale, Weekday
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import (
    choose_portfolio_reporting,
    link_provider,
    override_rating,
    record_assurance,
    record_exception,
)
from programmes.workstreams.queries import reporting_rule
from tests.builders.core import NOW


def make_beside(workstream: Workstream, provider: Workstream, *, by: User) -> None:
    """One row of each kind for a workstream that needs another of its programme, the provider excepted later."""
    programme, scope_id = workstream.programme, workstream.programme.scope.parent_id
    assert scope_id is not None
    choose_portfolio_reporting(
        scope_id=scope_id, frequency=Frequency.WEEKLY, weekday=Weekday.FRIDAY, version=0, by=by, now=NOW
    )
    link_provider(
        dependant_id=workstream.pk, provider_id=provider.pk, what="The network", request_key=uuid4(), by=by, now=NOW
    )
    days = reporting_rule(scope_id).between(NOW.date() + timedelta(weeks=1), NOW.date() + timedelta(weeks=3))
    record_exception(
        workstream_id=provider.pk,
        kind=ExceptionKind.EXEMPT,
        from_on=days[0].on,
        to_on=days[0].on,
        reason="The site is shut.",
        request_key=uuid4(),
        by=by,
        now=NOW,
    )
    record_assurance(
        programme_id=programme.pk,
        scale=Scale.FIVE_POINT,
        rating=DeliveryConfidence.AMBER,
        words="Two suppliers doubt the date.",
        assured_by="The Gateway team",
        assured_on=NOW.date(),
        expires_on=NOW.date() + timedelta(days=90),
        request_key=uuid4(),
        by=by,
        now=NOW,
    )
    override_rating(
        programme_id=programme.pk, rating=Rating.RED, reason="They told us.", request_key=uuid4(), by=by, now=NOW
    )
