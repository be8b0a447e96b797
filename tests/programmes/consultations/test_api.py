from uuid import uuid4

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from partners.clock.operations import set_clock
from programmes.consultations.models import Consultation, Response
from programmes.consultations.queries import questions_of
from tests.builders import (
    NOW,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_question,
    make_reader,
    make_review,
    make_task,
    make_unit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def page(name, *args):
    return reverse(f"api_{name}", args=args)


def key():
    return {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}


def test_a_consultation_is_made_and_launched():
    review, unit = make_review(), make_unit("Custody")
    make_person(unit=unit)
    client = api(make_manager(review.programme))
    header = key()

    made = client.post(
        page("consultations", review.pk), {"title": "Tablets", "introduction": "Nothing is decided."}, **header
    )
    again = client.post(
        page("consultations", review.pk), {"title": "Tablets", "introduction": "Nothing is decided."}, **header
    )
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    one = made.json()["id"]
    assert made.json()["missing"][0] == "There are no questions. Add at least one."

    first = client.post(
        page("questions", one), {"kind": "scale", "text": "Is it better?", "options": ["Worse", "Better"]}, **key()
    )
    second = client.post(page("questions", one), {"kind": "long_text", "text": "Why?", "is_required": False}, **key())
    assert (first.status_code, second.json()["position"]) == (201, 2)
    moved = client.post(page("move_question", one, second.json()["id"]), {"position": 1})
    assert moved.json()["position"] == 1
    version = client.get(page("consultation", one)).json()["version"]
    changed = client.put(
        page("question", one, second.json()["id"]), {"kind": "short_text", "text": "Why so?", "version": version}
    )
    assert (changed.json()["kind"], changed.json()["is_required"]) == ("short_text", True)

    edited = client.patch(page("consultation", one), {"title": "Custody tablets", "version": version + 1})
    assert edited.json()["title"] == "Custody tablets"
    asked = client.put(page("audience", one), {"units": [str(unit.pk)], "version": version + 2})
    assert (asked.json()["people"], asked.json()["missing"]) == (1, [])

    launched = client.post(page("launch", one))
    assert (launched.status_code, launched.json()["state"]) == (200, "open")
    assert client.get(page("progress", one)).json() == {"asked": 1, "answered": 0, "units": []}
    listed = client.get(page("consultations", review.pk)).json()
    assert [(row["title"], row["state"]) for row in listed["results"]] == [("Custody tablets", "open")]

    refused = client.delete(page("question", one, first.json()["id"]))
    assert refused.status_code == 409
    assert "frozen" in refused.json()["detail"]


def test_a_question_is_removed_from_a_draft():
    consultation = make_consultation()
    question = make_question(consultation)
    client = api(make_manager(consultation.review.programme))

    assert client.delete(page("question", consultation.pk, question.pk)).status_code == 204
    assert client.delete(page("question", consultation.pk, question.pk)).status_code == 404


def test_a_launch_that_lacks_things_is_a_409_that_names_them():
    consultation = make_consultation()

    refused = api(make_manager(consultation.review.programme)).post(page("launch", consultation.pk))

    assert refused.status_code == 409
    assert "There are no questions. Add at least one. Nobody is asked" in refused.json()["detail"]


def test_a_stale_version_is_a_409_and_a_missing_key_a_400():
    consultation = make_consultation()
    client = api(make_manager(consultation.review.programme))

    stale = client.patch(page("consultation", consultation.pk), {"title": "X", "version": 900})
    without = client.post(page("questions", consultation.pk), {"kind": "long_text", "text": "Why?"})
    wrong = client.post(
        page("questions", consultation.pk), {"kind": "long_text", "text": "Why?"}, HTTP_IDEMPOTENCY_KEY="again"
    )

    assert (stale.status_code, without.status_code, wrong.status_code) == (409, 400, 400)
    assert "Idempotency-Key" in without.json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"kind": "essay", "text": "Why?"},
        {"kind": "long_text", "text": "x" * 501},
        {"kind": "long_text", "text": ["Why?"]},
        {"kind": "scale", "text": "How?", "options": "Yes"},
        {"kind": "scale", "text": "How?", "options": [{"a": 1}, 2]},
        {"kind": "long_text", "text": "Why?", "is_required": "perhaps"},
    ],
)
def test_a_bad_question_is_a_400(body):
    consultation = make_consultation()

    answer = api(make_manager(consultation.review.programme)).post(page("questions", consultation.pk), body, **key())

    assert answer.status_code == 400


