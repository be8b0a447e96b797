from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, Expression, F, Max, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from partners.people.models import User
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.enums import ASKS, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.rules import (
    ReportingDays,
    Rollup,
    Standing,
    words_for_ago,
    words_for_standing,
)

Programmes = Collection[UUID] | QuerySet | RawSQL
WORST_FIRST = ["red", "silent", "amber", "not_due", "green", "closed"]


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
    """What the open workstreams of one programme say, when one of them last reported, and how many ask for something."""

    programme_id: UUID
    rollup: Rollup
    last_reported_at: datetime | None
    asks: int = 0


def workstreams_visible_to(user: User) -> QuerySet[Workstream]:
    """Workstreams of the programmes that the person may see, with programme, scope and lead. Unordered."""
    return Workstream.objects.select_related("programme__scope", "lead").filter(
        programme__in=programmes_visible_to(user).order_by().values("pk")
    )


def with_standing(workstreams: QuerySet, days: ReportingDays) -> QuerySet:
    """Adds ``standing`` and ``shown`` (the rating of one that reported, else its standing).

    ``rules.standing_of`` in SQL, from the workstream's own row: no history is read.
    """
    reported, not_due = _reported(days), _not_due(days)

    def case(rating: Expression | F) -> Case:
        return Case(
            When(closed_at__isnull=False, then=Value(Standing.CLOSED.value)),
            When(reported, then=rating),
            When(not_due, then=Value(Standing.NOT_DUE.value)),
            default=Value(Standing.SILENT.value),
            output_field=CharField(),
        )

    found: QuerySet = workstreams.annotate(
        standing=case(Value(Standing.REPORTED.value)), shown=case(F("current_rating"))
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
    """Off track, silent, at risk, not due yet, on track, closed; by name within each. Needs ``with_standing``."""
    place = Case(*[When(shown=shown, then=Value(n)) for n, shown in enumerate(WORST_FIRST)])
    return workstreams.order_by(place, "name", "pk")


def workstream_rows(workstreams: Iterable[Workstream], *, now: datetime) -> list[WorkstreamRow]:
    """The rows of workstreams read by ``with_standing``, in their order; no query."""
    return [_row(workstream, now) for workstream in workstreams]


def workstreams_of(programme_id: UUID, *, days: ReportingDays, now: datetime) -> list[WorkstreamRow]:
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
        "standing",
        "closed_at",
        "version",
        programme_name=F("programme__name"),
        lead_name=F("lead__name"),
        rating=Case(When(standing=Standing.REPORTED.value, then=F("current_rating")), output_field=CharField()),
        last_rating=F("current_rating"),
        last_reported_at=F("current_reported_at"),
        ask_kind=F("current_ask_kind"),
    )


def rollup_values(programme_ids: Programmes, days: ReportingDays) -> QuerySet:
    """Counts of the open workstreams of each programme by what they show, their newest report and their open asks.

    Plain values by programme, unordered. A programme without open workstreams has no row. The caller has scoped them.
    """
    reported, not_due = _reported(days), _not_due(days)
    return (
        Workstream.objects.filter(programme__in=programme_ids, closed_at=None)
        .order_by()
        .values("programme_id")
        .annotate(
            red=Count("pk", filter=reported & Q(current_rating=Rating.RED)),
            amber=Count("pk", filter=reported & Q(current_rating=Rating.AMBER)),
            green=Count("pk", filter=reported & Q(current_rating=Rating.GREEN)),
            silent=Count("pk", filter=~reported & ~not_due),
            not_due=Count("pk", filter=~reported & not_due),
            last_reported_at=Max("current_reported_at"),
            asks=Count("pk", filter=Q(current_ask_kind__in=ASKS)),
        )
    )


def rollups_by_programme(programme_ids: Programmes, days: ReportingDays) -> dict[UUID, ProgrammeRollup]:
    """What the open workstreams of each programme say; one query, also when given a QuerySet of ids.

    A programme without open workstreams has no row. The caller has scoped the programmes.
    """
    return {
        row["programme_id"]: ProgrammeRollup(
            programme_id=row["programme_id"],
            rollup=Rollup(
                red=row["red"],
                amber=row["amber"],
                green=row["green"],
                silent=row["silent"],
                not_due=row["not_due"],
            ),
            last_reported_at=row["last_reported_at"],
            asks=row["asks"],
        )
        for row in rollup_values(programme_ids, days)
    }


def _reported(days: ReportingDays) -> Q:
    return Q(current_reported_at__gt=days.previous_deadline)


def _not_due(days: ReportingDays) -> Q:
    """Of those that have not reported."""
    return Q(started_at__gte=days.last_deadline) | Q(reopened_at__gte=days.last_deadline)


def words_for_row(workstream: Workstream, now: datetime) -> str:
    """What stands beside its mark; needs ``with_standing``."""
    return words_for_standing(
        workstream.standing,
        last_rating=workstream.get_current_rating_display(),
        reported_at=workstream.current_reported_at,
        now=now,
    )


def last_said(workstream: Workstream, now: datetime) -> str:
    """Reads "At risk, 6 days ago" or "nothing yet"."""
    if workstream.current_reported_at is None:
        return "nothing yet"
    return f"{workstream.get_current_rating_display()}, {words_for_ago(workstream.current_reported_at, now)}"


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
