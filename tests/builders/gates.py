"""Gate reviews, from the open one to the completed one."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from partners.people.enums import Role
from partners.people.models import Office, User
from programmes.decisions.rules import ConditionDraft
from programmes.register.models import Programme
from programmes.scheduling.enums import CheckAnswer, GateResult
from programmes.scheduling.models import GateEvidence, GateRecommendation, GateReview, Stage
from programmes.scheduling.operations.gate_reviews import (
    Upload,
    add_evidence,
    add_recommendation,
    answer_check,
    complete_gate_review,
    open_gate_review,
)
from programmes.workstreams.enums import DeliveryConfidence
from tests.builders.core import NOW, give_role, make_manager, make_person, make_reader
from tests.builders.decisions import make_decision

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def stage_of(programme: Programme, position: int = 1) -> Stage:
    return Stage.objects.get(programme=programme, position=position)


def make_gate_review(
    programme: Programme, *, position: int = 1, by: User | None = None, now: datetime = NOW, **more: Any
) -> GateReview:
    """A review under way of the gate before a stage, by two reviewers, nothing answered."""
    said: dict[str, Any] = {"reviewers": "Grace Okoro and Tom Reed", "planned_on": date(2026, 9, 23)}
    return open_gate_review(
        programme_id=programme.pk,
        stage_id=stage_of(programme, position).pk,
        by=by or make_manager(programme),
        now=now,
        **({"request_key": uuid4()} | said | more),
    )


def answer_all(
    review: GateReview, answer: CheckAnswer = CheckAnswer.MET, *, by: User | None = None, now: datetime = NOW
) -> GateReview:
    by = by or make_manager(review.stage.programme)
    for check in review.checks.order_by("position"):
        answer_check(
            review_id=review.pk,
            check_id=check.pk,
            version=gate_version(review),
            answer=answer,
            note="" if answer == CheckAnswer.MET else "Half of it.",
            by=by,
            now=now,
        )
    return GateReview.objects.select_related("stage__programme__scope").get(pk=review.pk)


def add_document(review: GateReview, title: str = "Business case", **more: Any) -> GateEvidence:
    said: dict[str, Any] = {"upload": Upload("case.pdf", PDF), "request_key": uuid4(), "now": NOW}
    by = more.pop("by", None) or make_manager(review.stage.programme)
    return add_evidence(review_id=review.pk, title=title, by=by, **(said | more))


def recommend(review: GateReview, text: str = "Name an owner for each system", **more: Any) -> GateRecommendation:
    programme = review.stage.programme
    by = more.pop("by", None) or make_manager(programme)
    owner = more.pop("owner", None) or make_reader(programme)
    said: dict[str, Any] = {"due_on": NOW.date() + timedelta(weeks=4), "request_key": uuid4(), "now": NOW}
    return add_recommendation(review_id=review.pk, text=text, owner_id=owner.pk, by=by, **(said | more))


def make_completer(programme: Programme, name: str = "") -> User:
    """The CIO of the programme's portfolio, who does not manage it."""
    parent = programme.scope.parent
    return give_role(make_person(name), Role.CIO, parent)


def complete(
    review: GateReview, rating: DeliveryConfidence = DeliveryConfidence.AMBER_GREEN, **more: Any
) -> GateReview:
    """Completed as it stands now."""
    by = more.pop("by", None) or make_completer(review.stage.programme)
    said: dict[str, Any] = {"version": gate_version(review), "summary": "It can go on.", "now": NOW}
    return complete_gate_review(review_id=review.pk, rating=rating, by=by, **(said | more))


def make_completed_review(
    programme: Programme,
    rating: DeliveryConfidence = DeliveryConfidence.AMBER_GREEN,
    *,
    position: int = 1,
    now: datetime = NOW,
    **more: Any,
) -> GateReview:
    """Every line met, one document, one recommendation."""
    review = make_gate_review(programme, position=position, now=now)
    answer_all(review, now=now)
    add_document(review, now=now)
    recommend(review, now=now, due_on=now.date() + timedelta(weeks=4))
    return complete(review, rating, now=now, **more)


def make_world_of_gates(programme: Programme, office: Office, *, by: User) -> None:
    """A review under way and a completed one, each whole, and a draft that passes a gate with a condition."""
    review = make_gate_review(programme, by=by)
    add_document(review, by=by)
    recommend(review, by=by, owner=by)
    make_completed_review(programme, position=2)
    make_decision(
        programme,
        office=office,
        by=by,
        gate_id=stage_of(programme, 3).pk,
        gate_result=GateResult.WITH_CONDITIONS,
        gate_conditions=(ConditionDraft("Two suppliers are named", by.pk, NOW.date() + timedelta(weeks=4)),),
    )


def gate_version(review: GateReview) -> int:
    return GateReview.objects.values_list("version", flat=True).get(pk=review.pk)
