"""A programme in one line: its stage, what its workstreams say together, what it asks for, its review."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import NamedTuple
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
from programmes.scheduling.rules import StageDates, next_planned_on
from programmes.workstreams.queries import rollup_values
from programmes.workstreams.rules import Overall, ReportingDays, Rollup, words_for_ago

_MODEL_LABELS = dict(DeliveryModel.choices)
_STAGE_TITLES = dict(StageKind.choices)
_STAGE = 11  # where the columns of the stage begin, and where among them its kind stands
_KIND = 2
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


class RowWords(NamedTuple):
    """How a row reads, in the order of a table's columns; for a template to take apart at once."""

    id: UUID
    name: str
    delivery_model: str
    stage: str
    stage_note: str
    overall: Overall
    coverage: str
    age: str
    asks: int
    review_closes_at: datetime | None


@dataclass(slots=True)
class ProgrammeRow:
    """One programme as lists show it. ``planned_on`` is the next planned day of its current stage, late or not.

    Not frozen, unlike other rows: a thousand are made for one page, and freezing would triple what they cost.
    """

    id: UUID
    name: str
    delivery_model: str
    stage_columns: tuple | None
    planned_on: date | None
    is_late: bool
    rollup: Rollup
    overall: Overall
    last_reported_at: datetime | None
    asks: int
    review_closes_at: datetime | None

    @property
    def stage(self) -> StageDates | None:
        """The stage that the programme is in; None when all are finished."""
        if self.stage_columns is None:
            return None
        pk, position, kind, *rest = self.stage_columns
        return StageDates(pk, position, kind, _STAGE_TITLES[kind], *rest)

    @property
    def stage_key(self) -> str:
        """The kind of the current stage, or ``finished``."""
        return str(self.stage_columns[_KIND]) if self.stage_columns else "finished"

    def words(self, *, today: date, now: datetime) -> RowWords:
        """The row as a table shows it."""
        stage = self.stage
        state, late = words_for_stage(stage, today)
        return RowWords(
            self.id,
            self.name,
            _MODEL_LABELS[self.delivery_model],
            stage.title if stage else "All stages",
            f"{state}, {late}" if late else state,
            self.overall,
            self.rollup.coverage_words,
            words_for_ago(self.last_reported_at, now) if self.last_reported_at else "nothing reported yet",
            self.asks,
            self.review_closes_at,
        )


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
    pk, name, model, red, amber, green, silent, not_due, reported_at, asks, closes_at = columns[:_STAGE]
    rollup, stage = Rollup(red, amber, green, silent, not_due), columns[_STAGE:]
    planned_on = next_planned_on(*stage[_KIND + 1 : _KIND + 5]) if stage[0] else None
    return ProgrammeRow(
        pk,
        name,
        model,
        stage if stage[0] else None,
        planned_on,
        planned_on is not None and planned_on < today,
        rollup,
        rollup.overall,
        reported_at,
        asks,
        closes_at,
    )
