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
from programmes.workstreams.queries import AnyDays, assurance_values, needing_red_values, override_values, rollup_sql
from programmes.workstreams.rules import AssuranceRow, Overall, OverrideRow, Rollup, Stands, stands

_MODEL_LABELS = dict(DeliveryModel.choices)
FINISHED = "finished"
# Joined here, so that the page of a thousand programmes reads a thousand rows and not four thousand. What each part
# says is for its own room to say.
_ROWS = """
WITH seen AS ({seen}), stage AS ({stage}), said AS ({said}), review AS ({review}),
    assured (programme_id, scale, rating, by, given_on, expires_on) AS ({assured}),
    overridden (programme_id, rating, reason, period_on, by) AS ({overridden}),
    needing (programme_id, counted) AS ({needing})
SELECT seen.pk, seen.name, seen.delivery_model, seen.ended_on, coalesce(said.red, 0), coalesce(said.amber, 0),
    coalesce(said.green, 0), coalesce(said.late, 0), coalesce(said.silent, 0), coalesce(said.withheld, 0),
    coalesce(said.not_due, 0), coalesce(said.exempt, 0), said.last_reported_at, coalesce(said.asks, 0), review.closes,
    stage.kind, stage.title, stage.planned_start_on, stage.planned_finish_on, stage.started_on,
    assured.scale, assured.rating, assured.by, assured.given_on, assured.expires_on,
    overridden.rating, overridden.reason, overridden.period_on, overridden.by, coalesce(needing.counted, 0)
FROM seen
LEFT JOIN stage ON stage.programme_id = seen.pk
LEFT JOIN said ON said.programme_id = seen.pk
LEFT JOIN review ON review.programme = seen.pk
LEFT JOIN assured ON assured.programme_id = seen.pk
LEFT JOIN overridden ON overridden.programme_id = seen.pk
LEFT JOIN needing ON needing.programme_id = seen.pk
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
    ``providers_red`` counts its open workstreams that need something from one that shows red.

    Not frozen, unlike other rows: a thousand are made for one page, and freezing would triple what they cost.
    """

    id: UUID
    name: str
    delivery_model: str
    rollup: Rollup
    stands: Stands
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
    providers_red: int = 0

    @property
    def overall(self) -> Overall:
        """What stands for it."""
        return self.stands.overall

    @property
    def assurance(self) -> str:
        """Reads "Amber/red by the Gateway team, 3 September 2026"; empty without an independent rating."""
        return self.stands.assurance.words if self.stands.assurance else ""

    @property
    def worst_first(self) -> tuple[int, int, int, int]:
        """A key for sorting: the lowest needs most attention."""
        return (-self.overall.badness, *self.rollup.worst_first[1:])

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


def programme_rows(programmes: QuerySet, *, days: AnyDays, now: datetime) -> list[ProgrammeRow]:
    """The rows of these programmes, which the caller has scoped, in no order; one query for any number.

    ``days`` are those of their portfolio, or the book of all.
    """
    try:
        seen = programmes.order_by().values_list("pk", "name", "delivery_model", "ended_on").query.sql_with_params()
    except EmptyResultSet:  # nobody holds anything, so there is nothing to ask for
        return []
    today = local_date(now)
    reviews = reviews_open_at(now).filter(programme__in=_SEEN).order_by().values_list("programme")
    said, needing = _said(days)
    parts = {
        "seen": seen,
        "stage": _stages(),
        "said": said,
        "review": reviews.annotate(closes=Max("closes_at")).query.sql_with_params(),
        "assured": _assured(today),
        "overridden": _overridden(today),
        "needing": needing,
    }
    statement = _ROWS.format(**{name: sql for name, (sql, _) in parts.items()})
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in parts.values() for value in values])
        return [_row(*columns) for columns in cursor.fetchall()]


def worst_first(rows: list[ProgrammeRow]) -> list[ProgrammeRow]:
    """Those that need most attention first, those that have ended last; by name within."""
    return sorted(rows, key=lambda row: (bool(row.ended_on), *row.worst_first, row.name.casefold(), row.id))


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
def _said(days: AnyDays) -> tuple[tuple[str, tuple], tuple[str, tuple]]:
    return rollup_sql(_SEEN, days), needing_red_values(_SEEN, days).query.sql_with_params()


@lru_cache(maxsize=8)
def _assured(today: date) -> tuple[str, tuple]:
    return assurance_values(_SEEN, on=today).query.sql_with_params()


@lru_cache(maxsize=8)
def _overridden(today: date) -> tuple[str, tuple]:
    return override_values(_SEEN, on=today).query.sql_with_params()


@cache
def _address_of_programmes() -> str:
    some = UUID(int=0)
    return reverse("programme", args=[some]).removesuffix(f"{some}/")


def _row(
    pk: UUID,
    name: str,
    model: str,
    ended_on: date | None,
    red: int,
    amber: int,
    green: int,
    late: int,
    silent: int,
    withheld: int,
    not_due: int,
    exempt: int,
    reported_at: datetime | None,
    asks: int,
    closes_at: datetime | None,
    stage: str | None,
    stage_title: str | None,
    planned_start_on: date | None,
    planned_finish_on: date | None,
    started_on: date | None,
    scale: str | None,
    assured: str | None,
    assured_by: str,
    assured_on: date,
    expires_on: date,
    overridden: str | None,
    reason: str,
    period_on: date,
    overridden_by: str,
    providers_red: int,
) -> ProgrammeRow:
    rollup = Rollup(red, amber, green, late, silent, withheld, not_due, exempt)
    assurance = AssuranceRow(scale, assured, assured_by, assured_on, expires_on) if scale and assured else None
    override = OverrideRow(overridden, reason, period_on, overridden_by) if overridden else None
    planned_on = None if ended_on else next_planned_on(planned_start_on, planned_finish_on, started_on, None)
    return ProgrammeRow(
        pk,
        name,
        model,
        rollup,
        stands_for(rollup, assurance, override, ended_on),
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
        providers_red,
    )


def stands_for(
    rollup: Rollup, assurance: AssuranceRow | None, override: OverrideRow | None, ended_on: date | None
) -> Stands:
    """What stands for a programme whose workstreams add up to this."""
    own = Overall.ENDED if ended_on else rollup.overall
    return stands(own, assurance, override, is_whole=not rollup.unheard)
