from collections.abc import Collection
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from programmes.scheduling.enums import GateResult, StageState
from programmes.scheduling.models import GateOutcome, Stage
from programmes.scheduling.rules import Gate, StageDates

_COLUMNS = (
    "id",
    "position",
    "kind",
    "title",
    "planned_start_on",
    "planned_finish_on",
    "started_on",
    "finished_on",
    "version",
    "is_active",
)


def stages_of(programme_ids: Collection[UUID] | QuerySet) -> dict[UUID, list[StageDates]]:
    """The stages of each programme in their order; one query, also when given a QuerySet of ids."""
    found: dict[UUID, list[StageDates]] = {}
    rows = Stage.objects.filter(programme__in=programme_ids).order_by("programme_id", "position")
    for programme_id, *columns in rows.values_list("programme_id", *_COLUMNS):
        found.setdefault(programme_id, []).append(StageDates(*columns))
    return found


def gates_of(programme_ids: Collection[UUID] | QuerySet) -> dict[UUID, list[Gate]]:
    """What was decided at the gate before each stage, by the stage's id, the one that counts first; one query."""
    titles = dict(GateResult.choices)
    found: dict[UUID, list[Gate]] = {}
    rows = GateOutcome.objects.filter(stage__programme__in=programme_ids)
    for row in rows.order_by("stage_id", "-decided_on", "-number"):
        found.setdefault(row.stage_id, []).append(
            Gate(
                stage_id=row.stage_id,
                number=row.number,
                result=row.result,
                title=titles[row.result],
                conditions=row.conditions,
                decided_on=row.decided_on,
                decision_id=row.decision_id,
                office_title=row.office_title,
                holder_name=row.holder_name,
                recorded_at=row.recorded_at,
            )
        )
    return found


def current_stage_values(programme_ids: Collection[UUID] | QuerySet | RawSQL) -> QuerySet:
    """``programme_id`` and what ``StageDates`` holds of the stage that each programme is in.

    The first that is not finished, as ``rules.current_stage`` says; no row when all are.
    """
    unfinished = Stage.objects.filter(programme__in=programme_ids, finished_on=None, is_active=True)
    rows = unfinished.order_by("programme_id", "position").distinct("programme_id")
    return rows.values_list("programme_id", *_COLUMNS)


def current_stage_kind(programme: str = "pk") -> Coalesce:
    """For ``annotate``: the kind of the first stage that is not finished, ``finished`` when all are.

    ``programme`` names the programme's id in the outer query. The rule in SQL; ``rules.current_stage`` in Python.
    """
    unfinished = Stage.objects.filter(programme=OuterRef(programme), finished_on=None, is_active=True)
    return Coalesce(Subquery(unfinished.order_by("position").values("kind")[:1]), Value(StageState.FINISHED))
