from collections.abc import Collection
from datetime import date, time
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from partners.calendar.rules import ONE_DAY
from partners.clock.rules import instant
from programmes.raid.enums import Origin
from programmes.raid.models import RaidEntry
from programmes.scheduling.enums import CheckAnswer, GateResult
from programmes.scheduling.models import (
    GateCheck,
    GateEvidence,
    GateOutcome,
    GateRecommendation,
    GateReview,
    Stage,
)
from programmes.scheduling.rules import OPENING, Gate
from programmes.scheduling.rules.gates import GateDue, Readiness, readiness_words


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
                waiver_reason=row.waiver_reason,
                review_id=row.review_id,
            )
        )
    return found


def gates_due(programme_ids: Collection[UUID] | QuerySet, until: date) -> list[GateDue]:
    """The gates before the next stages that are planned to start by a day (inclusive) and that no decision has let
    through, the earliest first; one query. What has started or is skipped is not next."""
    next_stages = Stage.objects.filter(programme__in=programme_ids, is_active=True, started_on=None)
    next_stages = next_stages.order_by("programme_id", "position").distinct("programme_id")
    due = Stage.objects.filter(pk__in=next_stages.values("pk"), planned_start_on__lte=until)
    due = due.annotate(
        said=_latest_result("pk"), has_review=Exists(GateReview.objects.filter(stage=OuterRef("pk"), cancelled_at=None))
    )
    due = due.filter(Q(said=None) | ~Q(said__in=OPENING)).select_related("definition")
    return [
        GateDue(
            programme_id=stage.programme_id,
            stage_id=stage.pk,
            stage_title=stage.title,
            gate_title=stage.definition.gate_title,
            planned_start_on=stage.planned_start_on,
            has_review=stage.has_review,  # type: ignore[attr-defined]
        )
        for stage in due.order_by("planned_start_on", "programme__name", "pk")
        if stage.planned_start_on
    ]


def gate_readiness(stage_ids: Collection[UUID] | QuerySet) -> dict[UUID, Readiness]:
    """How far the gate before each of these stages is prepared, by its id; one query.

    Stages without a review, or with cancelled ones alone, have none.
    """
    reviews = GateReview.objects.filter(stage__in=stage_ids, cancelled_at=None)
    reviews = reviews.order_by("stage_id", F("completed_at").desc(nulls_last=True), "-number").distinct("stage_id")
    return {review.stage_id: readiness_of(review) for review in with_counts(reviews)}


def readiness_of(review: GateReview) -> Readiness:
    """Of a review that comes from ``with_counts``; no query."""
    counted: dict[str, int] = {name: getattr(review, name) for name in COUNTS}
    is_complete = review.completed_at is not None
    words = readiness_words(
        met=counted["met"],
        asked=counted["asked"],
        answered=counted["answered"],
        rating=review.get_rating_display(),
        evidence=counted["pieces"],
        open_recommendations=counted["open_actions"],
        is_complete=is_complete,
    )
    return Readiness(
        words=words,
        met=counted["met"],
        asked=counted["asked"],
        rating=review.rating if is_complete else "",
        has_evidence=counted["pieces"] > 0,
        review_id=review.pk,
        is_complete=is_complete,
        evidence=counted["pieces"],
        open_recommendations=counted["open_actions"],
    )


COUNTS = ("met", "asked", "answered", "pieces", "open_actions")


def with_counts(reviews: QuerySet[GateReview]) -> QuerySet[GateReview]:
    """Each with how many lines are met, apply and are answered, its pieces of evidence, and its recommendations whose
    actions are open."""
    checks = GateCheck.objects.filter(review=OuterRef("pk"))
    open_actions = RaidEntry.objects.filter(
        origin=Origin.GATE_REVIEW,
        origin_id__in=GateRecommendation.objects.filter(review=OuterRef(OuterRef("pk"))).values("pk"),
        closed_at=None,
    )
    return reviews.annotate(
        met=_counted(checks.filter(answer=CheckAnswer.MET), "review"),
        asked=_counted(checks.exclude(answer=CheckAnswer.NOT_APPLICABLE), "review"),
        answered=_counted(checks.exclude(answer__in=[CheckAnswer.OPEN, CheckAnswer.NOT_APPLICABLE]), "review"),
        pieces=_counted(GateEvidence.objects.filter(review=OuterRef("pk")), "review"),
        open_actions=_counted(open_actions, "origin"),
    )


def gates_without_evidence(programme_ids: Collection[UUID] | QuerySet) -> QuerySet[Stage]:
    """Active stages, not finished, whose gate was passed (not waived) and rests on no review with evidence."""
    latest = GateOutcome.objects.filter(stage=OuterRef("pk")).order_by("-decided_on", "-number")
    evidence = GateEvidence.objects.filter(review=OuterRef("informed_by"))
    found = Stage.objects.filter(programme__in=programme_ids, is_active=True, finished_on=None)
    found = found.annotate(
        said=Subquery(latest.values("result")[:1]), informed_by=Subquery(latest.values("review")[:1])
    )
    passed = found.filter(said__in=[GateResult.PROCEED, GateResult.WITH_CONDITIONS])
    return passed.filter(~Exists(evidence)).select_related("programme").order_by("programme__name", "position", "pk")


def follow_ups_overdue(programme_ids: Collection[UUID] | QuerySet, today: date) -> QuerySet[RaidEntry]:
    """Follow-ups of poor assurance ratings that were due before the day and are open, the longest due first."""
    found = RaidEntry.objects.filter(programme__in=programme_ids, origin=Origin.ASSURANCE, closed_at=None)
    return found.filter(due_on__lt=today).select_related("programme", "owner").order_by("due_on", "pk")


def latest_completed_review(stage: Stage, *, until: date) -> GateReview | None:
    """The gate review completed last by the end of a local day."""
    found = GateReview.objects.filter(stage=stage, completed_at__lt=instant(until + ONE_DAY, time(0)))
    return found.order_by("-completed_at", "-number").first()


def _latest_result(stage: str) -> Subquery:
    latest = GateOutcome.objects.filter(stage=OuterRef(stage)).order_by("-decided_on", "-number")
    return Subquery(latest.values("result")[:1])


def _counted(rows: QuerySet, by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)
