"""What the workstreams of programmes said at earlier times, from what was known then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from partners.audit.queries import placed
from programmes.workstreams.enums import ASKS
from programmes.workstreams.queries.standing import ProgrammeRollup, Programmes
from programmes.workstreams.rules import ReportingDays, Rollup

# A workstream stands where it was before the first move that came later. Its closings before the present one are told
# by the events of its reopenings. The words of ``rules.standing_of`` are said a third time here, of what was known then.
#
# What few workstreams have (moves, exceptions, reopenings) is gathered once, and so are the reports ``since_at``: of many
# workstreams that is far cheaper than to look each of them up, which is done for the others. Ids stand in IN where a
# join of rows that no statistics tell of could be taken for a join of one.
_STATEMENT = """
WITH day AS (
    SELECT * FROM unnest(
        %s::int[], %s::date[], %s::timestamptz[], %s::date[], %s::timestamptz[], %s::bool[], %s::timestamptz[]
    ) AS day (n, day_on, known_at, last_on, last_deadline, is_in_grace, since_at)
), wanted (id) AS MATERIALIZED ({wanted}), here AS (
    SELECT id FROM programmes_workstream WHERE programme_id IN (SELECT id FROM wanted)
    UNION SELECT workstream_id FROM programmes_workstreammove WHERE from_programme_id IN (SELECT id FROM wanted)
    UNION SELECT l.provider_id FROM programmes_workstreamlink l JOIN programmes_workstream d ON d.id = l.dependant_id
        WHERE d.programme_id IN (SELECT id FROM wanted)
), gone AS MATERIALIZED (
    SELECT DISTINCT ON (day.n, move.workstream_id) day.n, move.workstream_id, move.from_programme_id
    FROM programmes_workstreammove move JOIN day ON move.recorded_at > day.known_at OR move.moved_on > day.day_on
    ORDER BY day.n, move.workstream_id, move.recorded_at, move.id
), excepted AS MATERIALIZED (
    SELECT DISTINCT ON (day.n, e.workstream_id) day.n, e.workstream_id, e.kind
    FROM programmes_reportingexception e JOIN day
        ON e.recorded_at <= day.known_at AND day.last_on BETWEEN e.from_on AND e.to_on
        AND (e.ended_at IS NULL OR e.ended_at > day.known_at OR e.ended_at >= day.last_deadline)
    ORDER BY day.n, e.workstream_id, e.recorded_at DESC, e.id
), kept_back AS MATERIALIZED (
    SELECT day.n, e.workstream_id, e.from_on, CASE WHEN e.ended_at <= day.known_at
        THEN least(e.to_on, (e.ended_at AT TIME ZONE 'Europe/London')::date - 1) ELSE e.to_on END AS to_on
    FROM programmes_reportingexception e JOIN day ON e.recorded_at <= day.known_at WHERE e.kind = 'withheld'
), reopened AS MATERIALIZED (
    SELECT day.n, act.subject_id AS workstream_id,
        max(act.happened_at) FILTER (WHERE act.happened_at <= day.known_at) AS happened_at,
        bool_or(act.happened_at > day.known_at AND (act.before ->> 'closed_at')::timestamptz <= day.known_at) AS was_closed
    FROM programmes_workstream w JOIN partners_auditevent act ON act.subject_id = w.id CROSS JOIN day
    WHERE w.reopened_at IS NOT NULL AND act.action = 'workstreams.reopen_workstream' GROUP BY day.n, act.subject_id
), lately AS MATERIALIZED (
    SELECT DISTINCT ON (day.n, workstream_id) day.n, workstream_id, period_on, rating, ask_kind,
        coalesce(original_reported_at, reported_at) AS said_at
    FROM day JOIN programmes_statusupdate ON reported_at > day.since_at AND reported_at <= day.known_at
    ORDER BY day.n, workstream_id, reported_at DESC, programmes_statusupdate.id DESC
), last AS (
    SELECT day.n, day.last_on, day.last_deadline, day.is_in_grace, w.id,
        coalesce(gone.from_programme_id, w.programme_id) AS programme_id, excepted.kind AS excepted,
        greatest(w.started_at, reopened.happened_at) AS began_at,
        coalesce(lately.period_on, earlier.period_on) AS period_on, coalesce(lately.rating, earlier.rating) AS rating,
        coalesce(lately.ask_kind, earlier.ask_kind) AS ask_kind, coalesce(lately.said_at, earlier.said_at) AS said_at
    FROM day CROSS JOIN here JOIN programmes_workstream w ON w.id = here.id
    LEFT JOIN gone ON gone.n = day.n AND gone.workstream_id = w.id
    LEFT JOIN excepted ON excepted.n = day.n AND excepted.workstream_id = w.id
    LEFT JOIN reopened ON reopened.n = day.n AND reopened.workstream_id = w.id
    LEFT JOIN lately ON lately.n = day.n AND lately.workstream_id = w.id
    LEFT JOIN LATERAL (
        SELECT period_on, rating, ask_kind, coalesce(original_reported_at, reported_at) AS said_at
        FROM programmes_statusupdate
        WHERE lately.n IS NULL AND workstream_id = w.id AND reported_at <= day.known_at
        ORDER BY reported_at DESC, id DESC LIMIT 1
    ) earlier ON true
    WHERE w.started_at <= day.known_at AND (w.closed_at IS NULL OR w.closed_at > day.known_at)
        AND reopened.was_closed IS NOT TRUE
), said AS MATERIALIZED (
    SELECT n, id, programme_id, said_at, ask_kind = ANY(%s) AS asks,
        CASE
            WHEN excepted IS NOT NULL THEN excepted
            WHEN period_on >= last_on AND id IN (SELECT workstream_id FROM kept_back) AND EXISTS (
                SELECT FROM kept_back k
                WHERE k.n = last.n AND k.workstream_id = last.id AND last.period_on BETWEEN k.from_on AND k.to_on
            ) THEN 'withheld'
            WHEN period_on >= last_on THEN rating
            WHEN began_at >= last_deadline THEN 'not_due'
            WHEN is_in_grace THEN 'late'
            ELSE 'silent'
        END AS shown
    FROM last
), waiting AS (
    SELECT day.n, link.dependant_id FROM programmes_workstreamlink link CROSS JOIN day
    WHERE link.recorded_at <= day.known_at AND (link.ended_at IS NULL OR link.ended_at > day.known_at)
        AND ((day.n, link.provider_id) IN (SELECT n, id FROM said WHERE shown = 'red')) IS TRUE
)
SELECT n, programme_id,
    count(*) FILTER (WHERE shown = 'red'), count(*) FILTER (WHERE shown = 'amber'),
    count(*) FILTER (WHERE shown = 'green'), count(*) FILTER (WHERE shown = 'late'),
    count(*) FILTER (WHERE shown = 'silent'), count(*) FILTER (WHERE shown = 'withheld'),
    count(*) FILTER (WHERE shown = 'not_due'), count(*) FILTER (WHERE shown = 'exempt'),
    max(said_at), count(*) FILTER (WHERE asks),
    count(*) FILTER (WHERE (n, id) IN (SELECT n, dependant_id FROM waiting))