def test_readers_may_read_and_strangers_find_nothing():
    consultation = make_consultation()
    question = make_question(consultation)
    reads = [
        page("consultations", consultation.review_id),
        page("consultation", consultation.pk),
        page("progress", consultation.pk),
    ]
    version = Consultation.objects.get().version
    words = {"kind": "long_text", "text": "Why?", "title": "T", "introduction": "I", "version": version, "units": []}
    writes = [
        ("post", page("consultations", consultation.review_id)),
        ("patch", page("consultation", consultation.pk)),
        ("post", page("questions", consultation.pk)),
        ("put", page("question", consultation.pk, question.pk)),
        ("delete", page("question", consultation.pk, question.pk)),
        ("post", page("move_question", consultation.pk, question.pk)),
        ("put", page("audience", consultation.pk)),
        ("post", page("launch", consultation.pk)),
    ]
    reader, stranger = api(make_reader(consultation.review.programme)), api(make_person())

    assert {reader.get(address).status_code for address in reads} == {200}
    assert {getattr(reader, m)(a, words | {"position": 1}, **key()).status_code for m, a in writes} == {403}
    assert {stranger.get(address).status_code for address in reads} == {404}
    assert {getattr(stranger, m)(a, words | {"position": 1}, **key()).status_code for m, a in writes} == {404}
    assert APIClient().get(reads[0]).status_code == 401


def test_a_person_answers_and_submits_once():
    task = make_task()
    required, optional = questions_of(task.consultation)
    client = api(task.person)
    header = key()

    listed = client.get(page("my_tasks")).json()
    assert [(row["id"], row["state"], row["consultation_state"]) for row in listed["results"]] == [
        (str(task.pk), "not_started", "open")
    ]
    early = client.post(page("submit_my_answers", task.pk), **key())
    assert early.status_code == 409
    assert "Answer “What should we keep?”" in early.json()["detail"]

    saved = client.put(page("my_answer", task.pk, required.pk), {"value": "None", "seen_number": 0})
    client.put(page("my_answer", task.pk, optional.pk), {"value": "Better"})
    assert saved.json() == {"value": "None", "sent_meanwhile": False}
    shown = client.get(page("my_task", task.pk)).json()
    assert [(row["question"]["text"], row["value"], row["is_unsent"]) for row in shown["answers"]] == [
        ("What should we keep?", "None", True),
        ("Is it better?", "Better", True),
    ]
    assert shown["state"] == "in_progress"

    sent = client.post(page("submit_my_answers", task.pk), **header)
    again = client.post(page("submit_my_answers", task.pk), **header)
    assert (sent.status_code, again.json()) == (201, sent.json())
    assert client.post(page("submit_my_answers", task.pk), **key()).status_code == 409
    assert client.post(page("submit_my_answers", task.pk)).status_code == 400
    assert Response.objects.count() == 1
    assert client.get(page("my_responses", task.pk)).json()["results"] == [sent.json()]
    late = client.put(page("my_answer", task.pk, required.pk), {"value": "Other", "seen_number": 0})
    assert late.json() == {"value": "Other", "sent_meanwhile": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"value": None}, 400),
        ({"value": 3}, 400),
        ({"value": {"a": 1}}, 400),
        ({"value": [1]}, 400),
        ({"value": "x", "seen_number": -1}, 400),
        ({"value": ["list"]}, 409),
        ({"value": "x" * 5001}, 409),
    ],
)
def test_a_bad_answer_is_refused(body, status):
    task = make_task()
    question = questions_of(task.consultation)[0]

    assert api(task.person).put(page("my_answer", task.pk, question.pk), body).status_code == status


def test_an_option_that_is_not_offered_is_a_409_at_its_field():
    task = make_task()
    question = questions_of(task.consultation)[1]

    refused = api(task.person).put(page("my_answer", task.pk, question.pk), {"value": "Best"})

    assert (refused.status_code, refused.json()) == (
        409,
        {"detail": "Choose one of the options shown.", "field": "answer"},
    )


def test_nobody_else_finds_a_task_and_no_task_has_anothers_question():
    task, other = make_task(), make_task()
    question = questions_of(task.consultation)[0]
    foreign = questions_of(other.consultation)[0]

    for user in (make_administrator(), make_manager(task.consultation.review.programme), other.person):
        client = api(user)
        assert client.get(page("my_task", task.pk)).status_code == 404
        assert client.get(page("my_responses", task.pk)).status_code == 404
        assert client.put(page("my_answer", task.pk, question.pk), {"value": "x"}).status_code == 404
        assert client.post(page("submit_my_answers", task.pk), **key()).status_code == 404
    assert api(task.person).put(page("my_answer", task.pk, foreign.pk), {"value": "x"}).status_code == 404


def test_lists_take_the_same_queries_for_one_and_three(django_assert_num_queries):
    task = make_task()
    client = api(task.person)
    reader = api(make_reader(task.consultation.review.programme))

    reader.get(page("consultations", task.consultation.review_id))  # roles are read once and kept on the person

    def budgets():
        with django_assert_num_queries(2):
            client.get(page("my_tasks"))
        with django_assert_num_queries(4):
            reader.get(page("consultations", task.consultation.review_id))

    budgets()
    for _ in range(2):
        consultation = make_consultation(task.consultation.review, units=[task.person.unit])
        make_question(consultation)
        make_task(task.person, consultation=consultation)
    budgets()
