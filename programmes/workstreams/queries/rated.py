"""Ratings of whole programmes beside what their workstreams say: assurance and overrides, as known at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from partners.clock.rules import local_date
from programmes.register.models import Programme
from programmes.workstreams.models import AssuranceRating, RatingOverride
from programmes.workstreams.queries.as_at import Moment, rollups_at_each
from programmes.workstreams.queries.standing import Programmes
from programmes.workstreams.rules import (
    AssuranceRow,
    OverrideRow,
    ProgrammeMark,
    ReportingRule,
    Rollup,
    Stands,
    end_of,
    programme_marks,
    stands,
)

TREND_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Rated:
    """What was given for one programme beside its own reports."""

    assurance: AssuranceRow | None = None
    override: OverrideRow | None = None


def assurance_values(programme_ids: Programmes, *, on: date) -> QuerySet:
    """The independent rating that counts on the day for each programme, by what is known now: its id, then the fields
    of ``AssuranceRow``."""
    found = AssuranceRating.objects.filter(
        programme__in=programme_ids, withdrawn_at=None, assured_on__lte=on, expires_on__gte=on
    )
    newest = found.order_by("programme_id", "-assured_on", "-recorded_at", "pk").distinct("programme_id")
    return newest.values_list("programme_id", "scale", "rating", "assured_by", "assured_on", "expires_on")


def override_values(programme_ids: Programmes, *, on: date) -> QuerySet:
    """What the portfolio's office shows on the day for each programme: its id, then the fields of ``OverrideRow``."""
    found = RatingOverride.objects.filter(programme__in=programme_ids, withdrawn_at=None, period_on__gte=on)
    newest = found.order_by("programme_id", "-recorded_at", "pk").distinct("programme_id")
    return newest.annotate(given_by=F("recorded_by__name")).values_list(
        "programme_id", "rating", "reason", "period_on", "given_by"
    )


def assurance_at(programme_ids: Programmes, *, on: date, known_at: datetime) -> dict[UUID, AssuranceRow]:
    """The independent rating that counted on the day for each programme that had one; one query."""
    found = AssuranceRating.objects.filter(
        _not_withdrawn(known_at), programme__in=programme_ids, recorded_at__lte=known_at
    )
    found = found.filter(assured_on__lte=on, expires_on__gte=on)
    newest = found.order_by("programme_id", "-assured_on", "-recorded_at", "pk").distinct("programme_id")
    return {one.programme_id: _assurance_row(one) for one in newest}


def overrides_at(programme_ids: Programmes, *, on: date, known_at: datetime) -> dict[UUID, OverrideRow]:
    """What the portfolio's office showed on the day for each programme for which it did; one query."""
    found = RatingOverride.objects.filter(
        _not_withdrawn(known_at), programme__in=programme_ids, recorded_at__lte=known_at
    )
    newest = found.filter(period_on__gte=on).order_by("programme_id", "-recorded_at", "pk").distinct("programme_id")
    return {one.programme_id: _override_row(one) for one in newest.select_related("recorded_by")}


def stands_now(programme: Programme, rollup: Rollup, now: datetime) -> Stands:
    """What stands for one programme with this roll-up; two queries."""
    on = local_date(now)
    return stands(
        rollup.overall,
        assurance_at([programme.pk], on=on, known_at=now).get(programme.pk),
        overrides_at([programme.pk], on=on, known_at=now).get(programme.pk),
        is_whole=not rollup.unheard,
    )


def programme_trend(programme: Programme, rule: ReportingRule, now: datetime) -> list[ProgrammeMark]:
    """What stood at the end of each of the last reporting days, and now; oldest first. Three queries.

    Days before it was set up or on which nothing was due have no mark.
    """
    ends = [(day, end_of(day)) for day in rule.latest(now, over=TREND_LENGTH)[:-1]]
    times = [one for one in [*ends, (local_date(now), now)] if one[1] >= programme.set_up_at]
    moments = [Moment(on, known_at, rule.around(known_at)) for on, known_at in times]
    assured = list(AssuranceRating.objects.filter(programme=programme).order_by("assured_on", "recorded_at", "pk"))
    overridden = list(
        RatingOverride.objects.filter(programme=programme).select_related("recorded_by").order_by("recorded_at", "pk")
    )
    stood = []
    for moment, said in zip(moments, rollups_at_each([programme.pk], moments), strict=True):
        rollup = said[programme.pk].rollup if programme.pk in said else Rollup()
        assurance, override = _assured(assured, moment), _overridden(overridden, moment)
        if rollup.due or assurance or override:
            is_whole = not rollup.unheard
            stood.append((moment.on, stands(rollup.overall, assurance, override, is_whole=is_whole)))
    return programme_marks(stood)


def assurance_of(programme: Programme) -> QuerySet[AssuranceRating]:
    """Every independent rating, withdrawn and expired ones too, newest first."""
    found = AssuranceRating.objects.filter(programme=programme).select_related("recorded_by", "withdrawn_by")
    return found.order_by("-assured_on", "-recorded_at", "pk")


def assurance_in(programme: Programme, assurance_id: UUID) -> AssuranceRating | None:
    """The independent rating, if it is one of this programme's."""
    return assurance_of(programme).filter(pk=assurance_id).first()


def overrides_of(programme: Programme) -> QuerySet[RatingOverride]:
    """Every rating that the portfolio's office showed, newest first."""
    found = RatingOverride.objects.filter(programme=programme).select_related("recorded_by", "withdrawn_by")
    return found.order_by("-recorded_at", "pk")


def override_in(programme: Programme, override_id: UUID) -> RatingOverride | None:
    return overrides_of(programme).filter(pk=override_id).first()


def _not_withdrawn(known_at: datetime) -> Q:
    return Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_at)


def _was_known(one: AssuranceRating | RatingOverride, known_at: datetime) -> bool:
    return one.recorded_at <= known_at and (one.withdrawn_at is None or one.withdrawn_at > known_at)


def _assured(ratings: Sequence[AssuranceRating], moment: Moment) -> AssuranceRow | None:
    """The last of these, oldest first, that counted."""
    counted = [
        one for one in ratings if _was_known(one, moment.known_at) and one.assured_on <= moment.on <= one.expires_on
    ]
    return _assurance_row(counted[-1]) if counted else None


def _overridden(overrides: Sequence[RatingOverride], moment: Moment) -> OverrideRow | None:
    counted = [one for one in overrides if _was_known(one, moment.known_at) and moment.on <= one.period_on]
    return _override_row(counted[-1]) if counted else None


def _assurance_row(one: AssuranceRating) -> AssuranceRow:
    return AssuranceRow(one.scale, one.rating, one.assured_by, one.assured_on, one.expires_on)


def _override_row(one: RatingOverride) -> OverrideRow:
    return OverrideRow(one.rating, one.reason, one.period_on, one.recorded_by.name)
