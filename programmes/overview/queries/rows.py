"""A programme in one line: its stage, what its workstreams say together, what it asks for, its review."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from partners.clock.rules import local_date, words_for_age, words_for_date
from programmes.overview.rules import PlannedStep, open_steps, words_for_stage
from programmes.register.enums import DeliveryModel
from programmes.reviews.queries import reviews_open_at
from programmes.scheduling.queries import current_stage_values
from programmes.scheduling.rules import next_planned_on
from programmes.workstreams.queries import rollup_values
from programmes.workstreams.rules import Overall, ReportingDays, Rollup

_MODEL_LABELS = dict(DeliveryModel.choices)
FINISHED = "finished"
# Joined here, so that the page of a thousand programmes reads a thousand rows and not four thousand. What each part
# says is for its own room to say.
_ROWS = """
WITH seen AS ({seen}), stage AS ({stage}), said AS ({said}), review AS ({review})
SELECT seen.pk, seen.name, seen.delivery_model,
    coalesce(said.red, 0), coalesce(said.amber, 0), coalesce(said.green, 0), coalesce(said.silent, 0),
    coalesce(said.not_due, 0), said.last_reported_at, coalesce(said.asks, 0), review.closes,
    stage.kind, stage.title, stage.planned_start_on, stage.planned_finish_on, stage.started_on, seen.ended_on
FROM seen
LEFT JOIN stage ON stage.programme_id = seen.pk
LEFT JOIN said ON said.programme_id = seen.pk
LEFT JOIN review ON review.programme = seen.pk
"""
_SEEN = RawSQL("SELECT pk FROM seen", ())


class RowWords(NamedTuple):
    """How a row reads, in the order of a table's columns; for a template to take apart at once."""

    href: str
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
    """One programme as lists show it. ``stage`` is the kind of the stage that it is in; None when all are finished.
    ``stage_title`` is how the programme calls it.
    ``planned_on`` is the next planned day of that stage whose step is not recorded; none where the programme has ended.

    Not frozen, unlike other rows: a thousand are made for one page, and freezing would triple what they cost.
    """

    id: UUID
    name: str
    delivery_model: str
    rollup: Rollup
    overall: Overall
    last_reported_at: datetime | None
    asks: int
    review_closes_at: datetime | None
    stage: str | None
    stage_title: str | None
    planned_start_on: date | None
    planned_finish_on: date | None
    started_on: date | None
    planned_on: date | None
    ended_on: date | None = None

    @property
    def stage_key(self) -> str:
        """The kind of the current stage, or ``finished``."""
        return self.stage or FINISHED

    def is_late(self, today: date) -> bool:
        """A planned day of the current stage has passed without the step."""
        return self.planned_on is not None and self.planned_on < today

    def words(self, *, today: date) -> RowWords:
        """The row as a table shows it."""
        title, note = "All stages", "Finished"
        if self.stage:
            state, late = words_for_stage(self.planned_start_on, self.planned_finish_on, self.started_on, today=today)
            title, note = self.stage_title or "", f"{state}, {late}" if late else state
        if self.ended_on:
            note = f"Ended on {words_for_date(self.ended_on)}"
        at = self.last_reported_at
        return RowWords(
            f"{_address_of_programmes()}{self.id}/",
            self.name,
            _MODEL_LABELS[self.delivery_model],
            title,
            note,
            self.overall,
            self.rollup.coverage_words,
            words_for_age((today - local_date(at)).days) if at else "nothing reported yet",
            self.asks,
            self.review_closes_at,
        )


def programme_rows(programmes: QuerySet, *, days: ReportingDays, now: datetime) -> list[ProgrammeRow]:
    """The rows of these programmes, which the caller has scoped, in no order; one query for any number."""
    try:
        seen = programmes.order_by().values_list("pk", "name", "delivery_model", "ended_on").query.sql_with_params()
    except EmptyResultSet:  # nobody holds anything, so there is nothing to ask for
        return []
    reviews = reviews_open_at(now).filter(programme__in=_SEEN).order_by().values_list("programme")
    parts = {
        "seen": seen,
        "stage": _stages(),
        "said": _said(days),
        "review": reviews.annotate(closes=Max("closes_at")).query.sql_with_params(),
    }
    statement = _ROWS.format(**{name: sql for name, (sql, _) in parts.items()})
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in parts.values() for value in values])
        return [_row(*columns) for columns in cursor.fetchall()]


def worst_first(rows: list[ProgrammeRow]) -> list[ProgrammeRow]:
    """Those that need most attention first, those that have ended last; by name within."""
    return sorted(rows, key=lambda row: (bool(row.ended_on), *row.rollup.worst_first, row.name.casefold(), row.id))


def steps_planned(rows: Iterable[ProgrammeRow], *, until: date) -> list[PlannedStep]:
    """The steps of current stages that are planned for that day or before it, and not recorded."""
    return [
        PlannedStep(row.id, row.name, row.stage_title or "", word, on)
        for row in rows
        if row.planned_on and row.planned_on <= until
        for word, on in open_steps(row.planned_start_on, row.planned_finish_on, row.started_on)
        if on <= until
    ]


@cache
def _stages() -> tuple[str, tuple]:
    """Compiled once: that takes longer than to run it."""
    return current_stage_values(_SEEN).query.sql_with_params()


@lru_cache(maxsize=8)
def _said(days: ReportingDays) -> tuple[str, tuple]:
    return rollup_values(_SEEN, days).query.sql_with_params()


@cache
def _address_of_programmes() -> str:
    some = UUID(int=0)
    return reverse("programme", args=[some]).removesuffix(f"{some}/")


def _row(
    pk: UUID,
    name: str,
    model: str,
    red: int,
    amber: int,
    green: int,
    silent: int,
    not_due: int,
    reported_at: datetime | None,
    asks: int,
    closes_at: datetime | None,
    stage: str | None,
    stage_title: str | None,
    planned_start_on: date | None,
    planned_finish_on: date | None,
    started_on: date | None,
    ended_on: date | None,
) -> ProgrammeRow:
    rollup = Rollup(red, amber, green, silent, not_due)
    planned_on = None if ended_on else next_planned_on(planned_start_on, planned_finish_on, started_on, None)
    return ProgrammeRow(
        pk,
        name,
        model,
        rollup,
        Overall.ENDED if ended_on else rollup.overall,
        reported_at,
        asks,
        closes_at,
        stage,
        stage_title,
        planned_start_on,
        planned_finish_on,
        started_on,
        planned_on,
        ended_on,
    )
