"""Programmes in one line as at an earlier day, from what was known at its end."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, DateField, F, Max, QuerySet, When

from programmes.overview.queries.rows import ProgrammeRow, stands_for
from programmes.register.queries import delivery_models_at
from programmes.reviews.queries import reviews_open_at
from programmes.scheduling.queries import stages_known_at
from programmes.scheduling.rules import StageDates, current_stage, next_planned_on
from programmes.workstreams.queries import ProgrammeRollup, assurance_at, overrides_at, rollups_at
from programmes.workstreams.rules import AssuranceRow, OverrideRow, ReportingDays, Rollup


def programme_rows_at(programmes: QuerySet, *, days: ReportingDays, on: date, known_at: datetime) -> list[ProgrammeRow]:
    """``programme_rows`` as at the end of a day: those that were set up by then, in no order; eight queries.

    Names and the reporting days are those of today: their history is told, not kept. Planned days are those known then.
    """
    there = programmes.filter(set_up_at__lte=known_at).order_by()
    ids = there.values("pk")
    try:
        said = rollups_at(ids, on=on, known_at=known_at, days=days)
    except EmptyResultSet:
        return []
    ended = Case(When(ended_at__lte=known_at, ended_on__lte=on, then=F("ended_on")), output_field=DateField())
    models = delivery_models_at(ids, on=on, known_at=known_at)
    stages = stages_known_at(ids, on=on, known_at=known_at)
    reviews = reviews_open_at(known_at).filter(programme__in=ids, opened_at__lte=known_at)
    assured = assurance_at(ids, on=on, known_at=known_at)
    overridden = overrides_at(ids, on=on, known_at=known_at)
    closes = dict(reviews.order_by().values_list("programme").annotate(closes=Max("closes_at")))
    return [
        _row(
            pk,
            name,
            models[pk],
            said.get(pk) or ProgrammeRollup(pk, Rollup(), None),
            closes.get(pk),
            current_stage(stages.get(pk, [])),
            ended_on,
            assured.get(pk),
            overridden.get(pk),
        )
        for pk, name, ended_on in there.annotate(was_ended_on=ended).values_list("pk", "name", "was_ended_on")
    ]


def _row(
    pk: UUID,
    name: str,
    delivery_model: str,
    said: ProgrammeRollup,
    closes_at: datetime | None,
    stage: StageDates | None,
    ended_on: date | None,
    assurance: AssuranceRow | None,
    override: OverrideRow | None,
) -> ProgrammeRow:
    planned = (stage.planned_start_on, stage.planned_finish_on, stage.started_on) if stage else (None, None, None)
    return ProgrammeRow(
        pk,
        name,
        delivery_model,
        said.rollup,
        stands_for(said.rollup, assurance, override, ended_on),
        said.last_reported_at,
        said.asks,
        closes_at,
        stage.kind if stage else None,
        stage.title if stage else None,
        *planned,
        None if ended_on else next_planned_on(*planned, None),
        ended_on,
        said.needing_red,
    )
