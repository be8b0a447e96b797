"""Gate reviews that are over, completed or cancelled, stay as they were; and what a later one is told of them."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted
from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.raid.models import RaidEntry
from programmes.register.operations import record_lesson
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateEvidence, GateReview
from programmes.scheduling.operations.gate_reviews import (
    Upload,
    add_evidence,
    add_recommendation,
    answer_check,
    cancel_gate_review,
    change_gate_review,
    complete_gate_review,
    remove_evidence,
    remove_recommendation,
)
from programmes.scheduling.queries.gate_reviews import fingerprint_now, is_unchanged
from programmes.scheduling.queries.gates import gate_readiness
from programmes.scheduling.rules.gates import fingerprint_of
from programmes.workstreams.enums import DeliveryConfidence
from tests.builders import NOW, give_role, make_manager, make_programme, make_reader
from tests.builders.gates import (
    add_document,
    answer_all,
    gate_version,
    make_completed_review,
    make_completer,
    make_gate_review,
    recommend,
)
from tests.programmes.scheduling.kept import refused

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def programme():
    return make_programme("Custody")


def test_a_completed_review_is_never_changed_by_an_act(programme):
    review = make_completed_review(programme)
    check, evidence, recommendation = review.checks.first(), review.evidence.get(), review.recommendations.get()
    assert check is not None
    acted: dict[str, Any] = {"review_id": review.pk, "by": make_completer(programme), "now": NOW}
    version = gate_version(review)

    for act in (
        lambda: change_gate_review(version=version, reviewers="Ana Reyes", planned_on=TODAY, **acted),
        lambda: answer_check(check_id=check.pk, version=version, answer=CheckAnswer.NOT_MET, note="No.", **acted),
        lambda: add_evidence(title="More", upload=Upload("a.txt", b"More."), request_key=uuid4(), **acted),
        lambda: remove_evidence(evidence_id=evidence.pk, **acted),
        lambda: add_recommendation(text="More", owner_id=acted["by"].pk, due_on=TODAY, request_key=uuid4(), **acted),
        lambda: remove_recommendation(recommendation_id=recommendation.pk, **acted),
        lambda: complete_gate_review(version=version, rating=DeliveryConfidence.GREEN, summary="Better.", **acted),
    ):
        refused(
            act, "This review was completed on Wednesday 16 September 2026 and is never changed", programme=programme
        )


CHANGES = {
    "its rating": "UPDATE programmes_gatereview SET rating = 'green' WHERE id = %(review)s",
    "its fingerprint": "UPDATE programmes_gatereview SET fingerprint = 'x' WHERE id = %(review)s",
    "opened again": (
        "UPDATE programmes_gatereview SET completed_at = NULL, completed_by_id = NULL, fingerprint = '' "
        "WHERE id = %(review)s"
    ),
    "removed": "DELETE FROM programmes_gatereview WHERE id = %(review)s",
    "an answer": "UPDATE programmes_gatecheck SET answer = 'not_met' WHERE review_id = %(review)s",
    "a line less": "DELETE FROM programmes_gatecheck WHERE review_id = %(review)s",
    "a line more": (
        "INSERT INTO programmes_gatecheck (id, review_id, position, question, answer, note) "
        "VALUES (gen_random_uuid(), %(review)s, 99, 'Why?', '', '')"
    ),
    "a line of another review": "UPDATE programmes_gatecheck SET review_id = %(review)s, position = 99 "
    "WHERE review_id = %(other)s AND position = 1",
    "evidence": "UPDATE programmes_gateevidence SET sha256 = repeat('0', 64) WHERE review_id = %(review)s",
    "evidence less": "DELETE FROM programmes_gateevidence WHERE review_id = %(review)s",
    "evidence more": (
        "INSERT INTO programmes_gateevidence (id, review_id, title, address, sha256, added_at, added_by_id) "
        "SELECT gen_random_uuid(), review_id, title, 'https://example.org', sha256, added_at, added_by_id "
        "FROM programmes_gateevidence WHERE review_id = %(review)s"
    ),
    "a recommendation": "UPDATE programmes_gaterecommendation SET text = 'Nothing' WHERE review_id = %(review)s",
    "a recommendation less": "DELETE FROM programmes_gaterecommendation WHERE review_id = %(review)s",
    "a document": "UPDATE partners_document SET content = 'x'",
    "a document less": "DELETE FROM partners_document",
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_database_keeps_a_completed_review_as_it_was(programme, what):
    review = make_completed_review(programme)
    other = make_gate_review(programme, position=2)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CHANGES[what], {"review": review.pk, "other": other.pk})

    review.refresh_from_db()
    assert is_unchanged(review)


def test_the_same_changes_work_while_it_is_under_way(programme):
    """So that the test above can fail: every statement on a part is one that the application's role may send."""
    review, other = make_gate_review(programme), make_gate_review(programme, position=2)
    answer_all(review)
    add_document(review)
    recommend(review)
    sent = [
        what for what in CHANGES if what not in ("a document", "a document less", "opened again", "its fingerprint")
    ]

    for what in sent:
        with transaction.atomic(), connection.cursor() as cursor:
            if what == "removed":
                continue
            cursor.execute(CHANGES[what], {"review": review.pk, "other": other.pk})
            assert cursor.rowcount > 0, what
            transaction.set_rollback(True)


