from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Count, Expression, F, Max, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from partners.people.models import User
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.enums import ASKS, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.rules import (
    ReportingBook,
    ReportingDays,
    Rollup,
    Standing,
    covers,
    owes,
    period_for,
    words_for_ago,
    words_for_standing,
)

Programmes = Collection[UUID] | QuerySet | RawSQL
AnyDays = ReportingDays | ReportingBook
WORST_FIRST = ["red", "silent", "late", "withheld", "amber", "not_due", "exempt", "green", "closed"]
_PIVOT = """
SELECT programme_id,
    coalesce(sum(counted) FILTER (WHERE shown = 'red'), 0)::int AS red,
    coalesce(sum(counted) FILTER (WHERE shown = 'amber'), 0)::int AS amber,
    coalesce(sum(counted) FILTER (WHERE shown = 'green'), 0)::int AS green,
    coalesce(sum(counted) FILTER (WHERE shown = 'late'), 0)::int AS late,
    coalesce(sum(counted) FILTER (WHERE shown = 'silent'), 0)::int AS silent,
    coalesce(sum(counted) FILTER (WHERE shown = 'withheld'), 0)::int AS withheld,
    coalesce(sum(counted) FILTER (WHERE shown = 'not_due'), 0)::int AS not_due,
    coalesce(sum(counted) FILTER (WHERE shown = 'exempt'), 0)::int AS exempt,
    max(newest) AS last_reported_at, sum(asks)::int AS asks
FROM ({counts}) AS said (programme_id, shown, counted, newest, asks) GROUP BY programme_id
"""


@dataclass(frozen=True, slots=True)
class WorkstreamRow:
    """A workstream as lists show it. ``shown`` is its rating if it reported, else its standing; ``words`` the rest."""

    id: UUID
    name: str
    programme_id: UUID
    programme_name: str
    lead_name: str | None
    standing: Standing
    shown: str
    words: str
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProgrammeRollup:
    """What the open workstreams of one programme say, when one of them last reported, and how many ask for something.

    ``needing_red`` is told as at an earlier day; of now ``needing_red_values`` tells it.
    """

    programme_id: UUID
    rollup: Rollup
    last_reported_at: datetime | None
    asks: int = 0
    needing_red: int = 0


def workstreams_visible_to(user: User) -> QuerySet[Workstream]:
    """Workstreams of the programmes that the person may see, with programme, scope and lead. Unordered."""
    return Workstream.objects.select_related("programme__scope", "lead").filter(
        programme__in=programmes_visible_to(user).order_by().values("pk")
    )


def with_standing(workstreams: QuerySet, days: AnyDays) -> QuerySet:
    """Adds ``standing`` and ``shown`` (the rating of one that reported, else its standing).

    ``rules.standing_of`` in SQL, from the workstream's own row: no history is read.
    """
    reported = Value(Standing.REPORTED.value)
    found: QuerySet = workstreams.annotate(
        standing=_in_each_portfolio(days, lambda these: _case(these, reported)), shown=_shown(days)
    )
    return found


def narrowed(workstreams: QuerySet, *, show: str = "open", text: str = "") -> QuerySet:
    """Those that show a rating or standing ("open" for all that are not closed, "all" for every one) and hold every
    word of ``text`` in their name or their lead's. Needs ``with_standing``."""
    for word in text.split():
        workstreams = workstreams.filter(Q(name__icontains=word) | Q(lead__name__icontains=word))
    if show == "all":
        return workstreams
    return workstreams.filter(closed_at=None) if show == "open" else workstreams.filter(shown=show)


def worst_first(workstreams: QuerySet) -> QuerySet:
    """Off track, silent, late, withheld, at risk, not due yet, exempt, on track, closed; by name within each. Needs
    ``with_standing``."""
    place = Case(*[When(shown=shown, then=Value(n)) for n, shown in enumerate(WORST_FIRST)])
    return workstreams.order_by(place, "name", "pk")


def workstream_rows(workstreams: Iterable[Workstream], *, now: datetime) -> list[WorkstreamRow]:
    """The rows of workstreams read by ``with_standing``, in their order; no query."""
    return [_row(workstream, now) for workstream in workstreams]


def workstreams_of(programme_id: UUID, *, days: AnyDays, now: datetime) -> list[WorkstreamRow]:
    """The open workstreams of a programme, worst first; one query. The caller has scoped the programme."""
    found = Workstream.objects.filter(programme_id=programme_id, closed_at=None).select_related("programme", "lead")
    return workstream_rows(worst_first(with_standing(found, days)), now=now)


def workstream_values(workstreams: QuerySet) -> QuerySet:
    """Plain values for the API in one query. ``rating`` is empty unless reported; needs ``with_standing``."""
    return workstreams.values(
        "id",
        "name",
        "programme",
        "lead",
        "reviewer",
        "standing",
        "closed_at",
        "version",
        programme_name=F("programme__name"),
        lead_name=F("lead__name"),
        reviewer_name=F("reviewer__name"),
        rating=Case(When(standing=Standing.REPORTED.value, then=F("current_rating")), output_field=CharField()),
        last_rating=Case(When(_kept_back(), then=None), default=F("current_rating"), output_field=CharField()),
        last_reported_at=F("current_reported_at"),
        ask_kind=F("current_ask_kind"),
    )


