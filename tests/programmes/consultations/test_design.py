from uuid import uuid4

import pytest

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from programmes.consultations.enums import QuestionKind
from programmes.consultations.models import Consultation, Question
from programmes.consultations.operations import design
from programmes.consultations.queries import audience_of, questions_of
from programmes.reviews.operations import cancel_review
from tests.builders import (
    NOW,
    launch,
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


@pytest.fixture
def consultation():
    return make_consultation()


@pytest.fixture
def manager(consultation):
    return make_manager(consultation.review.programme)


def drafted(review, by, **more):
    return design.draft_consultation(
        **{
            "review_id": review.pk,
            "title": "Custody tablets",
            "introduction": "Nothing is decided.",
            "request_key": uuid4(),
            "by": by,
            "now": NOW,
        }
        | more
    )


def added(consultation, by, **more):
    return design.add_question(
        **{
            "consultation_id": consultation.pk,
            "kind": QuestionKind.SINGLE_CHOICE,
            "text": "Is it better?",
            "options": ["Yes", "No"],
            "request_key": uuid4(),
            "by": by,
            "now": NOW,
        }
        | more
    )


def changed(question, by, version, **more):
    return design.change_question(
        **{
            "question_id": question.pk,
            "version": version,
            "kind": QuestionKind.LONG_TEXT,
            "text": "What now?",
            "by": by,
            "now": NOW,
        }
        | more
    )


def test_draft_consultation_twice_with_one_key_drafts_one():
    review = make_review()
    manager, key = make_manager(review.programme), uuid4()

    first = drafted(review, manager, request_key=key)
    again = drafted(review, manager, request_key=key, title="Another")

    assert first == again
    assert Consultation.objects.get().title == "Custody tablets"
    assert [(event.action, event.scope_id) for event in events_about(first.pk)] == [
        ("consultations.draft_consultation", review.programme.scope_id)
    ]
    other = make_review()
    with pytest.raises(Refused, match="used for something else"):
        drafted(other, make_manager(other.programme), request_key=key)


def test_draft_consultation_in_a_review_that_is_over_is_refused():
    review = make_review()
    manager = make_manager(review.programme)

    with pytest.raises(Refused, match="The review is over"):
        drafted(review, manager, now=review.closes_at)
    cancel_review(review_id=review.pk, reason="No.", by=manager, now=NOW)
    with pytest.raises(Refused, match="The review is over"):
        drafted(review, manager)


@pytest.mark.parametrize("who", ["stranger", "reader", "administrator", "manager of another"])
def test_every_act_of_design_is_for_those_who_run_the_programme(who):
    unit = make_unit()
    consultation = make_consultation(units=[unit])
    question = make_question(consultation)
    version = Consultation.objects.get().version
    by = {
        "stranger": make_person,
        "reader": lambda: make_reader(consultation.review.programme),
        "administrator": make_administrator,
        "manager of another": lambda: make_manager(make_review().programme),
    }[who]()

    acts = [
        lambda: drafted(consultation.review, by),
        lambda: design.edit_consultation(
            consultation_id=consultation.pk, title="X", introduction="X", version=version, by=by, now=NOW
        ),
        lambda: added(consultation, by),
        lambda: changed(question, by, version),
        lambda: design.move_question(question_id=question.pk, position=1, by=by, now=NOW),
        lambda: design.remove_question(question_id=question.pk, by=by, now=NOW),
        lambda: design.choose_audience(consultation_id=consultation.pk, unit_ids=[], version=version, by=by, now=NOW),
    ]

    for act in acts:
        with pytest.raises(NotPermitted, match="You cannot draft, change or launch a consultation"):
            act()
    assert Question.objects.get() == question


def test_every_change_after_launch_is_refused():
    task = make_task()
    consultation = task.consultation
    consultation.refresh_from_db()
    by = make_manager(consultation.review.programme)
    question = questions_of(consultation)[0]
    version = consultation.version
    events = events_about(consultation.pk).count()

    acts = [
        lambda: design.edit_consultation(
            consultation_id=consultation.pk, title="X", introduction="X", version=version, by=by, now=NOW
        ),
        lambda: added(consultation, by),
        lambda: changed(question, by, version),
        lambda: design.move_question(question_id=question.pk, position=2, by=by, now=NOW),
        lambda: design.remove_question(question_id=question.pk, by=by, now=NOW),
        lambda: design.choose_audience(consultation_id=consultation.pk, unit_ids=[], version=version, by=by, now=NOW),
    ]

    for act in acts:
        with pytest.raises(Refused, match="frozen, because the consultation was launched at 10am on Wednesday 16"):
            act()
    assert events_about(consultation.pk).count() == events


def test_edit_consultation_by_the_second_of_two_tells_who_changed_what(consultation, manager):
    version = consultation.version
    values = {"consultation_id": consultation.pk, "introduction": "More words.", "version": version, "now": NOW}

    design.edit_consultation(title="First", by=manager, **values)
    with pytest.raises(Conflict) as conflict:
        design.edit_consultation(title="Second", by=manager, **values)

    assert conflict.value.sentence.startswith(
        f"{manager.name} changed the title and introduction of this consultation while you were working on it."
    )
    consultation.refresh_from_db()
    assert (consultation.title, consultation.version) == ("First", version + 1)


def test_add_question_puts_it_at_the_end_once(consultation, manager):
    key = uuid4()

    added(consultation, manager, text="One?")
    first = added(consultation, manager, text="Two?", request_key=key)
    again = added(consultation, manager, text="Two?", request_key=key)

    assert first == again
    assert [(q.position, q.text, q.options) for q in questions_of(consultation)] == [
        (1, "One?", ["Yes", "No"]),
        (2, "Two?", ["Yes", "No"]),
    ]
    other = make_consultation()
    with pytest.raises(Refused, match="used for something else"):
        added(other, make_manager(other.review.programme), request_key=key)


def test_add_question_beyond_the_limit_is_refused(consultation, manager):
    for n in range(60):
        added(consultation, manager, text=f"Question {n}?")

    with pytest.raises(Refused, match="A consultation has up to 60 questions"):
        added(consultation, manager)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "One\nTwo"}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"help_text": "One\nTwo"}, "help_text"),
        ({"options": ["Yes"]}, "options"),
        ({"options": []}, "options"),
        ({"options": ["Yes", "No\x07"]}, "options"),
    ],
)
def test_add_question_refuses_words_that_are_not_allowed(consultation, manager, given, field):
    with pytest.raises(Refused) as refusal:
        added(consultation, manager, **given)

    assert refusal.value.field == field
    assert not Question.objects.exists()


