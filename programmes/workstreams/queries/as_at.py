"""What the workstreams of programmes said at an earlier time, from what was known then."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from programmes.workstreams.enums import ASKS
from programmes.workstreams.models import StatusUpdate, Workstream, WorkstreamMove
from programmes.workstreams.queries.standing import ProgrammeRollup
from programmes.workstreams.rules import ReportingDays, Standing, rollup_of, standing_of


def rollups_at(
    programme_ids: Collection[UUID], *, on: date, known_at: datetime, days: ReportingDays
) -> dict[UUID, ProgrammeRollup]:
    """``rollups_by_programme`` as at the end of a day; three queries for any number.

    A workstream stands where it was before the first move that came later. One that was closed and reopened since
    counts as open throughout.
    """
    places = _places(programme_ids, on=on, known_at=known_at)
    latest = {
        row.workstream_id: row
        for row in StatusUpdate.objects.filter(workstream__in=places, reported_at__lte=known_at)
        .order_by("workstream_id", "-reported_at", "-pk")
        .distinct("workstream_id")
    }
    shown: dict[UUID, list[str]] = defaultdict(list)
    reported: dict[UUID, list[datetime]] = defaultdict(list)
    asks: dict[UUID, int] = defaultdict(int)
    rows = Workstream.objects.filter(pk__in=places, started_at__lte=known_at).order_by("pk")
    for row in rows.filter(Q(closed_at=None) | Q(closed_at__gt=known_at)):
        programme_id, said = places[row.pk], latest.get(row.pk)
        reopened_at = row.reopened_at if row.reopened_at and row.reopened_at <= known_at else None
        standing = standing_of(
            started_at=row.started_at,
            reported_at=said.said_at if said else None,
            days=days,
            reopened_at=reopened_at,
        )
        shown[programme_id].append(said.rating if said and standing == Standing.REPORTED else standing.value)
        if said:
            reported[programme_id].append(said.said_at)
            asks[programme_id] += said.ask_kind in ASKS
    return {
        programme_id: ProgrammeRollup(
            programme_id=programme_id,
            rollup=rollup_of(marks),
            last_reported_at=max(reported[programme_id], default=None),
            asks=asks[programme_id],
        )
        for programme_id, marks in shown.items()
    }


def _places(programme_ids: Collection[UUID], *, on: date, known_at: datetime) -> dict[UUID, UUID]:
    """The programme of each workstream that was in one of these."""
    wanted = set(programme_ids)
    later = WorkstreamMove.objects.filter(Q(recorded_at__gt=known_at) | Q(moved_on__gt=on))
    before = dict(
        later.order_by("workstream_id", "recorded_at", "pk")
        .distinct("workstream_id")
        .values_list("workstream_id", "from_programme_id")
    )
    here = Workstream.objects.filter(Q(programme__in=wanted) | Q(pk__in=before)).order_by("pk")
    places = {pk: before.get(pk, programme_id) for pk, programme_id in here.values_list("pk", "programme_id")}
    return {pk: programme_id for pk, programme_id in places.items() if programme_id in wanted}
