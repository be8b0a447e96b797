"""Comments: shown to nobody before a moderator has read them, never with a name, sealed where not all is shown."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.consultations.enums import Ground, QuestionKind, Verdict
from programmes.consultations.models import ConsultationTask, Moderation
from programmes.consultations.operations.design import add_question
from programmes.consultations.operations.moderation import moderate_comment, open_sealed_comment
from programmes.consultations.queries import comments_of, queues_of, verdicts_on
from programmes.consultations.rules import shown_text_of
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
    make_person,
    make_programme,
    make_reader,
    make_task,
    moderate,
    redact,
    withhold,
)
from tests.threads import InThread, wait_until_somebody_waits_for_a_lock


def shown(consultation):
    return [each.shown_text for each in comments_of(consultation)]


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