def test_change_question_to_text_drops_its_options(consultation, manager):
    question = added(consultation, manager)
    consultation.refresh_from_db()

    changed(question, manager, consultation.version)

    question.refresh_from_db()
    assert (question.kind, question.text, question.options) == ("long_text", "What now?", [])


def test_change_question_by_the_second_of_two_is_a_conflict(consultation, manager):
    question = added(consultation, manager)
    consultation.refresh_from_db()

    changed(question, manager, consultation.version, text="First?")
    with pytest.raises(Conflict):
        changed(question, manager, consultation.version, text="Second?")

    question.refresh_from_db()
    assert question.text == "First?"


def test_remove_question_closes_the_gap_and_again_is_a_conflict(consultation, manager):
    one, two, three = (added(consultation, manager, text=f"{n}?") for n in (1, 2, 3))

    design.remove_question(question_id=two.pk, by=manager, now=NOW)

    assert [(q.position, q.pk) for q in questions_of(consultation)] == [(1, one.pk), (2, three.pk)]
    for act in (
        lambda: design.remove_question(question_id=two.pk, by=manager, now=NOW),
        lambda: changed(two, manager, 1),
        lambda: design.move_question(question_id=two.pk, position=1, by=manager, now=NOW),
    ):
        with pytest.raises(Conflict, match="removed this question"):
            act()


def test_move_question_keeps_the_others_in_order(consultation, manager):
    one, two, three = (added(consultation, manager, text=f"{n}?") for n in (1, 2, 3))

    design.move_question(question_id=three.pk, position=1, by=manager, now=NOW)
    assert list(questions_of(consultation)) == [three, one, two]
    design.move_question(question_id=three.pk, position=2, by=manager, now=NOW)
    assert list(questions_of(consultation)) == [one, three, two]

    events = events_about(consultation.pk).count()
    design.move_question(question_id=three.pk, position=2, by=manager, now=NOW)
    assert events_about(consultation.pk).count() == events
    for place in (0, 4):
        with pytest.raises(Refused, match="Choose a place from 1 to 3"):
            design.move_question(question_id=one.pk, position=place, by=manager, now=NOW)


def test_choose_audience_replaces_the_units(consultation, manager):
    first, second, third = (make_unit() for _ in range(3))

    def choose(*units):
        consultation.refresh_from_db()
        design.choose_audience(
            consultation_id=consultation.pk,
            unit_ids=[unit.pk for unit in units],
            version=consultation.version,
            by=manager,
            now=NOW,
        )

    choose(first, second)
    choose(second, third)

    assert set(audience_of(consultation).units) == {second, third}
    with pytest.raises(Conflict, match="changed the audience of this consultation"):
        design.choose_audience(
            consultation_id=consultation.pk, unit_ids=[], version=consultation.version - 1, by=manager, now=NOW
        )
    consultation.refresh_from_db()
    with pytest.raises(Refused, match="Choose units from the list"):
        design.choose_audience(
            consultation_id=consultation.pk, unit_ids=[uuid4()], version=consultation.version, by=manager, now=NOW
        )


def test_the_version_that_a_launch_makes_tells_a_late_editor(consultation, manager):
    """A change that was prepared before the launch is refused because of the launch, not because of the version."""
    person = make_person(unit=make_unit())
    consultation = make_consultation(units=[person.unit])
    make_question(consultation)
    launch(consultation)

    with pytest.raises(Refused, match="frozen"):
        design.edit_consultation(
            consultation_id=consultation.pk,
            title="X",
            introduction="X",
            version=1,
            by=make_manager(consultation.review.programme),
            now=NOW,
        )
