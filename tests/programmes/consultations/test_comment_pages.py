"""Pages and endpoints of comments and of their moderation: what each reader is shown, and never the original of a sealed one."""

from datetime import timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.consultations.models import AnswerLink
from programmes.consultations.queries import comments_of
from tests.builders import (
    LETTER,
    NOW,
    answer_task,
    give_role,
    make_administrator,
    make_cio,
    make_comments,
    make_consultation,
    make_manager,
    make_moderator,
    make_partner_task,
    make_person,
    make_programme,
    make_reader,
    make_review,
    make_shared_question,
    moderate,
    path_by_link,
    redact,
    withhold,
)


def words(response):
    return response.content.decode()


@pytest.mark.parametrize("how", ["redacted", "withheld", "shown before"])
def test_no_page_endpoint_or_search_shows_a_sealed_original(client, comment, how):
    consultation, answer = comment
    if how == "shown before":
        moderate(answer)
    if how == "redacted":
        redact(answer, "[removed] The tablets are good, and [removed] knows it. Keep them.")
    else:
        withhold(answer)
    programme = consultation.review.programme
    places = ["consultation", "comments", "moderation_queue"]
    moderator = make_moderator(programme)
    for user in (moderator, make_manager(programme), make_administrator(), make_cio(programme.scope.parent.portfolio)):
        client.force_login(user)
        api = APIClient()
        api.force_authenticate(user)
        found = [client.get(reverse(place, args=[consultation.pk])) for place in places]
        found += [
            client.get(reverse("moderation_queue", args=[consultation.pk]), {"show": "done"}),
            client.get(reverse("moderate_comment", args=[consultation.pk, answer.pk])),
            client.get(reverse("programme", args=[programme.pk])),
            client.get(reverse("changes_of_programme", args=[programme.pk])),
            client.get(reverse("search"), {"q": "Bloggs"}),
            api.get(reverse("api_search"), {"q": "Bloggs"}),
            api.get(reverse("api_consultation", args=[consultation.pk])),
            api.get(reverse("api_comments", args=[consultation.pk])),
            api.get(reverse("api_moderation_queue", args=[consultation.pk]), {"show": "done"}),
            api.get(reverse("api_moderate_comment", args=[consultation.pk, answer.pk])),
        ]
        assert {each.status_code for each in found} <= {200, 403}
        assert "bribes" not in "".join(words(each) for each in found)
    client.force_login(make_administrator())
    assert "bribes" not in words(client.get("/admin/programmes/answer/"))


# Pages


def test_comments_are_read_without_names_by_those_asked_and_those_who_see_the_programme(client, comment):
    consultation, answer = comment
    author = answer.response.task
    client.force_login(author.person)
    own = reverse("task_comments", args=[author.pk])
    assert "No comments yet" in words(client.get(own))
    assert f'href="{own}"' in words(client.get(reverse("task", args=[author.pk])))

    moderate(answer)
    told = words(client.get(own)).partition("<main")[2]
    assert LETTER in told
    assert author.person.name not in told
    assert author.unit_name not in told
    client.force_login(make_reader(consultation.review.programme))
    assert LETTER in words(client.get(reverse("comments", args=[consultation.pk])))
    for stranger in (make_person(), make_partner_task(is_shared=True).person):
        client.force_login(stranger)
        assert client.get(reverse("comments", args=[consultation.pk])).status_code == 404
        assert client.get(own).status_code == 404


def test_a_contact_reads_the_comments_by_their_link(client, db):
    set_clock(to=NOW)
    task = make_partner_task(is_shared=True)
    link = AnswerLink.objects.select_related("task").get()
    start = path_by_link(link)
    question = words(client.get(path_by_link(link, "task_question", task.consultation.questions.get().pk)))
    assert "shown without your name to everybody asked, once a moderator has read it" in question
    assert "a moderator reads it first" in words(client.get(start))

    moderate(answer_task(task, "Keep the bidders.").answers.get())

    told = words(client.get(path_by_link(link, "task_comments"))).partition("<main")[2]
    assert "Keep the bidders." in told
    assert task.unit_name not in told
    assert f'href="{start}"' in words(client.get(path_by_link(link, "task_comments")))


def test_without_a_shared_question_there_is_no_page_of_comments(client, db):
    set_clock(to=NOW)
    task = make_partner_task()

    assert client.get(path_by_link(AnswerLink.objects.select_related("task").get(), "task_comments")).status_code == 404
    client.force_login(make_reader(task.consultation.review.programme))
    assert "No question of this consultation is shared" in words(
        client.get(reverse("comments", args=[task.consultation_id]))
    )


def test_a_moderator_works_through_the_queue(client, comment):
    consultation, answer = comment
    client.force_login(make_moderator(consultation.review.programme))
    queue = reverse("moderation_queue", args=[consultation.pk])
    one = reverse("moderate_comment", args=[consultation.pk, answer.pk])

    home = words(client.get(reverse("moderation")))
    assert f'href="{queue}"' in home
    waiting = words(client.get(queue))
    assert "Waiting (1)" in waiting
    assert LETTER in waiting
    page = words(client.get(one))
    assert LETTER in page
    assert answer.response.task.person.name not in page

    without = client.post(one, {"verdict": "redacted", "shown_text": LETTER, "seen_number": 0})
    assert without.status_code == 409
    assert "Choose on which ground" in words(without)
    part = "[removed] Keep them."
    saved = client.post(
        one,
        {
            "verdict": "redacted",
            "ground": "defamation",
            "reason": "It accuses.",
            "shown_text": part,
            "seen_number": 0,
        },
    )
    assert saved.url == queue
    assert "Nothing waits" in words(client.get(queue))
    done = words(client.get(queue, {"show": "done"}))
    assert "Shown in part" in done
    assert part in done
    sealed = words(client.get(one))
    assert "What others read; the original is sealed." in sealed
    assert "It accuses." in sealed
    assert "bribes" not in sealed

    stale = client.post(one, {"verdict": "shown", "seen_number": 0})
    assert stale.status_code == 409
    assert "moderated this comment while you were reading it" in words(stale)

    nothing = client.post(f"{one}open/", {"why": ""})
    assert "bribes" not in words(nothing)
    opened = words(client.post(f"{one}open/", {"why": "Somebody complained."}))
    assert "The original, opened just now." in opened
    assert "bribes" in opened
    assert client.get(f"{one}open/").status_code == 405
    assert "bribes" not in words(client.get(one))


