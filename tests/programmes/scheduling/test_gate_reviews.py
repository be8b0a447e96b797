"""Acts on gate reviews: what is refused, what is kept, and what completing does."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted
from partners.files.models import Document
from partners.people.enums import Role
from programmes.raid.enums import Origin
from programmes.raid.models import RaidEntry
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateCheck, GateEvidence, GateRecommendation, GateReview, Stage
from programmes.scheduling.operations.gate_reviews import (
    Upload,
    answer_check,
    change_gate_review,
    open_gate_review,
    remove_evidence,
    remove_recommendation,
)
from programmes.workstreams.enums import DeliveryConfidence
from programmes.workstreams.models import AssuranceRating
from tests.builders import NOW, give_role, make_manager, make_person, make_programme, make_reader, pass_gates
from tests.builders.gates import (
    PDF,
    add_document,
    answer_all,
    complete,
    gate_version,
    make_completer,
    make_gate_review,
    recommend,
    stage_of,
)
from tests.programmes.scheduling.kept import refused

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
TWELVE_WEEKS = date(2026, 12, 9)


@pytest.fixture
def programme():
    return make_programme("Custody")


@pytest.fixture
def review(programme):
    return make_gate_review(programme)


def test_a_review_opens_with_the_checklist_of_the_stage(programme):
    review = make_gate_review(programme, position=2)

    stage = stage_of(programme, 2)
    assert [check.question for check in review.checks.order_by("position")] == stage.definition.checklist
    assert (review.number, review.stage, review.completed_at) == (1, stage, None)
    event = AuditEvent.objects.get(action="scheduling.open_gate_review")
    assert event.summary == (
        "opened a review of the gate before Information transformation, by Grace Okoro and Tom Reed, planned for "
        "Wednesday 23 September 2026 of Custody"
    )


def test_opening_again_with_the_same_key_returns_the_first(programme):
    manager, key = make_manager(programme), uuid4()

    first = make_gate_review(programme, by=manager, request_key=key)
    again = make_gate_review(programme, by=manager, request_key=key)

    assert (again.pk, GateReview.objects.count()) == (first.pk, 1)
    refused(lambda: make_gate_review(programme, request_key=key), "This request was used", programme=programme)


def test_a_gate_has_one_review_under_way(programme, review):
    refused(
        lambda: make_gate_review(programme),
        "A review of the gate before ICT-enabled technology transformation is under way",
        programme=programme,
    )

    answer_all(review)
    complete(review)
    assert make_gate_review(programme).number == 2


def test_a_stage_that_has_started_or_is_skipped_is_not_reviewed(programme):
    pass_gates(programme)
    Stage.objects.filter(programme=programme, position=1).update(started_on=TODAY)
    Stage.objects.filter(programme=programme, position=2).update(is_active=False)

    refused(
        lambda: make_gate_review(programme, position=1),
        "ICT-enabled technology transformation started on Wednesday 16 September 2026",
        programme=programme,
    )
    refused(
        lambda: make_gate_review(programme, position=2), "Information transformation is skipped", programme=programme
    )


def test_a_stage_of_another_programme_is_refused(programme):
    other = stage_of(make_programme())

    told = refused(
        lambda: open_gate_review(
            programme_id=programme.pk,
            stage_id=other.pk,
            reviewers="Grace Okoro",
            planned_on=TODAY,
            request_key=uuid4(),
            by=make_manager(programme),
            now=NOW,
        ),
        "Choose a stage of this programme",
        programme=programme,
    )
    assert told.field == "stage"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reviewers": " "}, "reviewers"),
        ({"reviewers": "x" * 201}, "reviewers"),
        ({"reviewers": "Grace\nOkoro"}, "reviewers"),
        ({"planned_on": date(1926, 9, 23)}, "planned_on"),
    ],
)
def test_words_and_days_that_cannot_be_are_refused(programme, said, field):
    assert refused(lambda: make_gate_review(programme, **said), "", programme=programme).field == field


def test_who_may_prepare_and_who_may_complete(programme, review):
    answer_all(review)
    portfolio_cio, manager, reader = make_completer(programme), make_manager(programme), make_reader(programme)
    stranger = make_manager(make_programme())

    for by in (reader, stranger, make_person()):
        refused(
            lambda by=by: recommend(review, by=by),
            "You cannot open a gate review",
            kind=NotPermitted,
            programme=programme,
        )
        refused(lambda by=by: complete(review, by=by), "You cannot", kind=NotPermitted, programme=programme)
    refused(
        lambda: complete(review, by=manager),
        "You cannot complete a gate review",
        kind=NotPermitted,
        programme=programme,
    )
    recommend(review, by=portfolio_cio)
    assert complete(review, by=portfolio_cio).completed_by == portfolio_cio


def test_a_cio_who_manages_the_programme_does_not_complete_its_review(programme, review):
    answer_all(review)
    both = give_role(make_completer(programme), Role.PROGRAMME_MANAGER, programme.scope)

    refused(
        lambda: complete(review, by=both),
        "You manage Custody, and a gate review is independent",
        kind=NotPermitted,
        programme=programme,
    )


def test_changing_who_reviews_and_when(programme, review):
    manager = make_manager(programme)
    said: dict[str, Any] = {"reviewers": "Ana Reyes", "planned_on": date(2026, 9, 30), "by": manager, "now": NOW}

    changed = change_gate_review(review_id=review.pk, version=1, **said)
    again = change_gate_review(review_id=review.pk, version=1, **said)

    assert (changed.reviewers, changed.planned_on, again.version) == ("Ana Reyes", date(2026, 9, 30), 2)
    told = refused(
        lambda: change_gate_review(review_id=review.pk, version=1, **(said | {"reviewers": "Tom Reed"})),
        f"{manager.name} changed the reviewers and the planned day of this review",
        kind=Conflict,
        programme=programme,
    )
    assert told.sentence.endswith("then save again.")


def test_lines_of_the_checklist_are_answered_one_by_one(programme, review):
    first, second = review.checks.order_by("position")[:2]
    manager = make_manager(programme)
    acted = {"review_id": review.pk, "by": manager, "now": NOW}

    answer_check(check_id=first.pk, version=1, answer=CheckAnswer.PARTLY, note="Half of it.", **acted)
    answer_check(check_id=second.pk, version=1, answer=CheckAnswer.MET, note="", **acted)

    first.refresh_from_db()
    assert (first.answer, first.note) == (CheckAnswer.PARTLY, "Half of it.")
    assert gate_version(review) == 3
    refused(
        lambda: answer_check(check_id=first.pk, version=1, answer=CheckAnswer.MET, note="", **acted),
        f"{manager.name} changed the answer of this line",
        kind=Conflict,
        programme=programme,
    )
    same = answer_check(check_id=first.pk, version=1, answer=CheckAnswer.PARTLY, note="Half of it.", **acted)
    assert same.version == 3


@pytest.mark.parametrize(
    ("answer", "note", "field"),
    [
        (CheckAnswer.OPEN, "", "answer"),
        (CheckAnswer.NOT_MET, " ", "note"),
        (CheckAnswer.NOT_APPLICABLE, "", "note"),
        (CheckAnswer.MET, "x" * 501, "note"),
        (CheckAnswer.MET, "one\ntwo", "note"),
    ],
)
def test_answers_that_say_too_little_are_refused(programme, review, answer, note, field):
    check = review.checks.first()

    told = refused(
        lambda: answer_check(
            review_id=review.pk,
            check_id=check.pk,
            version=1,
            answer=answer,
            note=note,
            by=make_manager(programme),
            now=NOW,
        ),
        "",
        programme=programme,
    )

    assert told.field == field


def test_parts_of_another_review_are_not_found(programme, review):
    other = make_gate_review(make_programme())
    check, evidence, recommendation = other.checks.first(), add_document(other), recommend(other)
    assert check is not None
    acted: dict[str, Any] = {"review_id": review.pk, "by": make_manager(programme), "now": NOW}

    for act in (
        lambda: answer_check(check_id=check.pk, version=1, answer=CheckAnswer.MET, note="", **acted),
        lambda: remove_evidence(evidence_id=evidence.pk, **acted),
        lambda: remove_recommendation(recommendation_id=recommendation.pk, **acted),
    ):
        refused(act, "This review has no such", programme=programme)


def test_evidence_is_a_document_or_an_address_with_its_hash(programme, review):
    document = add_document(review)
    link = add_document(review, "The plan", upload=None, address="https://plans.example.org/7")

    assert document.document is not None
    assert document.sha256 == sha256(PDF).hexdigest() == document.document.sha256
    assert link.sha256 == sha256(b"https://plans.example.org/7").hexdigest()
    assert (link.document, link.address) == (None, "https://plans.example.org/7")


def test_a_repeated_upload_is_kept_once(programme, review):
    manager, key = make_manager(programme), uuid4()

    first = add_document(review, by=manager, request_key=key)
    again = add_document(review, by=manager, request_key=key)

    assert (again.pk, Document.objects.count(), gate_version(review)) == (first.pk, 1, 2)
    refused(lambda: add_document(review, request_key=key), "This request was used", programme=programme)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"upload": None}, "file"),
        ({"address": "https://plans.example.org/7"}, "file"),
        ({"upload": Upload("case.pdf", b"")}, "file"),
        ({"upload": Upload("case.pdf", b"<!doctype html><script>alert(1)</script>")}, "file"),
        ({"upload": None, "address": "javascript:alert(1)"}, "address"),
        ({"upload": None, "address": "ftp://plans.example.org/7"}, "address"),
        ({"upload": None, "address": "plans"}, "address"),
        ({"upload": None, "address": "https://plans.example.org/" + "x" * 500}, "address"),
    ],
)
def test_evidence_that_is_none_is_refused(programme, review, said, field):
    assert refused(lambda: add_document(review, **said), "", programme=programme).field == field


def test_a_review_holds_so_much_evidence_and_no_more(programme, review, monkeypatch):
    monkeypatch.setattr("programmes.scheduling.operations.gate_reviews.holding.MOST_EVIDENCE", 1)
    monkeypatch.setattr("programmes.scheduling.operations.gate_reviews.holding.MOST_RECOMMENDATIONS", 1)
    add_document(review)
    recommend(review)

    refused(lambda: add_document(review), "A review holds 1 pieces of evidence at most", programme=programme)
    refused(lambda: recommend(review), "A review makes 1 recommendations at most", programme=programme)


def test_evidence_and_recommendations_are_taken_out_before_it_is_completed(programme, review):
    evidence, recommendation = add_document(review), recommend(review)
    acted = {"review_id": review.pk, "by": make_manager(programme), "now": NOW}

    remove_evidence(evidence_id=evidence.pk, **acted)
    remove_recommendation(recommendation_id=recommendation.pk, **acted)

    assert (GateEvidence.objects.count(), GateRecommendation.objects.count()) == (0, 0)
    assert Document.objects.count() == 1, "what was uploaded stays kept"


def test_a_recommendation_needs_an_owner_who_sees_the_programme_and_a_day_to_come(programme, review):
    assert (
        refused(
            lambda: recommend(review, owner=make_person()), "Choose somebody who may see Custody", programme=programme
        ).field
        == "owner"
    )
    for said, field in (
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"due_on": date(2126, 1, 1)}, "due_on"),
        ({"text": ""}, "text"),
        ({"text": "x" * 201}, "text"),
    ):
        assert refused(lambda said=said: recommend(review, **said), "", programme=programme).field == field


def test_completing_names_every_line_that_is_not_answered(programme, review):
    first, *_, last = review.checks.order_by("position")
    answer_all(review)
    GateCheck.objects.filter(pk__in=[first.pk, last.pk]).update(answer=CheckAnswer.OPEN)

    told = refused(lambda: complete(review), "Not answered yet: ", programme=programme)

    assert told.sentence == (
        "Not answered yet: “The case for going on still holds: it is justified” and “Each system that changes has an "
        "owner who has agreed to it”. Answer every line of the checklist first."
    )


def test_completing_keeps_the_rating_and_makes_actions_of_what_is_recommended(programme, review):
    answer_all(review)
    add_document(review)
    recommendation = recommend(review, "Name an owner for each system")

    done = complete(review)

    assert (done.rating, done.summary, done.completed_at) == ("amber_green", "It can go on.", NOW)
    action = RaidEntry.objects.get()
    assert (action.kind, action.title, action.owner, action.due_on) == (
        "action",
        "Name an owner for each system",
        recommendation.owner,
        recommendation.due_on,
    )
    assert (action.origin, action.origin_id) == (Origin.GATE_REVIEW, recommendation.pk)
    rating = AssuranceRating.objects.get()
    assert (rating.programme, rating.scale, rating.rating, rating.words) == (
        programme,
        "five_point",
        "amber_green",
        "It can go on.",
    )
    assert (rating.assured_by, rating.assured_on) == ("Grace Okoro and Tom Reed", TODAY)
    assert rating.expires_on == TODAY + timedelta(weeks=26)


@pytest.mark.parametrize("rating", [DeliveryConfidence.RED, DeliveryConfidence.AMBER_RED])
def test_a_poor_rating_is_followed_up(programme, review, rating):
    programme.owner = make_person("Ola Brand")
    programme.save()
    answer_all(review)

    told = refused(lambda: complete(review, rating), "Say by when the action plan is assured", programme=programme)
    assert told.field == "follow_up_on"
    complete(review, rating, follow_up_on=TWELVE_WEEKS)

    action = RaidEntry.objects.get()
    assert (action.title, action.owner, action.due_on) == (
        "Assurance of the action plan",
        programme.owner,
        TWELVE_WEEKS,
    )
    assert (action.origin, action.origin_id) == (Origin.ASSURANCE, review.pk)


def test_a_follow_up_without_an_owner_of_the_programme_is_of_whoever_completes(programme, review):
    answer_all(review)
    cio = make_completer(programme)

    complete(review, DeliveryConfidence.RED, follow_up_on=TWELVE_WEEKS, by=cio)

    assert RaidEntry.objects.get().owner == cio


@pytest.mark.parametrize(
    ("rating", "day", "sentence"),
    [
        (DeliveryConfidence.RED, TODAY, "The action plan is assured after today"),
        (DeliveryConfidence.RED, date(2026, 12, 12), "Saturday 12 December 2026 is no working day: Saturday"),
        (DeliveryConfidence.RED, date(2026, 12, 25), "Friday 25 December 2026 is no working day: Christmas Day"),
        (DeliveryConfidence.AMBER, TWELVE_WEEKS, "Only a red or an amber/red rating is followed up"),
    ],
)
def test_days_of_a_follow_up_that_cannot_be_are_refused(programme, review, rating, day, sentence):
    answer_all(review)

    assert (
        refused(lambda: complete(review, rating, follow_up_on=day), sentence, programme=programme).field
        == "follow_up_on"
    )


def test_completing_needs_a_summary_and_the_version_that_was_read(programme, review):
    answer_all(review)
    read = gate_version(review)
    manager = make_manager(programme)
    add_document(review, by=manager)

    told = refused(
        lambda: complete(review, version=read),
        f"{manager.name} changed the evidence of this review",
        kind=Conflict,
        programme=programme,
    )
    assert told.sentence.endswith("then save again.")
    assert refused(lambda: complete(review, summary=" "), "Enter the summary", programme=programme).field == "summary"
    refused(lambda: complete(review, summary="x" * 2001), "Shorten the summary", programme=programme)


def test_nothing_is_written_when_an_action_cannot_be(programme, review):
    answer_all(review)
    recommendation = recommend(review)
    recommendation.owner.is_active = False
    recommendation.owner.save()

    refused(lambda: complete(review), "", programme=programme)
