from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When

from programmes.workstreams.enums import ASKS, Ask, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.queries.exceptions import excepted_days
from programmes.workstreams.queries.standing import Programmes
from programmes.workstreams.rules import ReportingRule, Said, TrendMark, trend_of

TREND_LENGTH = 12
MOST_IN_TREND = 300


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """What the author of a workstream's latest update needs from above."""

    update_id: UUID
    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    kind: Ask
    text: str
    reported_at: datetime
    reported_by: str


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """A published update that no correction has superseded."""

    id: UUID
    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    rating: Rating
    changed: str
    reported_at: datetime
    reported_by: str
    is_correction: bool


def asks_open(programme_ids: Programmes, *, limit: int | None = None) -> list[OpenAsk]:
    """What open workstreams need from above by their latest update, the oldest first, at most ``limit``; one query."""
    found = Workstream.objects.filter(programme__in=programme_ids, closed_at=None, current_ask_kind__in=ASKS)
    rows: QuerySet = found.order_by("current_reported_at", "pk").values(
        "programme_id",
        update_id=F("current_update_id"),
        workstream_id=F("pk"),
        workstream_name=F("name"),
        programme_name=F("programme__name"),
        kind=F("current_ask_kind"),
        text=F("current_update__ask"),
        reported_at=F("current_reported_at"),
        reported_by=F("current_update__reported_by__name"),
    )
    return [OpenAsk(**row | {"kind": Ask(row["kind"])}) for row in rows[:limit]]


def recent_updates(programme_ids: Programmes, since: datetime, *, limit: int = 50) -> list[UpdateRow]:
    """Updates from ``since`` (inclusive), newest first, at most ``limit``; one query."""
    found = (
        StatusUpdate.objects.filter(workstream__programme__in=programme_ids, reported_at__gte=since)
        .alias(is_superseded=_is_superseded())
        .filter(is_superseded=False)
        .select_related("workstream__programme", "reported_by")
        .order_by("-reported_at", "-pk")[:limit]
    )
    return [
        UpdateRow(
            id=update.pk,
            workstream_id=update.workstream_id,
            workstream_name=update.workstream.name,
            programme_id=update.workstream.programme_id,
            programme_name=update.workstream.programme.name,
            rating=Rating(update.rating),
            changed=update.changed,
            reported_at=update.reported_at,
            reported_by=update.reported_by.name,
            is_correction=update.supersedes_id is not None,
        )
        for update in found
    ]


def latest_update_of(workstream_id: UUID) -> StatusUpdate | None:
    """The update that stands, with its author; read from the workstream's own row."""
    return StatusUpdate.objects.filter(current_for=workstream_id).select_related("reported_by").first()


def updates_of(workstream_id: UUID) -> QuerySet[StatusUpdate]:
    """Every update with its author, corrected ones too, newest first."""
    found = StatusUpdate.objects.filter(workstream_id=workstream_id).select_related("reported_by", "superseded_by")
    return found.order_by("-reported_at", "-pk")


def standing_updates_of(workstream_id: UUID) -> QuerySet[StatusUpdate]:
    """Updates that no correction has superseded, newest first, with their author."""
    found = StatusUpdate.objects.filter(workstream_id=workstream_id, superseded_by__isnull=True)
    return found.select_related("reported_by").order_by("-reported_at", "-pk")


def corrected_by(updates: Collection[StatusUpdate]) -> dict[UUID, list[StatusUpdate]]:
    """What these updates of one workstream correct, by their id, the latest first; at most one query."""
    corrections = [update for update in updates if update.supersedes_id]
    if not corrections:
        return {}
    # Only the latest update can be corrected, so a chain lies between the first report and its last correction.
    wrong = StatusUpdate.objects.filter(
        workstream_id=corrections[0].workstream_id,
        superseded_by__isnull=False,
        reported_at__gte=min(update.said_at for update in corrections),
        reported_at__lte=max(update.reported_at for update in corrections),
    )
    known = {update.pk: update for update in wrong.select_related("reported_by").order_by("pk")}
    return {update.pk: _chain(update, known) for update in corrections}


def trend(workstream: Workstream, rule: ReportingRule, now: datetime) -> list[TrendMark]:
    """What it showed for the last reporting days and since, oldest first; two queries."""
    days = rule.latest(now, over=TREND_LENGTH + 1)
    found = standing_updates_of(workstream.pk).filter(period_on__gt=days[0])[:MOST_IN_TREND]
    return trend_of(
        [Said(update.rating, update.said_at, update.period_on, update.is_late) for update in found],
        days,
        now=now,
        grace_after=rule.grace_after,
        excepted=excepted_days(workstream),
        started_at=workstream.started_at,
        reopened_at=workstream.reopened_at,
        closed_at=workstream.closed_at,
    )


def update_in(workstream: Workstream, update_id: UUID) -> StatusUpdate | None:
    """The update with its author, if it is one of this workstream's."""
    return StatusUpdate.objects.filter(workstream=workstream, pk=update_id).select_related("reported_by").first()


def _is_superseded() -> Case:
    """Asked row by row of the few that are read: as a join it would be asked of the whole history first."""
    correction = StatusUpdate.objects.filter(supersedes=OuterRef("pk"))
    return Case(When(Exists(correction), then=Value(True)), default=Value(False))


def _chain(update: StatusUpdate, known: dict[UUID, StatusUpdate]) -> list[StatusUpdate]:
    found: list[StatusUpdate] = []
    while update.supersedes_id:
        update = known[update.supersedes_id]
        found.append(update)
    return found
