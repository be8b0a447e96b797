"""A programme in one line: its stage, what its workstreams say together, what it asks for, its review."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from partners.clock.rules import local_date
from programmes.overview.rules import words_for_stage
from programmes.register.enums import DeliveryModel
from programmes.reviews.queries import reviews_open_at
from programmes.scheduling.queries import current_stages
from programmes.scheduling.rules import StageDates, is_late
from programmes.workstreams.queries import ProgrammeRollup, rollups_by_programme
from programmes.workstreams.rules import Overall, ReportingDays, Rollup, words_for_ago

_MODEL_LABELS = dict(DeliveryModel.choices)


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
    """The rows of these programmes, which the caller has scoped, in no order; three queries for any number."""
    ids, today = programmes.order_by().values("pk"), local_date(now)
    stages, rollups = current_stages(ids), rollups_by_programme(ids, days)
    open_reviews = reviews_open_at(now).filter(programme=OuterRef("pk")).order_by("-closes_at", "pk")
    found = programmes.order_by().annotate(review_closes_at=Subquery(open_reviews.values("closes_at")[:1]))
    rows = []
    for pk, name, delivery_model, closes_at in found.values_list("pk", "name", "delivery_model", "review_closes_at"):
        stage, said = stages.get(pk), rollups.get(pk) or ProgrammeRollup(pk, Rollup(), None)
        rows.append(
            ProgrammeRow(
                id=pk,
                name=name,
                delivery_model=delivery_model,
                stage=stage,
                is_late=stage is not None and is_late(stage, today),
                rollup=said.rollup,
                overall=said.rollup.overall,
                last_reported_at=said.last_reported_at,
                asks=said.asks,
                review_closes_at=closes_at,
            )
        )
    return rows


def worst_first(rows: list[ProgrammeRow]) -> list[ProgrammeRow]:
    """Those that need most attention first; by name within."""
    return sorted(rows, key=lambda row: (*row.rollup.worst_first, row.name.casefold(), row.id))