def rollup_sql(programme_ids: Programmes, days: AnyDays) -> tuple[str, tuple]:
    """A statement with the counts of the open workstreams of each programme by what they show, their newest report and
    their open asks; and its parameters."""
    found: QuerySet = Workstream.objects.filter(programme__in=programme_ids, closed_at=None)
    counts = (
        found.annotate(shown=_shown(days))
        .order_by()
        .values_list("programme_id", "shown")
        .annotate(
            counted=Count("pk"),
            newest=Max("current_reported_at"),
            asks=Count("pk", filter=Q(current_ask_kind__in=ASKS)),
        )
    )
    sql, values = counts.query.sql_with_params()
    return _PIVOT.format(counts=sql), values


def rollups_by_programme(programme_ids: Programmes, days: AnyDays) -> dict[UUID, ProgrammeRollup]:
    """What the open workstreams of each programme say; one query, also when given a QuerySet of ids.

    A programme without open workstreams has no row. The caller has scoped the programmes.
    """
    try:
        statement, values = rollup_sql(programme_ids, days)
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {
            programme_id: ProgrammeRollup(programme_id, Rollup(*counts), newest, asks)
            for programme_id, *counts, newest, asks in cursor.fetchall()
        }


def shows_red(days: AnyDays, prefix: str = "") -> Q:
    """An open workstream at the end of this path that shows red. For filters that join no many rows."""

    def red(these: ReportingDays) -> Q:
        rated = Q(**{f"{prefix}current_rating": Rating.RED}) & _reported(these, prefix)
        return rated & _not_covered(these, prefix) & ~_kept_back(prefix)

    is_open = Q(**{f"{prefix}closed_at__isnull": True})
    if isinstance(days, ReportingDays) or not days.groups:
        return is_open & red(days if isinstance(days, ReportingDays) else days.usual_days)
    place = f"{prefix}programme__scope__parent__in"
    chosen = [scope for _, scopes in days.groups for scope in scopes]
    found = ~Q(**{place: chosen}) & red(days.usual_days)
    for these, scopes in days.groups:
        found |= Q(**{place: scopes}) & red(these)
    return is_open & found


def period_to_report(workstream: Workstream, days: ReportingDays, now: datetime) -> tuple[date, bool]:
    """The reporting day that a report made now reports for, and whether it is late; no query."""
    owes_last = owes(days, started_at=workstream.started_at, reopened_at=workstream.reopened_at)
    is_excepted = covers(workstream.exception_from_on, workstream.exception_to_on, days.last_on)
    return period_for(days, workstream.current_period_on, now, owes_last=owes_last and not is_excepted)


def _shown(days: AnyDays) -> Case:
    return _in_each_portfolio(days, lambda these: _case(these, F("current_rating")))


def _in_each_portfolio(days: AnyDays, case: Callable[[ReportingDays], Case]) -> Case:
    if isinstance(days, ReportingDays):
        return case(days)
    if not days.groups:
        return case(days.usual_days)
    return Case(
        *[When(programme__scope__parent__in=scopes, then=case(these)) for these, scopes in days.groups],
        default=case(days.usual_days),
        output_field=CharField(),
    )


def _case(days: ReportingDays, reported: Expression | F) -> Case:
    return Case(
        When(closed_at__isnull=False, then=Value(Standing.CLOSED.value)),
        When(exception_from_on__lte=days.last_on, exception_to_on__gte=days.last_on, then=F("exception_kind")),
        When(_reported(days) & _kept_back(), then=Value(Standing.WITHHELD.value)),
        When(_reported(days), then=reported),
        When(
            Q(started_at__gte=days.last_deadline) | Q(reopened_at__gte=days.last_deadline),
            then=Value(Standing.NOT_DUE.value),
        ),
        default=Value((Standing.LATE if days.is_in_grace else Standing.SILENT).value),
        output_field=CharField(),
    )


def _reported(days: ReportingDays, prefix: str = "") -> Q:
    return Q(**{f"{prefix}current_period_on__gte": days.last_on})


def _kept_back(prefix: str = "") -> Q:
    """Its rating is of a reporting day for which ratings are withheld."""
    return Q(**{f"{prefix}current_is_withheld": True})


def _not_covered(days: ReportingDays, prefix: str) -> Q:
    return (
        Q(**{f"{prefix}exception_from_on__isnull": True})
        | Q(**{f"{prefix}exception_from_on__gt": days.last_on})
        | Q(**{f"{prefix}exception_to_on__lt": days.last_on})
    )


def words_for_row(workstream: Workstream, now: datetime) -> str:
    """What stands beside its mark; needs ``with_standing``."""
    return words_for_standing(
        workstream.standing,
        last_rating=_last_rating(workstream),
        reported_at=workstream.current_reported_at,
        now=now,
    )


def last_said(workstream: Workstream, now: datetime) -> str:
    """Reads "At risk, 6 days ago" or "nothing yet"."""
    if workstream.current_reported_at is None:
        return "nothing yet"
    return f"{_last_rating(workstream)}, {words_for_ago(workstream.current_reported_at, now)}"


def _last_rating(workstream: Workstream) -> str:
    return "withheld" if workstream.current_is_withheld else str(workstream.get_current_rating_display())


def _row(workstream: Workstream, now: datetime) -> WorkstreamRow:
    standing = Standing(workstream.standing)
    return WorkstreamRow(
        id=workstream.pk,
        name=workstream.name,
        programme_id=workstream.programme_id,
        programme_name=workstream.programme.name,
        lead_name=workstream.lead.name if workstream.lead else None,
        standing=standing,
        shown=workstream.shown,
        words=words_for_row(workstream, now),
        reported_at=workstream.current_reported_at,
    )