def test_the_fingerprint_is_of_everything_and_computed_anew(programme):
    review = make_completed_review(programme)

    assert review.fingerprint == fingerprint_now(GateReview.objects.get(pk=review.pk))
    assert len(review.fingerprint) == 64
    for change in ("rating", "summary", "reviewers", "number", "planned_on", "completed_at"):
        read = GateReview.objects.get(pk=review.pk)
        now = getattr(read, change)
        setattr(read, change, now + (timedelta(days=1) if hasattr(now, "day") else 1 if isinstance(now, int) else "x"))
        assert not is_unchanged(read), change
    assert is_unchanged(GateReview.objects.get(pk=review.pk))


def test_a_completed_review_of_json_is_canonical():
    content = {"b": ["é", 1], "a": {"d": "", "c": "x"}}

    assert fingerprint_of(content) == sha256('{"a":{"c":"x","d":""},"b":["é",1]}'.encode()).hexdigest()
    assert fingerprint_of(json.loads(json.dumps(content))) == fingerprint_of(content)


def cancel(review, by=None, **more):
    said: dict[str, Any] = {"version": gate_version(review), "reason": "The supplier left.", "now": NOW}
    by = by or make_manager(review.stage.programme)
    return cancel_gate_review(review_id=review.pk, by=by, **(said | more))


def test_a_review_is_cancelled_with_a_reason_and_another_one_opens(programme):
    review = make_gate_review(programme)
    add_document(review)
    manager = make_manager(programme, "Priya Nair")

    cancelled = cancel(review, by=manager)

    assert (cancelled.cancelled_at, cancelled.cancelled_by, cancelled.cancel_reason) == (
        NOW,
        manager,
        "The supplier left.",
    )
    event = AuditEvent.objects.latest("pk")
    assert event.summary == (
        "cancelled the review of the gate before ICT-enabled technology transformation (The supplier left) of Custody"
    )
    assert GateEvidence.objects.filter(review=review).count() == 1
    assert gate_readiness([review.stage_id]) == {}
    assert not RaidEntry.objects.exists()
    assert make_gate_review(programme).number == 2
    assert next(iter(gate_readiness([review.stage_id]).values())).review_id != review.pk


def test_cancelling_is_refused_to_strangers_without_a_reason_and_of_another_version(programme):
    review = make_gate_review(programme)
    manager = make_manager(programme)

    refused(lambda: cancel(review, by=manager, reason=" "), "Enter the reason", programme=programme)
    refused(lambda: cancel(review, by=manager, version=99), "", programme=programme, kind=Conflict)
    for stranger in (make_reader(programme), make_manager(make_programme())):
        refused(lambda by=stranger: cancel(review, by=by), "You cannot", programme=programme, kind=NotPermitted)
    cancel(review, by=manager)
    refused(lambda: cancel(review, by=manager), "This review was cancelled on Wednesday", programme=programme)


def test_a_cancelled_review_is_never_changed(programme):
    review = make_gate_review(programme)
    add_document(review)
    recommend(review)
    cancel(review)
    other = make_gate_review(programme, position=2)
    manager = make_manager(programme)

    refused(
        lambda: add_evidence(
            review_id=review.pk, title="x", upload=Upload("a.txt", b"x"), request_key=uuid4(), by=manager, now=NOW
        ),
        "This review was cancelled",
        programme=programme,
    )
    for what in (
        "its rating",
        "removed",
        "an answer",
        "a line more",
        "evidence",
        "evidence less",
        "a recommendation less",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CHANGES[what], {"review": review.pk, "other": other.pk})


def test_the_page_and_the_api_cancel_with_a_reason(client, programme):
    set_clock(to=NOW)
    first, second = make_gate_review(programme), make_gate_review(programme, position=2)
    client.force_login(make_manager(programme, "Priya Nair"))
    here, endpoint = f"/gate-reviews/{first.pk}/", f"/api/gate-reviews/{second.pk}/cancel/"

    assert f"{here}cancel/" in client.get(here).text
    assert client.post(f"{here}cancel/", {"version": 1, "reason": ""}).status_code == 200
    assert client.post(f"{here}cancel/", {"version": 9, "reason": "Too early."}).status_code == 409
    assert client.post(f"{here}cancel/", {"version": 1, "reason": "Too early."}).status_code == 302
    page = client.get(here).text
    assert "Priya Nair cancelled this review on Wednesday 16 September 2026: Too early." in page
    assert f"{here}cancel/" not in page
    assert "Cancelled" in client.get(f"/programmes/{programme.pk}/gate-reviews/").text

    said = {"version": 1, "reason": "Too early."}
    assert client.post(endpoint, {"version": 1}, content_type="application/json").status_code == 400
    answer = client.post(endpoint, said, content_type="application/json")
    assert (answer.status_code, answer.json()["cancel_reason"]) == (200, "Too early.")
    assert client.post(endpoint, said, content_type="application/json").status_code == 409


def test_the_page_shows_what_was_learned_before(client, programme):
    set_clock(to=NOW)
    earlier = make_completed_review(programme, now=NOW - timedelta(days=30))
    review = make_gate_review(programme, position=2)
    other, hidden = make_programme("Like this one"), make_programme("Out of sight")
    manager = make_manager(programme)
    give_role(manager, Role.READER, other.scope)
    for place, title in ((programme, "Ask the users first"), (other, "Count the sockets"), (hidden, "A secret")):
        record_lesson(programme_id=place.pk, title=title, text="x", learned_on=TODAY, by=make_manager(place), now=NOW)
    client.force_login(manager)

    page = client.get(f"/gate-reviews/{review.pk}/").text

    learned = page[page.index("What was learned before") :]
    assert f"/gate-reviews/{earlier.pk}/" in learned
    assert "Ask the users first" in learned
    assert "Count the sockets" in learned
    assert "A secret" not in page
