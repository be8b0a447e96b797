"""Two people at once on a gate review, on connections of their own; and what the owner of the database might do."""

import psycopg
import pytest

from partners.audit.rules import Refused
from programmes.raid.models import RaidEntry
from programmes.scheduling.models import GateEvidence, GateReview
from programmes.scheduling.queries.gate_reviews import is_unchanged
from programmes.workstreams.models import AssuranceRating
from tests.builders import make_manager, make_programme
from tests.builders.gates import (
    add_document,
    answer_all,
    complete,
    gate_version,
    make_completed_review,
    make_completer,
    make_gate_review,
    recommend,
)
from tests.threads import InThread


def outcomes(works):
    """What each found: ``None`` or the sentence of its refusal."""
    found: list[str | None] = []
    for work in [InThread(work) for work in works]:
        try:
            work.result()
        except Refused as refused:
            found.append(refused.sentence)
        else:
            found.append(None)
    return found


@pytest.mark.usefixtures("own_database")
def test_of_two_who_complete_it_at_once_one_is_told_that_it_is_completed():
    programme = make_programme()
    review = answer_all(make_gate_review(programme))
    recommend(review)
    read, people = gate_version(review), [make_completer(programme), make_completer(programme)]

    found = outcomes([lambda by=by: complete(review, version=read, by=by) for by in people])

    told = [sentence for sentence in found if sentence]
    assert len(told) == 1
    assert told[0].startswith("This review was completed on Wednesday 16 September 2026 and is never changed")
    assert (RaidEntry.objects.count(), AssuranceRating.objects.count()) == (1, 1)
    assert is_unchanged(GateReview.objects.get())


@pytest.mark.usefixtures("own_database")
def test_evidence_that_is_added_while_it_is_completed_is_in_it_or_refused():
    for number in range(4):
        programme = make_programme(f"Programme {number} of two at once")
        review = answer_all(make_gate_review(programme))
        read, cio, manager = gate_version(review), make_completer(programme), make_manager(programme)
        works = [
            lambda review=review, read=read, cio=cio: complete(review, version=read, by=cio),
            lambda review=review, manager=manager: add_document(review, by=manager),
        ]

        completed, added = outcomes(works if number % 2 else works[::-1])[:: 1 if number % 2 else -1]

        assert (completed is None) != (added is None), (completed, added)
        found = GateReview.objects.get(pk=review.pk)
        kept = GateEvidence.objects.filter(review=review).count()
        assert (found.completed_at is None, kept) == ((False, 0) if completed is None else (True, 1))
        if completed is None:
            assert is_unchanged(found)
        else:
            assert completed.startswith(f"{manager.name} changed the evidence of this review")


@pytest.mark.usefixtures("own_database")
def test_of_two_who_open_a_review_of_one_gate_one_is_refused():
    programme = make_programme()
    people = [make_manager(programme), make_manager(programme)]

    found = outcomes([lambda by=by: make_gate_review(programme, by=by) for by in people])

    assert len([sentence for sentence in found if sentence]) == 1
    assert GateReview.objects.count() == 1


TAMPERING = [
    "UPDATE programmes_gatecheck SET note = 'Other' WHERE review_id = %(review)s AND position = 1",
    "DELETE FROM programmes_gatecheck WHERE review_id = %(review)s AND position = 1",
    "UPDATE programmes_gateevidence SET title = 'Other' WHERE review_id = %(review)s",
    "UPDATE programmes_gateevidence SET sha256 = repeat('0', 64) WHERE review_id = %(review)s",
    "UPDATE programmes_gaterecommendation SET due_on = due_on + 1 WHERE review_id = %(review)s",
    "UPDATE partners_document SET content = 'Other' WHERE id = %(document)s",
    "UPDATE partners_document SET name = 'other.pdf' WHERE id = %(document)s",
]


def test_what_the_owner_of_the_database_changes_behind_its_back_shows(own_database):
    for number, statement in enumerate(TAMPERING):
        review = make_completed_review(make_programme(f"Programme of tampering {number}"))
        assert is_unchanged(review), statement

        with psycopg.connect(own_database.owner_url) as owner:
            for table in ("gatecheck", "gateevidence", "gaterecommendation"):
                owner.execute(f"ALTER TABLE programmes_{table} DISABLE TRIGGER USER")
            owner.execute("ALTER TABLE partners_document DISABLE TRIGGER USER")
            found = owner.execute(statement, {"review": review.pk, "document": review.evidence.get().document_id})
            assert found.rowcount == 1, statement

        assert not is_unchanged(review), statement