def test_a_moderator_whose_comment_was_replaced_is_led_back_to_the_queue(client, comment):
    consultation, answer = comment
    client.force_login(make_moderator(consultation.review.programme))
    answer_task(answer.response.task, "Other words", now=NOW + timedelta(minutes=1))

    gone = client.get(reverse("moderate_comment", args=[consultation.pk, answer.pk]))

    assert gone.status_code == 404


@pytest.mark.parametrize("name", ["moderation_queue", "moderate_comment"])
def test_those_who_see_the_programme_and_do_not_moderate_get_403_and_strangers_404(client, comment, name):
    consultation, answer = comment
    address = reverse(name, args=[consultation.pk, *([answer.pk] if name == "moderate_comment" else [])])

    client.force_login(make_manager(consultation.review.programme))
    assert client.get(address).status_code == 403
    client.force_login(make_moderator(make_programme()))
    assert client.get(address).status_code == 404
    client.force_login(make_moderator(consultation.review.programme))
    assert client.get(address).status_code == 200
    _, [strange] = make_comments("Elsewhere")
    assert client.get(reverse("moderate_comment", args=[consultation.pk, strange.pk])).status_code == 404
    assert client.get(reverse("moderate_comment", args=[consultation.pk, 2**70])).status_code == 404


def test_the_queue_takes_the_same_queries_for_one_and_many(client, db, django_assert_num_queries):
    set_clock(to=NOW)
    review = make_review()
    client.force_login(give_role(make_person(), Role.MODERATOR, review.programme.scope))
    few, [one] = make_comments("One", review=review)
    many, others = make_comments(*(f"Comment {n}" for n in range(9)), review=review)

    with django_assert_num_queries(7):
        client.get(reverse("moderation"))
    for consultation in (few, many):
        with django_assert_num_queries(9):
            client.get(reverse("moderation_queue", args=[consultation.pk]))
    for answer in (one, *others):
        moderate(answer)
    for consultation in (few, many):
        with django_assert_num_queries(9):
            client.get(reverse("comments", args=[consultation.pk]))


# API


def test_comments_and_the_queue_by_api(comment):
    consultation, answer = comment
    client = APIClient()
    client.force_authenticate(make_moderator(consultation.review.programme))
    queue = reverse("api_moderation_queue", args=[consultation.pk])
    one = reverse("api_moderate_comment", args=[consultation.pk, answer.pk])

    assert client.get(reverse("api_moderation")).json()["results"] == [
        {"consultation": str(consultation.pk), "title": consultation.title, "waiting": 1, "done": 0}
    ]
    [row] = client.get(queue).json()["results"]
    assert row == {
        "id": answer.pk,
        "question": answer.question.text,
        "text": LETTER,
        "is_sealed": False,
        "number": 0,
        "verdict": None,
        "ground": None,
    }
    invalid = client.post(one, {"verdict": "liked", "seen_number": 0})
    refused = client.post(one, {"verdict": "withheld", "seen_number": 0})
    assert (invalid.status_code, refused.status_code) == (400, 409)
    entered = {"verdict": "withheld", "ground": "spam", "reason": "An advertisement.", "seen_number": 0}
    kept = client.post(one, entered)
    assert kept.status_code == 200
    assert (kept.json()["text"], kept.json()["is_sealed"], kept.json()["number"]) == ("", True, 1)
    assert kept.json()["verdicts"][0]["reason"] == "An advertisement."
    assert client.post(one, entered).status_code == 200
    assert client.post(one, entered | {"reason": "Other"}).status_code == 409
    assert client.get(queue).json()["results"] == []
    assert [each["id"] for each in client.get(queue, {"show": "done"}).json()["results"]] == [answer.pk]
    assert client.get(queue, {"show": "all"}).status_code == 400

    assert client.post(f"{one}open/", {}).status_code == 400
    assert client.post(f"{one}open/", {"reason": "A complaint."}).json() == {"text": LETTER}
    client.post(one, {"verdict": "shown", "seen_number": 1})
    listed = client.get(reverse("api_comments", args=[consultation.pk])).json()["results"]
    assert listed == [{"question": str(answer.question_id), "text": LETTER}]
    client.force_authenticate(answer.response.task.person)
    own = client.get(reverse("api_my_comments", args=[answer.response.task_id])).json()["results"]
    assert own == listed
    assert client.get(queue).status_code == 404
    client.force_authenticate(make_manager(consultation.review.programme))
    assert (client.get(queue).status_code, client.post(one, entered).status_code) == (403, 403)
    client.force_authenticate(make_person())
    assert client.get(reverse("api_my_comments", args=[answer.response.task_id])).status_code == 404


def test_comments_stand_in_the_order_of_questions_and_in_no_order_of_time(db):
    set_clock(to=NOW)
    task = make_partner_task(is_shared=True)
    consultation = make_consultation(task.consultation.review, units=[])
    first, second = make_shared_question(consultation, "First?"), make_shared_question(consultation, "Second?")

    assert (first.position, second.position) == (1, 2)
    assert comments_of(consultation).query.order_by == ("answer__question__position", "pk")
