from collections.abc import Collection
from datetime import UTC
from hashlib import sha256
from uuid import UUID

from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.fields import BinaryField

from partners.files.models import Document
from partners.people.models import User
from programmes.raid.enums import Origin
from programmes.raid.models import RaidEntry
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.models import GateCheck, GateEvidence, GateRecommendation, GateReview, Stage
from programmes.scheduling.queries.gates import with_counts
from programmes.scheduling.rules.gates import fingerprint_of

MOST_SHOWN = 5
_NAMED = (
    "stage__programme__scope",
    "stage__programme__owner",
    "stage__definition",
    "opened_by",
    "completed_by",
    "cancelled_by",
)


def reviews_visible_to(user: User) -> QuerySet[GateReview]:
    """Gate reviews of the programmes that the person may see, with stage, programme and people."""
    found = GateReview.objects.filter(stage__programme__in=programmes_visible_to(user).values("pk"))
    return found.select_related(*_NAMED)


def gate_reviews_of(programme_ids: Collection[UUID] | QuerySet) -> QuerySet[GateReview]:
    """Gate reviews with their counts, the newest first."""
    return reviews_with_counts().filter(stage__programme__in=programme_ids).order_by("-opened_at", "pk")


def reviews_with_counts() -> QuerySet[GateReview]:
    """Every review with stage, programme and people, and what ``readiness_of`` reads."""
    return with_counts(GateReview.objects.select_related(*_NAMED))


def reviews_before(review: GateReview) -> list[GateReview]:
    """Reviews of the programme's gates that were completed before this one was opened, the newest first, at most
    ``MOST_SHOWN``."""
    found = reviews_with_counts().filter(stage__programme=review.stage.programme_id, completed_at__lt=review.opened_at)
    return list(found.order_by("-completed_at", "pk")[:MOST_SHOWN])


def checks_of(review: GateReview) -> list[GateCheck]:
    """Its checklist in order."""
    return list(GateCheck.objects.filter(review=review).order_by("position"))


def evidence_of(review: GateReview) -> list[GateEvidence]:
    """In the order in which it was added, with the facts of its documents and without their bytes."""
    found = GateEvidence.objects.filter(review=review).select_related("document", "added_by")
    return list(found.defer("document__content").order_by("added_at", "pk"))


def document_in(review: GateReview, evidence_id: UUID) -> Document | None:
    """The document of a piece of evidence of this review, with its bytes."""
    found = GateEvidence.objects.filter(review=review, pk=evidence_id).select_related("document").first()
    return found.document if found else None


def recommendations_of(review: GateReview) -> list[GateRecommendation]:
    """The earliest due first, each with ``action``: the action that it became, or None; two queries."""
    found = list(GateRecommendation.objects.filter(review=review).select_related("owner").order_by("due_on", "pk"))
    actions = {entry.origin_id: entry for entry in _entries(Origin.GATE_REVIEW, [each.pk for each in found])}
    for each in found:
        each.action = actions.get(each.pk)  # type: ignore[attr-defined]
    return found


def follow_up_of(review: GateReview) -> RaidEntry | None:
    """The action that follows a poor rating."""
    return _entries(Origin.ASSURANCE, [review.pk]).first()


def stages_to_review(programme_id: UUID) -> QuerySet[Stage]:
    """Active stages that have not started and have no review under way, in order."""
    found = Stage.objects.filter(programme=programme_id, is_active=True, started_on=None)
    open_reviews = GateReview.objects.filter(stage__programme=programme_id, completed_at=None, cancelled_at=None)
    return found.exclude(pk__in=open_reviews.values("stage")).select_related("definition").order_by("position")


def fingerprint_now(review: GateReview) -> str:
    """The fingerprint of what the review holds at this moment, with every document hashed anew; three queries."""
    definition = review.stage.definition
    completed_at = review.completed_at.astimezone(UTC).isoformat() if review.completed_at else ""
    return fingerprint_of(
        {
            "review": str(review.pk),
            "programme": str(review.stage.programme_id),
            "stage": str(review.stage_id),
            "gate": definition.gate_title,
            "number": review.number,
            "reviewers": review.reviewers,
            "planned_on": review.planned_on.isoformat(),
            "rating": review.rating,
            "summary": review.summary,
            "completed_at": completed_at,
            "completed_by": str(review.completed_by_id),
            "checklist": [[each.position, each.question, each.answer, each.note] for each in checks_of(review)],
            "evidence": _evidence_hashed(review),
            "recommendations": [
                [str(each.pk), each.text, str(each.owner_id), each.due_on.isoformat()]
                for each in GateRecommendation.objects.filter(review=review).order_by("pk")
            ],
        }
    )


def is_unchanged(review: GateReview) -> bool:
    """Whether a completed review still holds what it held when it was completed; computed anew each time."""
    return bool(review.fingerprint) and fingerprint_now(review) == review.fingerprint


def _evidence_hashed(review: GateReview) -> list[list[str]]:
    """The database hashes the bytes, so that they do not travel."""
    hashed = Func(F("document__content"), function="sha256", output_field=BinaryField())
    rows = GateEvidence.objects.filter(review=review).order_by("pk")
    rows = rows.annotate(hashed=Func(hashed, Value("hex"), function="encode", output_field=CharField()))
    found = rows.values_list("pk", "title", "document__name", "address", "sha256", "hashed")
    return [
        [str(pk), title, name or "", address, kept, hashed or sha256(address.encode()).hexdigest()]
        for pk, title, name, address, kept, hashed in found
    ]


def _entries(origin: Origin, origin_ids: Collection[UUID]) -> QuerySet[RaidEntry]:
    found = RaidEntry.objects.filter(origin=origin, origin_id__in=origin_ids).select_related("owner")
    return found.order_by("recorded_at", "pk")
