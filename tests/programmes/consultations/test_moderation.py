"""Comments: shown to nobody before a moderator has read them, never with a name, sealed where not all is shown."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.consultations.enums import Ground, QuestionKind, Verdict
from programmes.consultations.models import AnswerLink, ConsultationTask, Moderation
from programmes.consultations.operations.design import add_question
from programmes.consultations.operations.moderation import moderate_comment, open_sealed_comment
from programmes.consultations.queries import comments_of, queues_of, verdicts_on
from programmes.consultations.rules import shown_text_of
from tests.builders import (
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
    make_task,
    moderate,
    path_by_link,
    withhold,
)
from tests.threads import InThread, wait_until_somebody_waits_for_a_lock

needs_rows = pytest.mark.django_db
LETTER = "Ann Bloggs takes bribes. The tablets are good, and Ann knows it. Keep them."


def words(response):
    return response.content.decode()


def shown(consultation):
    return [each.shown_text for each in comments_of(consultation)]


def redact(answer, text, **more):
    return moderate(
        answer,
        Verdict.REDACTED,
        **({"ground": Ground.DEFAMATION, "reason": "It accuses a person.", "shown_text": text} | more),
    )


@pytest.fixture
def comment(db):
    """(consultation, the one comment in it)."""
    set_clock(to=NOW)
    consultation, [answer] = make_comments(LETTER)
    return consultation, answer


# What may be left of a comment


@pytest.mark.parametrize(
    "edited",
    [
        "[removed] The tablets are good, and [removed] knows it. Keep them.",
        "Ann Bloggs [removed]",
        "[removed]Keep them.",
        "Ann Bloggs[removed]good[removed]them.",
        "  [removed] Keep them.\r\n",
    ],
)
def test_a_part_is_the_original_with_parts_replaced(edited):
    assert shown_text_of(LETTER, verdict="redacted", edited=edited) == edited.strip()


@pytest.mark.parametrize(
    ("edited", "sentence"),
    [
        (LETTER, "Replace what is not to be shown"),
        ("The tablets are good.", "Replace what is not to be shown"),
        ("", "Replace what is not to be shown"),
        ("[removed]", "Nothing is left"),
        ("[removed] [removed]", "Nothing is left"),
        ("[removed] The tablets are bad. [removed]", "Leave the other words"),
        ("[removed] Keep them. [removed] The tablets are good[removed]", "Leave the other words"),
        ("The tablets are good[removed]", "Leave the other words"),
        ("[removed]Ann knows it.", "Leave the other words"),
        ("Ann Bloggs takes bribes. The tab[removed]tablets are good, and Ann knows it. Keep them.", "Leave the other"),
        ("[Removed] Keep them.", "Replace what is not to be shown"),
    ],
)
def test_a_part_that_is_not_the_original_is_refused(edited, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        shown_text_of(LETTER, verdict="redacted", edited=edited)

    assert refusal.value.field == "shown_text"


@given(st.text("ab ", min_size=3, max_size=30), st.data())
def test_any_part_may_be_taken_out(original, data):
    original = original.strip() or "a"
    start = data.draw(st.integers(0, len(original) - 1))
    end = data.draw(st.integers(start + 1, len(original)))
    edited = f"{original[:start]}[removed]{original[end:]}"
    kept = original[:start] + original[end:]

    if kept.strip():
        assert shown_text_of(original, verdict="redacted", edited=edited) == edited.strip()
    else:
        with pytest.raises(Refused, match="Nothing is left"):
            shown_text_of(original, verdict="redacted", edited=edited)


def test_many_pieces_take_no_time():
    original = "ab" * 2500
    edited = "[removed]".join("ab" * 400)

    with pytest.raises(Refused):
        shown_text_of(original, verdict="redacted", edited=edited + "c")


# Verdicts


def test_a_comment_is_shown_to_nobody_before_a_verdict(comment):
    consultation, answer = comment

    assert shown(consultation) == []
    moderate(answer)
    assert shown(consultation) == [LETTER]


def test_a_verdict_is_kept_with_its_ground_and_reason_and_audited_without_words_of_the_comment(comment):
    consultation, answer = comment
    by = make_moderator(consultation.review.programme, "Mo Derator")

    verdict = withhold(answer, by=by, ground=Ground.OBSCENITY, reason="It swears.")

    assert (verdict.number, verdict.verdict, verdict.ground, verdict.reason, verdict.shown_text) == (
        1,
        "withheld",
        "obscenity",
        "It swears.",
        "",
    )
    event = AuditEvent.objects.filter(action="consultations.moderate_comment").get()
    assert event.summary == f"did not show a comment on {consultation.title}: obscenity"
    assert (event.actor_name, event.scope_id) == ("Mo Derator", consultation.review.programme.scope_id)
    assert "Ann" not in f"{event.summary}{event.before}{event.after}"
    assert "It swears" not in f"{event.after}"


def test_a_later_verdict_takes_the_place_of_earlier_ones_which_stay(comment):
    consultation, answer = comment
    part = "[removed] The tablets are good, and Ann knows it. Keep them."

    moderate(answer)
    redact(answer, part)
    assert shown(consultation) == [part]
    withhold(answer)
    assert shown(consultation) == []
    moderate(answer)
    assert shown(consultation) == [LETTER]
    assert [each.verdict for each in verdicts_on(answer.pk)] == ["shown", "withheld", "redacted", "shown"]


@pytest.mark.parametrize("verdict", [Verdict.REDACTED, Verdict.WITHHELD])
@pytest.mark.parametrize(
    ("more", "field"),
    [({"ground": None}, "ground"), ({"reason": ""}, "reason"), ({"reason": "one\ntwo\x07"}, "reason")],
)
def test_not_all_is_shown_only_on_a_ground_and_with_a_reason(comment, verdict, more, field):
    _, answer = comment

    with pytest.raises(Refused) as refusal:
        moderate(
            answer, verdict, **({"ground": Ground.SPAM, "reason": "Why", "shown_text": "[removed] Keep them."} | more)
        )

    assert refusal.value.field == field
    assert not Moderation.objects.exists()


def test_a_comment_shown_as_it_is_has_no_ground(comment):
    _, answer = comment

    assert moderate(answer, ground=Ground.SPAM, reason="Left over").ground == ""


@pytest.mark.parametrize(
    "who", ["cio", "manager", "reader", "administrator", "author", "stranger", "moderator elsewhere"]
)
def test_only_a_moderator_moderates_and_opens(comment, who):
    consultation, answer = comment
    programme = consultation.review.programme
    by = {
        "cio": lambda: make_cio(programme.scope.parent.portfolio),
        "manager": lambda: make_manager(programme),
        "reader": lambda: make_reader(programme),
        "administrator": make_administrator,
        "author": lambda: answer.response.task.person,
        "stranger": make_person,
        "moderator elsewhere": lambda: make_moderator(make_programme()),
    }[who]()

    with pytest.raises(NotPermitted, match="moderate the comments of this programme"):
        moderate(answer, by=by)
    withhold(answer)
    with pytest.raises(NotPermitted):
        open_sealed_comment(answer_id=answer.pk, reason="Curious", by=by, now=NOW)


def test_a_moderator_of_the_portfolio_and_a_manager_who_holds_the_role_moderate(comment):
    consultation, answer = comment
    programme = consultation.review.programme
    of_the_portfolio = give_role(make_person(), Role.MODERATOR, programme.scope.parent)
    both = give_role(make_manager(programme), Role.MODERATOR, programme.scope)

    moderate(answer, by=of_the_portfolio)
    withhold(answer, by=both)

    assert [row.consultation for row in queues_of(of_the_portfolio)] == [consultation]


def test_the_second_of_two_moderators_is_told(comment):
    consultation, answer = comment
    first = make_moderator(consultation.review.programme, "Fay First")
    moderate(answer, by=first, seen_number=0)

    with pytest.raises(Conflict) as conflict:
        withhold(answer, seen_number=0)

    assert conflict.value.sentence == (
        "Fay First moderated this comment while you were reading it. It is now: shown. "
        "Nothing of yours is saved: read it again, then decide."
    )
    with pytest.raises(Conflict):
        moderate(answer, seen_number=7)
    assert shown(consultation) == [LETTER]


def test_the_same_verdict_sent_twice_is_kept_once(comment):
    consultation, answer = comment
    by = make_moderator(consultation.review.programme)

    first = withhold(answer, by=by, seen_number=0)
    again = withhold(answer, by=by, seen_number=0)

    assert first == again
    with pytest.raises(Conflict):
        withhold(answer, by=by, seen_number=0, reason="Another reason")


def test_two_moderators_at_once(own_database):
    set_clock(to=NOW)
    consultation, [answer] = make_comments(LETTER)
    moderators = [make_moderator(consultation.review.programme) for _ in range(2)]

    def act(by):
        try:
            moderate_comment(answer_id=answer.pk, verdict=Verdict.SHOWN, seen_number=0, by=by, now=NOW)
        except Conflict:
            return "told"
        return "saved"

    results = [running.result() for running in [InThread(partial(act, by)) for by in moderators]]

    assert sorted(results) == ["saved", "told"]
    assert Moderation.objects.count() == 1


def test_a_verdict_waits_for_a_new_response_and_is_then_told(own_database):
    """The row of the task is held by whoever answers; the verdict finds the newer comment."""
    set_clock(to=NOW)
    consultation, [answer] = make_comments(LETTER)
    by = make_moderator(consultation.review.programme)
    task = answer.response.task
    with transaction.atomic():
        ConsultationTask.objects.select_for_update().get(pk=task.pk)
        waiting = InThread(lambda: moderate(answer, by=by))
        wait_until_somebody_waits_for_a_lock(own_database)
        response = task.responses.create(number=2, receipt_code="AAAA-BBBB-CCCC", submitted_at=NOW, request_key=uuid4())
        response.answers.create(question=answer.question, value="Something else")

    with pytest.raises(Conflict, match="has sent other answers meanwhile"):
        waiting.result()
    assert not Moderation.objects.exists()


def test_a_new_response_takes_the_old_comment_away_and_its_own_waits(comment):
    consultation, answer = comment
    moderate(answer)

    newer = answer_task(answer.response.task, "I changed my mind.", now=NOW + timedelta(hours=1))

    assert shown(consultation) == []
    [row] = queues_of(make_moderator(consultation.review.programme))
    assert (row.waiting, row.done) == (1, 0)
    with pytest.raises(Conflict, match="has sent other answers meanwhile"):
        withhold(answer)
    moderate(newer.answers.get())
    assert shown(consultation) == ["I changed my mind."]


def test_answers_to_questions_that_are_not_shared_are_no_comments(db):
    task = make_task()
    answer = answer_task(task, "Only for you.").answers.get()

    assert shown(task.consultation) == []
    with pytest.raises(type(answer).DoesNotExist):
        moderate(answer)


def test_only_a_question_answered_in_words_can_be_shared(db):
    consultation = make_consultation()

    with pytest.raises(Refused, match="Only what people write can be shown") as refusal:
        add_question(
            consultation_id=consultation.pk,
            kind=QuestionKind.SCALE,
            text="Better?",
            options=["Worse", "Better"],
            is_shared=True,
            request_key=uuid4(),
            by=make_manager(consultation.review.programme),
            now=NOW,
        )

    assert refusal.value.field == "is_shared"


# The sealed original


def test_opening_a_sealed_comment_is_on_record_with_its_reason(comment):
    consultation, answer = comment
    by = make_moderator(consultation.review.programme, "Mo Derator")
    withhold(answer)

    assert open_sealed_comment(answer_id=answer.pk, reason="A complaint.", by=by, now=NOW) == LETTER

    event = AuditEvent.objects.filter(action="consultations.open_sealed_comment").get()
    assert (event.actor_name, event.summary) == ("Mo Derator", f"opened a sealed comment on {consultation.title}")
    assert event.after is not None
    assert event.after["reason"] == "A complaint."


def test_a_comment_is_opened_with_a_reason_only_and_only_when_it_is_sealed(comment):
    consultation, answer = comment
    by = make_moderator(consultation.review.programme)

    with pytest.raises(Refused, match="not sealed"):
        open_sealed_comment(answer_id=answer.pk, reason="Why not", by=by, now=NOW)
    withhold(answer)
    with pytest.raises(Refused) as refusal:
        open_sealed_comment(answer_id=answer.pk, reason=" ", by=by, now=NOW)

    assert refusal.value.field == "reason"
    assert not AuditEvent.objects.filter(action="consultations.open_sealed_comment").exists()


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
