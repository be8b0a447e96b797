"""A programme in one line: its stage, what its workstreams say together, what it asks for, its review."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet
from django.db.models.expressions import RawSQL

from partners.clock.rules import local_date
from programmes.overview.rules import words_for_stage
from programmes.register.enums import DeliveryModel
from programmes.reviews.queries import reviews_open_at
from programmes.scheduling.enums import StageKind
from programmes.scheduling.queries import current_stage_values
from programmes.scheduling.rules import StageDates, is_late
from programmes.workstreams.queries import rollup_values
from programmes.workstreams.rules import Overall, ReportingDays, Rollup, words_for_ago

_MODEL_LABELS = dict(DeliveryModel.choices)
_STAGE_TITLES = dict(StageKind.choices)
# Joined here, so that the page of a thousand programmes reads a thousand rows and not four thousand. What each part
# says is for its own room to say.
_ROWS = """
WITH seen AS ({seen}), stage AS ({stage}), said AS ({said}), review AS ({review})
SELECT seen.pk, seen.name, seen.delivery_model,
    coalesce(said.red, 0), coalesce(said.amber, 0), coalesce(said.green, 0), coalesce(said.silent, 0),
    coalesce(said.not_due, 0), said.last_reported_at, coalesce(said.asks, 0), review.closes,
    stage.id, stage.position, stage.kind, stage.planned_start_on, stage.planned_finish_on, stage.started_on,
    stage.finished_on, stage.version
FROM seen
LEFT JOIN stage ON stage.programme_id = seen.pk
LEFT JOIN said ON said.programme_id = seen.pk
LEFT JOIN review ON review.programme = seen.pk
"""
_SEEN = RawSQL("SELECT pk FROM seen", ())


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """One programme as lists show it. ``stage`` is the current one, None when all are finished; ``is_late`` is it."""

    id: UUID
    name: str
    delivery_model: str
    stage: StageDates | None
    is_late: bool
    rollup: Rollup
    overall: Overall
    last_reported_at: datetime | None
    asks: int
    review_closes_at: datetime | None

    @property
    def delivery_model_label(self) -> str:
        return _MODEL_LABELS[self.delivery_model]

    @property
    def stage_key(self) -> str:
        """The kind of the current stage, or ``finished``."""
        return self.stage.kind if self.stage else "finished"

    def stage_words(self, today: date) -> tuple[str, str]:
        """What stands beside the stage's title: its state, and how late it is (empty when it is not)."""
        return words_for_stage(self.stage, today)

    def age_words(self, now: datetime) -> str:
        """When a workstream last reported, such as "3 days ago"."""
        return words_for_ago(self.last_reported_at, now) if self.last_reported_at else "nothing reported yet"


def programme_rows(programmes: QuerySet, *, days: ReportingDays, now: datetime) -> list[ProgrammeRow]:
    """The rows of these programmes, which the caller has scoped, in no order; one query for any number."""
    seen = programmes.order_by().values_list("pk", "name", "delivery_model")
    reviews = reviews_open_at(now).filter(programme__in=_SEEN).order_by().values_list("programme")
    parts = {
        "seen": seen.query.sql_with_params(),
        "stage": _stages(),
        "said": _said(days),
        "review": reviews.annotate(closes=Max("closes_at")).query.sql_with_params(),
    }
    statement = _ROWS.format(**{name: sql for name, (sql, _) in parts.items()})
    today = local_date(now)
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in parts.values() for value in values])
        return [_row(columns, today) for columns in cursor.fetchall()]


def worst_first(rows: list[ProgrammeRow]) -> list[ProgrammeRow]:
    """Those that need most attention first; by name within."""
    return sorted(rows, key=lambda row: (*row.rollup.worst_first, row.name.casefold(), row.id))


@cache
def _stages() -> tuple[str, tuple]:
    """Compiled once: that takes longer than to run it."""
    return current_stage_values(_SEEN).query.sql_with_params()


@lru_cache(maxsize=8)
def _said(days: ReportingDays) -> tuple[str, tuple]:
    return rollup_values(_SEEN, days).query.sql_with_params()


def _row(columns: tuple, today: date) -> ProgrammeRow:
    pk, name, model, red, amber, green, silent, not_due, reported_at, asks, closes_at, stage_id, *stage_columns = (
        columns
    )
    rollup, stage = Rollup(red, amber, green, silent, not_due), None
    if stage_id:
        position, kind, *dates_and_version = stage_columns
        stage = StageDates(stage_id, position, kind, _STAGE_TITLES[kind], *dates_and_version)
    late = stage is not None and is_late(stage, today)
    return ProgrammeRow(pk, name, model, stage, late, rollup, rollup.overall, reported_at, asks, closes_at)
