from uuid import uuid4

import pytest
from django.urls import reverse

from partners.clock.operations import set_clock
from programmes.consultations.models import Consultation, ConsultationTask, Question
from programmes.consultations.queries import questions_of
from tests.builders import (
    NOW,
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


@pytest.fixture
def consultation():
    return make_consultation()


@pytest.fixture
def as_manager(client, consultation):
    client.force_login(make_manager(consultation.review.programme))
    return client


def question_data(**more):
    return {
        "text": "Is it better?",
        "help_text": "",
        "kind": "single_choice",
        "options": "Yes\r\nNo\r\n",
        "is_required": "yes",
        "is_shared": "no",
        "request_key": str(uuid4()),
    } | more


def page(name, *args):
    return reverse(name, args=args)


def words(response):
    return response.content.decode()


def test_a_consultation_is_drafted_questioned_addressed_previewed_and_launched(client):
    review = make_review()
    unit = make_unit("Custody")
    make_person(unit=unit)
    client.force_login(make_manager(review.programme))

    drafted = client.post(
        page("draft_consultation", review.pk),
        {"title": "Custody tablets", "introduction": "Nothing is decided.", "request_key": str(uuid4())},
    )
    consultation = Consultation.objects.get()
    assert drafted.url == page("consultation", consultation.pk)
    assert "There are no questions. Add at least one." in words(client.get(drafted.url))

    client.post(page("add_question", consultation.pk), question_data())
    client.post(page("add_question", consultation.pk), question_data(text="Why?", kind="long_text", options=""))
    assert [(q.text, q.options) for q in questions_of(consultation)] == [("Is it better?", ["Yes", "No"]), ("Why?", [])]

    consultation.refresh_from_db()
    audience = page("consultation_audience", consultation.pk)
    assert "1 person directly in it" in words(client.get(audience))
    client.post(audience, {"units": [str(unit.pk)], "version": consultation.version})
    assert "Ready to launch to 1 person." in words(client.get(drafted.url))

    preview = words(client.get(page("preview_consultation", consultation.pk)))
    assert "Nothing is saved" in preview
    assert "this consultation is not anonymous" in preview
    first, last = questions_of(consultation)
    assert page("preview_question", consultation.pk, last.pk) in words(
        client.get(page("preview_question", consultation.pk, first.pk))
    )
    assert client.post(page("preview_question", consultation.pk, first.pk)).status_code == 405

    launch = page("launch_consultation", consultation.pk)
    assert "1 person is asked: Custody." in words(client.get(launch))
    assert client.post(launch).url == drafted.url
    assert ConsultationTask.objects.count() == 1
    assert "0 of 1" in words(client.get(drafted.url))
    again = client.post(launch)
    assert again.status_code == 409
    assert "launched already" in words(again)


def test_a_launch_that_lacks_things_names_each(as_manager, consultation):
    response = as_manager.post(page("launch_consultation", consultation.pk))

    assert response.status_code == 409
    assert "<li>There are no questions. Add at least one.</li>" in words(response)
    assert "<li>Nobody is asked" in words(response)


def test_the_second_of_two_editors_is_told_and_keeps_what_was_typed(as_manager, consultation):
    edit = page("edit_consultation", consultation.pk)
    version = consultation.version
    as_manager.post(edit, {"title": "First", "introduction": "Words.", "version": version})

    second = as_manager.post(edit, {"title": "Second", "introduction": "Other words.", "version": version})

    assert second.status_code == 409
    assert "while you were working on it" in words(second)
    assert "Saved now" in words(second)
    assert 'value="Second"' in words(second)
    assert f'name="version" value="{version + 1}"' in words(second)
    as_manager.post(edit, {"title": "Second", "introduction": "Other words.", "version": version + 1})
    consultation.refresh_from_db()
    assert consultation.title == "Second"


def test_a_question_is_changed_moved_and_removed(as_manager, consultation):
    one, two = make_question(consultation, "One?"), make_question(consultation, "Two?")
    consultation.refresh_from_db()

    change = page("change_question", consultation.pk, one.pk)
    assert 'value="One?"' in words(as_manager.get(change))
    as_manager.post(change, question_data(text="Uno?", version=consultation.version))
    as_manager.post(page("move_question", consultation.pk, two.pk), {"position": 1})
    assert [q.text for q in questions_of(consultation)] == ["Two?", "Uno?"]

    stale = as_manager.post(change, question_data(text="Eins?", version=consultation.version))
    assert stale.status_code == 409
    assert 'value="Eins?"' in words(stale)

    remove = page("remove_question", consultation.pk, one.pk)
    assert as_manager.get(remove).status_code == 200
    as_manager.post(remove)
    assert [q.text for q in questions_of(consultation)] == ["Two?"]
    assert as_manager.post(remove).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"text": "x" * 501},
        {"kind": "essay"},
        {"is_required": "perhaps"},
        {"options": "x" * 20_000},
        {"request_key": "1"},
    ],
)
def test_a_bad_question_is_shown_again(as_manager, consultation, bad):
    response = as_manager.post(page("add_question", consultation.pk), question_data(**bad))

    assert response.status_code == 200
    assert "There is a problem" in words(response)
    assert not Question.objects.exists()


