"""What the workstreams of programmes said at earlier times, from what was known then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from programmes.workstreams.enums import ASKS
from programmes.workstreams.queries.standing import ProgrammeRollup
from programmes.workstreams.rules import ReportingDays, Rollup

# A workstream stands where it was before the first move that came later. Its closings before the present one are told
# by the events of its reopenings. The words of ``rules.standing_of`` are said a third time here, of what was known then.
_STATEMENT = """
WITH day AS (
    SELECT * FROM unnest(%s::int[], %s::date[], %s::timestamptz[], %s::date[], %s::timestamptz[], %s::bool[])
        AS day (n, day_on, known_at, last_on, last_deadline, is_in_grace)
), here AS (
    SELECT id FROM programmes_workstream WHERE programme_id = ANY(%s::uuid[])
    UNION SELECT workstream_id FROM programmes_workstreammove WHERE from_programme_id = ANY(%s::uuid[])
    UNION SELECT l.provider_id FROM programmes_workstreamlink l JOIN programmes_workstream d ON d.id = l.dependant_id
        WHERE d.programme_id = ANY(%s::uuid[])
), said AS (
    SELECT day.n, w.id, coalesce(gone.from_programme_id, w.programme_id) AS programme_id, last.said_at,
        last.ask_kind = ANY(%s) AS asks,
        CASE
            WHEN excepted.kind IS NOT NULL THEN excepted.kind
            WHEN last.period_on >= day.last_on AND kept_back.so THEN 'withheld'
            WHEN last.period_on >= day.last_on THEN last.rating
            WHEN greatest(w.started_at, reopened.happened_at) >= day.last_deadline THEN 'not_due'
            WHEN day.is_in_grace THEN 'late'
            ELSE 'silent'
        END AS shown
    FROM day CROSS JOIN here JOIN programmes_workstream w ON w.id = here.id
    LEFT JOIN LATERAL (
        SELECT from_programme_id FROM programmes_workstreammove
        WHERE workstream_id = w.id AND (recorded_at > day.known_at OR moved_on > day.day_on)
        ORDER BY recorded_at, id LIMIT 1
    ) gone ON true
    LEFT JOIN LATERAL (
        SELECT kind FROM programmes_reportingexception
        WHERE workstream_id = w.id AND recorded_at <= day.known_at AND day.last_on BETWEEN from_on AND to_on
            AND (ended_at IS NULL OR ended_at > day.known_at OR ended_at >= day.last_deadline)
        ORDER BY recorded_at DESC LIMIT 1
    ) excepted ON true
    LEFT JOIN LATERAL (
        SELECT period_on, rating, ask_kind, coalesce(original_reported_at, reported_at) AS said_at
        FROM programmes_statusupdate
        WHERE workstream_id = w.id AND reported_at <= day.known_at ORDER BY reported_at DESC, id DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT true AS so FROM programmes_reportingexception
        WHERE workstream_id = w.id AND recorded_at <= day.known_at AND kind = 'withheld'
            AND last.period_on BETWEEN from_on AND to_on
            AND (ended_at IS NULL OR ended_at > day.known_at OR ended_at >= (last.period_on + 1)::timestamp AT TIME ZONE 'Europe/London')
        LIMIT 1
    ) kept_back ON true
    LEFT JOIN LATERAL (
        SELECT max(happened_at) AS happened_at FROM partners_auditevent
        WHERE w.reopened_at IS NOT NULL AND subject_id = w.id AND happened_at <= day.known_at
            AND action = 'workstreams.reopen_workstream'
    ) reopened ON true
    WHERE w.started_at <= day.known_at AND (w.closed_at IS NULL OR w.closed_at > day.known_at) AND NOT (
        w.reopened_at IS NOT NULL AND w.reopened_at > day.known_at AND EXISTS (
            SELECT FROM partners_auditevent
            WHERE subject_id = w.id AND action = 'workstreams.reopen_workstream' AND happened_at > day.known_at
                AND (before ->> 'closed_at')::timestamptz <= day.known_at
        )
    )
), needing AS (
    SELECT dependant.n, dependant.programme_id, count(DISTINCT dependant.id) AS counted
    FROM programmes_workstreamlink link JOIN day ON true
    JOIN said dependant ON dependant.n = day.n AND dependant.id = link.dependant_id
    JOIN said provider ON provider.n = day.n AND provider.id = link.provider_id AND provider.shown = 'red'
    WHERE link.recorded_at <= day.known_at AND (link.ended_at IS NULL OR link.ended_at > day.known_at)
    GROUP BY dependant.n, dependant.programme_id
)
SELECT n, programme_id,
    count(*) FILTER (WHERE shown = 'red'), count(*) FILTER (WHERE shown = 'amber'),
    count(*) FILTER (WHERE shown = 'green'), count(*) FILTER (WHERE shown = 'late'),
    count(*) FILTER (WHERE shown = 'silent'), count(*) FILTER (WHERE shown = 'withheld'),
    count(*) FILTER (WHERE shown = 'not_due'), count(*) FILTER (WHERE shown = 'exempt'),
    max(said_at), count(*) FILTER (WHERE asks), coalesce(max(needing.counted), 0)
FROM said LEFT JOIN needing USING (n, programme_id) WHERE programme_id = ANY(%s::uuid[]) GROUP BY n, programme_id
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day looked back on: what was known at which time, and the reporting days about it."""

    on: date
    known_at: datetime
    days: ReportingDays


def rollups_at(
    programme_ids: Collection[UUID], *, on: date, known_at: datetime, days: ReportingDays
) -> dict[UUID, ProgrammeRollup]:
    """``rollups_by_programme`` as at the end of a day; one query for any number."""
    return rollups_at_each(programme_ids, [Moment(on, known_at, days)])[0]


def rollups_at_each(programme_ids: Collection[UUID], moments: Sequence[Moment]) -> list[dict[UUID, ProgrammeRollup]]:
    """``rollups_at`` for each of these times, in their order; one query for any number of both."""
    ids = list(programme_ids)
    found: list[dict[UUID, ProgrammeRollup]] = [{} for _ in moments]
    if not ids or not moments:
        return found
    values: list[Any] = [
        list(range(len(moments))),
        [one.on for one in moments],
        [one.known_at for one in moments],
        [one.days.last_on for one in moments],
        [one.days.last_deadline for one in moments],
        [one.days.is_in_grace for one in moments],
        ids,
        ids,
        ids,
        [str(kind) for kind in ASKS],
        ids,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, values)
        for n, programme_id, *counts, reported_at, asks, needing in cursor.fetchall():
            found[n][programme_id] = ProgrammeRollup(programme_id, Rollup(*counts), reported_at, asks, needing)
    return found
