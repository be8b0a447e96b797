import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.clock.operations import set_clock
from programmes.consultations.enums import QuestionKind
from programmes.consultations.models import DraftAnswer, Response
from programmes.consultations.queries import questions_of
from programmes.reviews.operations import cancel_review
from tests.builders import (
    NOW,
    launch,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_question,
    make_review,
    make_task,
    make_unit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


@pytest.fixture
def task(client):
    task = make_task()
    client.force_login(task.person)
    return task


def page(name, *args):
    return reverse(name, args=args)


def words(response):
    return response.content.decode()


def answer(client, task, place, value, *, seen=0, **more):
    question = questions_of(task.consultation)[place]
    return client.post(page("task_question", task.pk, question.pk), {"answer": value, "seen_number": seen} | more)


def key_on(response):
    return re.findall(r'name="request_key" value="([0-9a-f-]{36})"', words(response))[0]


def send(client, task, key=None):
    return client.post(page("check_answers", task.pk), {"request_key": key or str(uuid4())})


def test_a_person_answers_from_my_tasks_to_the_receipt(client, task):
    required, optional = questions_of(task.consultation)
    start = page("task", task.pk)

    listed = words(client.get(page("my_tasks")))
    assert f'href="{start}"' in listed
    assert "Closes at 5pm on Tuesday 10 November 2026, UK time: 7 weeks left" in listed

    begun = words(client.get(start))
    assert "this consultation is not anonymous" in begun
    assert "Start now" in begun
    assert (begun.count("Incomplete"), begun.count("Optional")) == (1, 1)
    assert f'href="{page("task_question", task.pk, required.pk)}"' in begun

    assert "Question 1 of 2" in words(client.get(page("task_question", task.pk, required.pk)))
    assert answer(client, task, 0, "n/a").url == page("task_question", task.pk, optional.pk)
    assert "Is it better? (optional)" in words(client.get(page("task_question", task.pk, optional.pk)))
    assert answer(client, task, 1, "").url == page("check_answers", task.pk)

    checked = client.get(page("check_answers", task.pk))
    assert "n/a" in words(checked)
    assert "Not provided" in words(checked)
    assert 'Change<span class="govuk-visually-hidden"> your answer to: What should we keep?' in words(checked)

    sent = send(client, task, key_on(checked))
    assert sent.url == page("task_receipt", task.pk)
    receipt = words(client.get(sent.url))
    response = Response.objects.get()
    assert f"Your receipt is {response.receipt_code}" in receipt
    assert "change your answers</a> until 5pm on Tuesday 10 November 2026, UK time" in receipt
    assert f"Receipt {response.receipt_code}" in words(client.get(page("my_tasks")))


def test_a_person_saves_and_comes_back_later(client, task):
    response = answer(client, task, 0, "Half a thought", later="1")

    assert response.url == page("my_tasks")
    listed = words(client.get(response.url))
    assert "Your answers are saved. Come back and send them before 5pm on Tuesday 10 November 2026" in listed
    assert "In progress" in listed
    question = questions_of(task.consultation)[0]
    assert "Half a thought" in words(client.get(page("task_question", task.pk, question.pk)))
    assert "Completed" in words(client.get(page("task", task.pk)))


def test_coming_back_later_needs_no_answer_and_continue_does(client, task):
    assert answer(client, task, 0, "", later="1").status_code == 302

    response = answer(client, task, 0, "")

    assert response.status_code == 200
    assert "Answer this question, or choose “Save and come back later”" in words(response)


def test_an_answer_with_nul_is_a_bad_request(client, task):
    assert answer(client, task, 0, "a\x00b").status_code == 400
    assert not DraftAnswer.objects.exists()


def test_an_answer_that_is_too_long_is_shown_again(client, task):
    response = answer(client, task, 0, "x" * 5001)

    assert response.status_code == 200
    assert "There is a problem" in words(response)
    assert not DraftAnswer.objects.exists()


def test_five_thousand_characters_with_line_breaks_of_a_browser_fit(client, task):
    answer(client, task, 0, ("x" * 99 + "\r\n") * 50)

    assert DraftAnswer.objects.get().value == (("x" * 99 + "\n") * 50).strip()


def test_an_option_that_is_not_offered_is_refused(client, task):
    assert "There is a problem" in words(answer(client, task, 1, "Best"))


def test_several_options_come_back_ticked(client):
    person = make_person(unit=make_unit())
    consultation = make_consultation(units=[person.unit])
    make_question(consultation, "Which?", kind=QuestionKind.MULTIPLE_CHOICE, options=["One", "Two", "Three"])
    task = make_task(person, consultation=consultation)
    client.force_login(person)

    answer(client, task, 0, ["Three", "One"])

    assert DraftAnswer.objects.get().value == ["One", "Three"]
    shown = words(client.get(page("task_question", task.pk, questions_of(consultation)[0].pk)))
    assert re.findall(r'value="(\w+)" checked', shown) == ["One", "Three"]
    assert "<li>One</li><li>Three</li>" in words(client.get(page("check_answers", task.pk)))


def test_sending_with_a_question_missing_leads_to_it(client, task):
    answer(client, task, 1, "Better")

    checked = client.get(page("check_answers", task.pk))
    assert "Send answers" not in words(checked)
    response = send(client, task)

    assert response.status_code == 409
    question = questions_of(task.consultation)[0]
    link = f'<a class="govuk-link" href="{page("task_question", task.pk, question.pk)}?check=1">Answer “What should we keep?”</a>'
    assert link in words(response)
    assert not Response.objects.exists()


def test_from_the_check_page_continue_leads_back_to_it(client, task):
    question = questions_of(task.consultation)[0]
    address = page("task_question", task.pk, question.pk) + "?check=1"

    assert page("check_answers", task.pk) in words(client.get(address))
    assert client.post(address, {"answer": "Words", "seen_number": 0}).url == page("check_answers", task.pk)


def test_the_back_button_and_a_repeated_submit_lead_to_the_receipt(client, task):
    answer(client, task, 0, "Words")
    key = key_on(client.get(page("check_answers", task.pk)))
    send(client, task, key)

    assert send(client, task, key).url == page("task_receipt", task.pk)
    assert send(client, task).url == page("task_receipt", task.pk)
    assert "You have sent these answers already" in words(client.get(page("task_receipt", task.pk)))
    assert client.get(page("check_answers", task.pk)).url == page("task_receipt", task.pk)
    assert Response.objects.count() == 1


def test_a_person_changes_an_answer_after_sending(client, task):
    answer(client, task, 0, "First")
    send(client, task)

    sent = words(client.get(page("task", task.pk)))
    assert "You have answered." in sent
    assert "First" in sent

    assert answer(client, task, 0, "Second", seen=1).url == page("check_answers", task.pk)
    assert "Changed, not sent yet" in words(client.get(page("task", task.pk)))
    assert "Changes not sent" in words(client.get(page("my_tasks")))
    send(client, task)

    assert [r.number for r in Response.objects.order_by("number")] == [1, 2]
    assert "No, replaced" in words(client.get(page("task_receipt", task.pk)))


def test_an_optional_choice_can_be_taken_back(client, task):
    optional = questions_of(task.consultation)[1]
    assert "Leave this question out" not in words(client.get(page("task_question", task.pk, optional.pk)))
    answer(client, task, 1, "Better")

    assert "Leave this question out" in words(client.get(page("task_question", task.pk, optional.pk)))
    answer(client, task, 1, "")

    assert not DraftAnswer.objects.exists()


def test_saving_in_another_tab_after_sending_is_told(client, task):
    answer(client, task, 0, "First")
    send(client, task)

    response = answer(client, task, 0, "From the other tab", seen=0)

    assert response.url == page("check_answers", task.pk)
    shown = words(client.get(response.url))
    assert "You sent your answers from another page while this one was open." in shown
    assert "From the other tab" in shown


def test_after_the_close_nothing_is_taken_and_nothing_is_lost(client, task):
    answer(client, task, 0, "My draft")
    set_clock(to=task.consultation.review.closes_at)

    late = answer(client, task, 0, "Typed too late")
    assert late.status_code == 409
    assert "This consultation closed at 5pm on Tuesday 10 November 2026, UK time" in words(late)
    assert "Typed too late" in words(late)
    assert "My draft" in words(late)

    assert send(client, task).status_code == 409
    shown = words(client.get(page("task", task.pk)))
    assert "Speak to the programme manager" in shown
    assert "My draft" in shown
    question = questions_of(task.consultation)[0]
    assert client.get(page("task_question", task.pk, question.pk)).url == page("task", task.pk)
    assert client.get(page("check_answers", task.pk)).url == page("task", task.pk)
    assert client.get(page("task_receipt", task.pk)).url == page("task", task.pk)
    assert "Closed at 5pm on Tuesday 10 November 2026" in words(client.get(page("my_tasks")))


def test_after_the_close_sent_answers_stay_readable(client, task):
    answer(client, task, 0, "Words")
    send(client, task)
    set_clock(to=task.consultation.review.closes_at + timedelta(days=1))

    assert Response.objects.get().receipt_code in words(client.get(page("task", task.pk)))
    assert "Answers sent" in words(client.get(page("task_receipt", task.pk)))


def test_before_the_opening_the_page_says_when(client):
    person = make_person(unit=make_unit())
    review = make_review(now=NOW - timedelta(days=10))
    consultation = make_consultation(review, units=[person.unit])
    make_question(consultation)
    launch(consultation, now=NOW - timedelta(days=9))
    task = make_task(person, consultation=consultation)
    client.force_login(person)
    set_clock(to=NOW - timedelta(days=9))

    assert "Opens at 10am on Tuesday 15 September 2026" in words(client.get(page("my_tasks")))
    assert "Come back then" in words(client.get(page("task", task.pk)))
    assert answer(client, task, 0, "Early").status_code == 409


def test_a_cancelled_review_says_so_with_its_reason(client, task):
    review = task.consultation.review
    cancel_review(review_id=review.pk, reason="It was decided.", by=make_manager(review.programme), now=NOW)

    shown = words(client.get(page("task", task.pk)))

    assert "This consultation was cancelled" in shown
    assert "It was decided." in shown


@pytest.mark.parametrize("who", ["administrator", "manager", "colleague"])
def test_nobody_else_finds_the_task(client, task, who):
    question = questions_of(task.consultation)[0]
    client.force_login(
        {
            "administrator": make_administrator,
            "manager": lambda: make_manager(task.consultation.review.programme),
            "colleague": lambda: make_person(unit=task.person.unit),
        }[who]()
    )

    for address in (
        page("task", task.pk),
        page("task_question", task.pk, question.pk),
        page("check_answers", task.pk),
        page("task_receipt", task.pk),
    ):
        assert client.get(address).status_code == 404
    assert answer(client, task, 0, "Mine").status_code == 404
    assert send(client, task).status_code == 404
    assert task.consultation.title not in words(client.get(page("my_tasks")))


def test_the_question_of_another_task_is_not_found(client, task):
    other = questions_of(make_task().consultation)[0]

    assert client.get(page("task_question", task.pk, other.pk)).status_code == 404
    assert client.post(page("task_question", task.pk, other.pk), {"answer": "x", "seen_number": 0}).status_code == 404


def test_a_submit_without_its_key_is_shown_again(client, task):
    answer(client, task, 0, "Words")

    response = client.post(page("check_answers", task.pk), {"request_key": "no key"})

    assert response.status_code == 200
    assert not Response.objects.exists()


def test_my_tasks_without_any_says_what_happens_when_there_is_one(client):
    client.force_login(make_person())

    assert "When you are asked for your views" in words(client.get(page("my_tasks")))


def test_the_pages_take_the_same_queries_for_one_and_three(client, task, django_assert_num_queries):
    def budgets():
        with django_assert_num_queries(7):
            client.get(page("my_tasks"))
        with django_assert_num_queries(10):
            client.get(page("task", task.pk))

    budgets()
    for _ in range(2):
        consultation = make_consultation(task.consultation.review, units=[task.person.unit])
        make_question(consultation)
        make_task(task.person, consultation=consultation)
    budgets()