FROM said WHERE programme_id IN (SELECT id FROM wanted) GROUP BY n, programme_id
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day looked back on: what was known at which time, and the reporting days about it."""

    on: date
    known_at: datetime
    days: ReportingDays


def rollups_at(
    programme_ids: Programmes, *, on: date, known_at: datetime, days: ReportingDays
) -> dict[UUID, ProgrammeRollup]:
    """``rollups_by_programme`` as at the end of a day; one query for any number."""
    return rollups_at_each(programme_ids, [Moment(on, known_at, days)])[0]


def rollups_at_each(programme_ids: Programmes, moments: Sequence[Moment]) -> list[dict[UUID, ProgrammeRollup]]:
    """``rollups_at`` for each of these times, in their order; one query for any number of both.

    Give few programmes as a collection of ids and many as a query of them: either is read in its own way.
    """
    found: list[dict[UUID, ProgrammeRollup]] = [{} for _ in moments]
    are_few = isinstance(programme_ids, Collection)
    if not moments or (are_few and not programme_ids):
        return found
    wanted, params = placed(programme_ids)
    values: list[Any] = [
        list(range(len(moments))),
        [one.on for one in moments],
        [one.known_at for one in moments],
        [one.days.last_on for one in moments],
        [one.days.last_deadline for one in moments],
        [one.days.is_in_grace for one in moments],
        [one.known_at if are_few else one.days.previous_deadline for one in moments],
        *params,
        [str(kind) for kind in ASKS],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT.format(wanted=wanted), values)
        for n, programme_id, *counts, reported_at, asks, needing in cursor.fetchall():
            found[n][programme_id] = ProgrammeRollup(programme_id, Rollup(*counts), reported_at, asks, needing)
    return found