def test_options_that_the_rules_refuse_are_told_beside_the_field(as_manager, consultation):
    response = as_manager.post(page("add_question", consultation.pk), question_data(options="Yes"))

    assert response.status_code == 409
    assert 'href="#id_options"' in words(response)


def test_a_question_is_added_once_by_a_repeated_submit(as_manager, consultation):
    data = question_data()

    as_manager.post(page("add_question", consultation.pk), data)
    as_manager.post(page("add_question", consultation.pk), data)

    assert Question.objects.count() == 1


def test_another_consultations_question_is_not_found(as_manager, consultation):
    other = make_question(make_consultation())

    for name in ("change_question", "remove_question", "preview_question"):
        assert as_manager.get(page(name, consultation.pk, other.pk)).status_code == 404
    assert as_manager.post(page("move_question", consultation.pk, other.pk), {"position": 1}).status_code == 404
    assert as_manager.post(page("move_question", consultation.pk, uuid4()), {"position": 1}).status_code == 404


def test_a_place_that_is_not_there_is_refused(as_manager, consultation):
    question = make_question(consultation)

    for place in ("2", "x", "", "99999999999999999999"):
        response = as_manager.post(page("move_question", consultation.pk, question.pk), {"position": place})
        assert response.status_code == 409


def test_a_reader_sees_and_changes_nothing_and_a_stranger_finds_nothing(client):
    consultation = make_consultation()
    question = make_question(consultation)
    management = [
        ("draft_consultation", consultation.review_id),
        ("edit_consultation", consultation.pk),
        ("add_question", consultation.pk),
        ("consultation_audience", consultation.pk),
        ("launch_consultation", consultation.pk),
        ("change_question", consultation.pk, question.pk),
        ("remove_question", consultation.pk, question.pk),
    ]
    seen = [
        ("review", consultation.review_id),
        ("consultation", consultation.pk),
        ("preview_consultation", consultation.pk),
        ("preview_question", consultation.pk, question.pk),
    ]

    client.force_login(make_reader(consultation.review.programme))
    assert {client.get(page(*each)).status_code for each in management} == {403}
    assert {client.post(page(*each)).status_code for each in management} == {403}
    assert {client.get(page(*each)).status_code for each in seen} == {200}
    assert page("launch_consultation", consultation.pk) not in words(client.get(page("consultation", consultation.pk)))

    client.force_login(make_person())
    assert {client.get(page(*each)).status_code for each in [*management, *seen]} == {404}


def test_who_is_asked_does_not_see_the_management_pages(client):
    task = make_task()
    client.force_login(task.person)

    assert client.get(page("consultation", task.consultation_id)).status_code == 404
    assert client.get(page("review", task.consultation.review_id)).status_code == 404


def test_the_pages_take_the_same_queries_for_one_and_three(client, django_assert_num_queries):
    review = make_review()
    client.force_login(make_reader(review.programme))
    consultation = make_consultation(review)

    def add(count):
        for _ in range(count):
            make_question(consultation)
            make_consultation(review)

    add(1)
    with django_assert_num_queries(15):
        client.get(page("consultation", consultation.pk))
    with django_assert_num_queries(9):
        client.get(page("review", review.pk))
    add(2)
    with django_assert_num_queries(15):
        client.get(page("consultation", consultation.pk))
    with django_assert_num_queries(9):
        client.get(page("review", review.pk))
