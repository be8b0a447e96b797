"""Consultations of partners, answer links and comments."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.urls import reverse

from partners.consortia.models import Consortium
from partners.organisations.models import Organisation
from partners.people.enums import Role
from partners.people.models import User
from partners.post.queries import secret_of
from programmes.consultations.enums import Ground, QuestionKind, Verdict
from programmes.consultations.models import Answer, AnswerLink, Consultation, ConsultationTask, Moderation
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.operations.design import add_question, choose_audience
from programmes.consultations.operations.moderation import moderate_comment
from programmes.consultations.queries import questions_of
from programmes.register.models import Programme
from programmes.reviews.models import Review
from tests.builders.core import (
    NOW,
    give_role,
    launch,
    make_consultation,
    make_manager,
    make_person,
    make_question,
    make_review,
    make_unit,
)
from tests.builders.partners import make_contact, make_organisation

LETTER = "Ann Bloggs takes bribes. The tablets are good, and Ann knows it. Keep them."


def make_moderator(programme: Programme, name: str = "") -> User:
    return give_role(make_person(name), Role.MODERATOR, programme.scope)


def ask_partners(
    consultation: Consultation, organisations: Iterable[Organisation] = (), consortia: Iterable[Consortium] = ()
) -> Consultation:
    """Choose these partners beside the units that are chosen already."""
    return choose_audience(
        consultation_id=consultation.pk,
        unit_ids=list(consultation.audience.values_list("unit_id", flat=True)),
        organisation_ids=[each.pk for each in organisations],
        consortium_ids=[each.pk for each in consortia],
        version=Consultation.objects.values_list("version", flat=True).get(pk=consultation.pk),
        by=make_manager(consultation.review.programme),
        now=consultation.review.opened_at,
    )


def make_shared_question(consultation: Consultation, text: str = "What should we keep?") -> Any:
    return add_question(
        consultation_id=consultation.pk,
        kind=QuestionKind.LONG_TEXT,
        text=text,
        is_shared=True,
        request_key=uuid4(),
        by=make_manager(consultation.review.programme),
        now=NOW,
    )


def make_partner_task(
    organisation: Organisation | None = None, *, review: Review | None = None, is_shared: bool = False
) -> ConsultationTask:
    """The task of an organisation's contact in a launched consultation that asks for one text."""
    organisation = organisation or make_organisation()
    contact = organisation.contacts.first() or make_contact(organisation)
    consultation = make_consultation(review or make_review())
    (make_shared_question if is_shared else make_question)(consultation, "What should we keep?")
    launch(ask_partners(consultation, [organisation]))
    return ConsultationTask.objects.get(consultation=consultation, person=contact.user)


def path_by_link(link: AnswerLink, page: str = "task", *more: Any) -> str:
    """The address of a page of the task for whoever has the link."""
    secret = secret_of(link.pk, holder_id=link.task.person_id)
    return reverse(f"link_{page}", args=[link.pk, secret, *more])


def answer_task(task: ConsultationTask, *values: str, now: Any = NOW) -> Any:
    """Answers to the questions in order, sent; returns the response."""
    for question, value in zip(questions_of(task.consultation), values, strict=False):
        save_draft_answer(task_id=task.pk, question_id=question.pk, value=value, by=task.person, now=now)
    return submit_response(task_id=task.pk, request_key=uuid4(), by=task.person, now=lambda: now)


def make_comments(*texts: str, review: Review | None = None) -> tuple[Consultation, list[Answer]]:
    """A launched consultation with one shared question, and a comment of one of the staff for each text."""
    unit = make_unit()
    people = [make_person(unit=unit) for _ in texts] or [make_person(unit=unit)]
    consultation = make_consultation(review, units=[unit])
    make_shared_question(consultation)
    launch(consultation)
    answers = []
    for person, text in zip(people, texts, strict=False):
        response = answer_task(ConsultationTask.objects.get(consultation=consultation, person=person), text)
        answers.append(response.answers.get())
    return Consultation.objects.get(pk=consultation.pk), answers


def moderate(answer: Answer, verdict: Verdict = Verdict.SHOWN, *, by: User | None = None, **more: Any) -> Moderation:
    """The next verdict on a comment."""
    words: dict[str, Any] = {"seen_number": Moderation.objects.filter(answer=answer).count(), "now": NOW} | more
    by = by or make_moderator(answer.question.consultation.review.programme)
    return moderate_comment(answer_id=answer.pk, verdict=verdict, by=by, **words)


def withhold(answer: Answer, **more: Any) -> Moderation:
    return moderate(answer, Verdict.WITHHELD, **({"ground": Ground.SPAM, "reason": "An advertisement."} | more))


def redact(answer: Answer, text: str, **more: Any) -> Moderation:
    """The comment is shown with only this left of it."""
    return moderate(
        answer,
        Verdict.REDACTED,
        **({"ground": Ground.DEFAMATION, "reason": "It accuses a person.", "shown_text": text} | more),
    )


def make_world_of_comments(review: Review) -> None:
    """Comments that wait, are shown and are sealed; a contact who has begun, and one who has sent their answers."""
    _, (_, shown, sealed) = make_comments("Keep it.", "Keep the people.", "Buy now!", review=review)
    moderate(shown)
    withhold(sealed)
    begun = make_partner_task(review=review, is_shared=True)
    question = questions_of(begun.consultation).get()
    save_draft_answer(task_id=begun.pk, question_id=question.pk, value="Perhaps", by=begun.person, now=NOW)
    answer_task(make_partner_task(review=review, is_shared=True), "Keep the bidders.")
