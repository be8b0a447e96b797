from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.models import User
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.workstreams import changes
from programmes.workstreams.enums import DeliveryConfidence, Rating, Scale
from programmes.workstreams.models import AssuranceRating, RatingOverride
from programmes.workstreams.operations.exceptions import USED
from programmes.workstreams.operations.locking import reason_given
from programmes.workstreams.permissions import check_can_assure, check_can_override
from programmes.workstreams.queries import reporting_days


@transaction.atomic(durable=True)
def record_assurance(
    *,
    programme_id: UUID,
    scale: Scale,
    rating: DeliveryConfidence,
    words: str,
    assured_by: str,
    assured_on: date,
    expires_on: date,
    request_key: UUID,
    by: User,
    now: datetime,
) -> AssuranceRating:
    """Keep an independent rating of a programme; the same ``request_key`` again returns the first.

    Raises: NotPermitted; Refused when the programme ended, and as in ``changes.record_assurance``.
    """
    programme = _locked(programme_id)
    check_can_assure(by, programme)
    first = AssuranceRating.objects.filter(pk=request_key).first()
    if first:
        if first.programme_id != programme.pk:
            raise Refused(USED)
        return first
    check_runs(programme)
    assurance = changes.record_assurance(
        programme,
        scale=scale,
        rating=rating,
        words=words,
        assured_by=assured_by,
        assured_on=assured_on,
        expires_on=expires_on,
        request_key=request_key,
        by=by,
        now=now,
    )
    record(
        by=by,
        now=now,
        action="workstreams.record_assurance",
        subject=assurance,
        scope_id=programme.scope_id,
        summary=f"recorded an assurance rating of {programme.name}: {assurance}",
        after={"scale": assurance.scale, "rating": assurance.rating, "expires_on": expires_on.isoformat()},
    )
    return assurance


@transaction.atomic(durable=True)
def withdraw_assurance(*, assurance_id: UUID, reason: str, by: User, now: datetime) -> AssuranceRating:
    """Let a rating count no longer; it stays on record. Raises: NotPermitted; Refused without a reason or when it is
    withdrawn already."""
    programme = _locked(AssuranceRating.objects.values_list("programme_id", flat=True).get(pk=assurance_id))
    check_can_assure(by, programme)
    assurance = AssuranceRating.objects.get(pk=assurance_id)
    if assurance.withdrawn_at:
        raise Refused("This rating is withdrawn already. Nothing was changed.")
    assurance.withdraw_reason = reason_given(reason)
    assurance.withdrawn_at, assurance.withdrawn_by = now, by
    assurance.save(update_fields=["withdraw_reason", "withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="workstreams.withdraw_assurance",
        subject=assurance,
        scope_id=programme.scope_id,
        summary=f"withdrew the assurance rating {assurance}: {assurance.withdraw_reason}",
        after={"reason": assurance.withdraw_reason},
    )
    return assurance


@transaction.atomic(durable=True)
def override_rating(
    *, programme_id: UUID, rating: Rating, reason: str, request_key: UUID, by: User, now: datetime
) -> RatingOverride:
    """Show another rating than the programme's own until the end of the next reporting day, with the reason.

    What was shown before for that day is withdrawn. The same ``request_key`` again returns the first.

    Raises: NotPermitted; Refused when the programme ended or without a reason.
    """
    programme = _locked(programme_id)
    check_can_override(by, programme)
    first = RatingOverride.objects.filter(pk=request_key).first()
    if first:
        if first.programme_id != programme.pk:
            raise Refused(USED)
        return first
    check_runs(programme)
    reason, period_on = reason_given(reason), reporting_days(now, programme.scope.parent_id).next_on
    RatingOverride.objects.filter(programme=programme, withdrawn_at=None, period_on__gte=period_on).update(
        withdrawn_at=now, withdrawn_by=by
    )
    override = RatingOverride.objects.create(
        id=request_key,
        programme=programme,
        rating=rating,
        reason=reason,
        period_on=period_on,
        recorded_at=now,
        recorded_by=by,
    )
    record(
        by=by,
        now=now,
        action="workstreams.override_rating",
        subject=override,
        scope_id=programme.scope_id,
        summary=f"shows {override.get_rating_display()} for {programme.name} until the end of "
        f"{words_for_date(period_on)}: {reason}",
        after={"rating": str(rating), "period_on": period_on.isoformat(), "reason": reason},
    )
    return override


@transaction.atomic(durable=True)
def withdraw_override(*, override_id: UUID, by: User, now: datetime) -> RatingOverride:
    """Show the programme's own rating again; one that is withdrawn is returned as it is. Raises: NotPermitted."""
    programme = _locked(RatingOverride.objects.values_list("programme_id", flat=True).get(pk=override_id))
    check_can_override(by, programme)
    override = RatingOverride.objects.get(pk=override_id)
    if override.withdrawn_at:
        return override
    override.withdrawn_at, override.withdrawn_by = now, by
    override.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="workstreams.withdraw_override",
        subject=override,
        scope_id=programme.scope_id,
        summary=f"shows the own rating of {programme.name} again",
        before={"rating": override.rating},
    )
    return override


def _locked(programme_id: UUID) -> Programme:
    return Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope").get(pk=programme_id)
