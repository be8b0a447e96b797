from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from programmes.scheduling.enums import StageState
from programmes.scheduling.models import Stage, StageDateMove
from programmes.scheduling.rules import StageDates

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
    for programme_id, *columns in _rows(programme_ids):
        found.setdefault(programme_id, []).append(StageDates(*columns))
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


def stages_known_at(
    programme_ids: Collection[UUID] | QuerySet, *, on: date, known_at: datetime
) -> dict[UUID, list[StageDates]]:
    """``stages_of`` as at a day: steps taken by ``on``, planned days as they were known at ``known_at``; two queries.

    A planned day is the one that the first later move moved it from. Titles, and which stages are skipped, are those
    of today.
    """
    moves = StageDateMove.objects.filter(stage__programme__in=programme_ids, recorded_at__gt=known_at)
    first = moves.order_by("stage_id", "is_finish", "pk").distinct("stage_id", "is_finish")
    known = {(stage, is_finish): day for stage, is_finish, day in first.values_list("stage_id", "is_finish", "from_on")}
    found: dict[UUID, list[StageDates]] = {}
    for programme_id, pk, position, kind, title, start, finish, started, finished, *others in _rows(programme_ids):
        found.setdefault(programme_id, []).append(
            StageDates(
                pk,
                position,
                kind,
                title,
                known.get((pk, False), start),
                known.get((pk, True), finish),
                started if started and started <= on else None,
                finished if finished and finished <= on else None,
                *others,
            )
        )
    return found


def moves_of_stage(stage_id: UUID) -> QuerySet[StageDateMove]:
    """Every planned day of a stage that moved, with who moved it, the latest first."""
    return StageDateMove.objects.filter(stage=stage_id).select_related("recorded_by").order_by("-pk")


def _rows(programme_ids: Collection[UUID] | QuerySet) -> QuerySet:
    """The programme of each stage, then ``_COLUMNS``."""
    rows = Stage.objects.filter(programme__in=programme_ids, replaced_at=None).order_by("programme_id", "position")
    return rows.values_list("programme_id", *_COLUMNS)
