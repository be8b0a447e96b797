from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import NotPermitted, Refused
from partners.people.models import User
from programmes.consultations.changes import queue_receipt
from programmes.consultations.enums import ConsultationState, TaskState
from programmes.consultations.models import Answer, ConsultationTask, DraftAnswer, Response
from programmes.consultations.queries import question_of, sent_answer, sheet_of
from programmes.consultations.rules import (
    AlreadySent,
    Answered,
    Incomplete,
    NotOpen,
    clean_answer,
    is_answered,
    need_of,
    new_receipt_code,
    words_for_not_open,
)
from programmes.reminders.changes import end_need

KEY_IS_USED = "This request was used for something else. Load the page again and send it once more."


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What became of a saved answer. ``sent_meanwhile`` where answers were sent after the person had read the page."""

    value: Answered
    sent_meanwhile: bool


@transaction.atomic(durable=True)
def save_draft_answer(
    *, task_id: UUID, question_id: UUID, value: object, seen_number: int | None = None, by: User, now: datetime
) -> SavedAnswer:
    """Keep an answer until it is submitted; the last save wins. An empty one takes an earlier draft back.

    ``seen_number`` is how many times answers had been sent when the person read the page. Drafts are working papers:
    they are erased by the submission and make no audit event.

    Raises: NotPermitted for anybody else's task; NotOpen; Refused for an answer that is not valid.
    """
    task = _own_task(task_id, by=by)
    _check_open(task, now)
    question = question_of(task.consultation, question_id)
    if question is None:
        raise Refused("This question is not part of the consultation. Go back to the list of questions.")
    cleaned = clean_answer(value, kind=question.kind, options=question.options)
    sent = sent_answer(task, question)
    if cleaned == sent.value or not (is_answered(cleaned) or is_answered(sent.value)):
        DraftAnswer.objects.filter(task=task, question=question).delete()
    else:
        DraftAnswer.objects.bulk_create(
            [DraftAnswer(task=task, question=question, value=cleaned, saved_at=now)],
            update_conflicts=True,
            unique_fields=["task", "question"],
            update_fields=["value", "saved_at"],
        )
        if task.state == TaskState.NOT_STARTED:
            task.state = TaskState.IN_PROGRESS
            task.save(update_fields=["state"])
    return SavedAnswer(cleaned, sent_meanwhile=seen_number is not None and sent.number > seen_number)


@transaction.atomic(durable=True)
def submit_response(*, task_id: UUID, request_key: UUID, by: User, now: Callable[[], datetime]) -> Response:
    """Send the answers as they stand; a change of answers becomes the next response and the earlier ones stay.

    ``now`` reads the business clock: it is asked once, after the lock, and answers count if and only if that time lies
    before the close. The same request key again returns the first response, also after the close.

    Raises: NotPermitted for anybody else's task; NotOpen; AlreadySent when nothing changed since; Incomplete with a
    sentence for each required question without an answer.
    """
    task = _own_task(task_id, by=by)
    known = Response.objects.filter(request_key=request_key).first()
    if known is not None:
        if known.task_id != task.pk:
            raise Refused(KEY_IS_USED)
        return known
    at = now()
    _check_open(task, at)
    sheet = sheet_of(task)
    if sheet.latest and not sheet.has_unsent_answers:
        raise AlreadySent(sheet.latest.receipt_code)
    if sheet.missing:
        raise Incomplete([row.question.text for row in sheet.missing])
    response = Response.objects.create(
        task=task,
        number=sheet.number_sent + 1,
        receipt_code=new_receipt_code(),
        submitted_at=at,
        request_key=request_key,
    )
    Answer.objects.bulk_create(
        Answer(response=response, question=row.question, value=row.value) for row in sheet.rows if row.is_answered
    )
    DraftAnswer.objects.filter(task=task).delete()
    task.state = TaskState.SUBMITTED
    task.save(update_fields=["state"])
    end_need(need=need_of(task.pk), reason="answered", now=at)
    queue_receipt(response, now=at)
    # Without a scope: who has answered is not shown to those who read what happened in a programme.
    record(
        by=by,
        now=at,
        action="consultations.submit_response",
        subject=task,
        summary=f"answered the consultation {task.consultation.title}",
        after={"number": response.number, "receipt": response.receipt_code},
    )
    return response


def _own_task(task_id: UUID, *, by: User) -> ConsultationTask:
    """The task, locked, with its consultation and review read after the lock."""
    ConsultationTask.objects.select_for_update(no_key=True).get(pk=task_id)
    task = ConsultationTask.objects.select_related("person", "consultation__review__programme").get(pk=task_id)
    if task.person_id != by.pk:
        raise NotPermitted("Only the person who is asked can answer.")
    return task


def _check_open(task: ConsultationTask, now: datetime) -> None:
    state = task.consultation.state_at(now)
    if state != ConsultationState.OPEN:
        review = task.consultation.review
        raise NotOpen(words_for_not_open(state.value, opens_at=review.opens_at, closes_at=review.closes_at))
