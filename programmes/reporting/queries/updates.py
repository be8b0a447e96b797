from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from partners.clock.rules import words_for_date
from programmes.reporting.models import StatusAcknowledgement, StatusAnswer, StatusContradiction, StatusStep
from programmes.reporting.rules import DIMENSIONS, Ratings
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.queries import are_withheld
from programmes.workstreams.rules import Excepted

IN_ORDER = (
    Prefetch("steps", queryset=StatusStep.objects.order_by("position")),
    Prefetch("contradictions", queryset=StatusContradiction.objects.order_by("pk")),
)
READ_WITH = (
    "reported_by",
    "path_owner",
    "superseded_by",
    "acknowledgement__acknowledged_by",
    "acknowledgement__answer__answered_by",
)


def in_full(updates: QuerySet[StatusUpdate]) -> QuerySet[StatusUpdate]:
    """With author, steps, contradictions, acknowledgement, question and answer; three queries for any number."""
    return updates.select_related(*READ_WITH).prefetch_related(*IN_ORDER)


def updates_in_full(workstream_id: UUID) -> QuerySet[StatusUpdate]:
    """Every update of a workstream in full, corrected ones too, newest first."""
    return in_full(StatusUpdate.objects.filter(workstream=workstream_id)).order_by("-reported_at", "-pk")


def standing_in_full(workstream_id: UUID) -> QuerySet[StatusUpdate]:
    """The same without those that a correction took the place of."""
    return updates_in_full(workstream_id).filter(superseded_by__isnull=True)


def update_in_full(workstream: Workstream, update_id: UUID) -> StatusUpdate | None:
    """One update in full, if it is one of this workstream's."""
    return in_full(StatusUpdate.objects.filter(workstream=workstream)).filter(pk=update_id).first()


def acknowledgement_of(update: StatusUpdate) -> StatusAcknowledgement | None:
    """Who read an update that was read in full, and what they asked; no query."""
    found: StatusAcknowledgement | None = getattr(update, "acknowledgement", None)
    if found:
        found.update = update
    return found


def answer_to(asked: StatusAcknowledgement) -> StatusAnswer | None:
    """The answer to what was asked of an update that was read in full; no query."""
    return getattr(asked, "answer", None)


def one_before(update: StatusUpdate, *, withheld: Collection[Excepted] = ()) -> StatusUpdate | None:
    """The update that stood before this one was first reported; None where its rating is among those withheld."""
    found = StatusUpdate.objects.filter(
        workstream=update.workstream_id, superseded_by__isnull=True, reported_at__lt=update.said_at
    )
    before = found.order_by("-reported_at", "-pk").first()
    return None if before and are_withheld(withheld, before.period_on) else before


def open_steps_of(update_id: UUID | None) -> list[str]:
    """The next steps of an update that were not done, in their order."""
    if update_id is None:
        return []
    found = StatusStep.objects.filter(update=update_id, is_done=False).order_by("position")
    return list(found.values_list("text", flat=True))


def same_ratings(update: StatusUpdate) -> Ratings:
    """The ratings of an update; those of dimensions are None in one from before they were asked for."""
    return Ratings(update.rating, **{name: getattr(update, name) for name in DIMENSIONS})


def why_not_repeated(update: StatusUpdate, today: date) -> str | None:
    """Why a status cannot be published again as it is: its path to green must be looked at, or ratings are missing."""
    if None in (update.schedule, update.cost, update.scope, update.benefits):
        return "Schedule, cost, scope and benefits were not rated then."
    if update.rating == Rating.GREEN:
        return None
    if update.path_owner is None or update.path_due_on is None:
        return "It is not on track, and nothing says what brings it back."
    if update.path_due_on < today:
        return f"It was to be back on track by {words_for_date(update.path_due_on)}."
    if not update.path_owner.is_active:
        return f"{update.path_owner.name}, who sees to the path to green, has left."
    return None
