from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.people.rules.typed import lines
from programmes.reporting.changes import tell_asker, tell_author
from programmes.reporting.models import StatusAcknowledgement, StatusAnswer
from programmes.reporting.permissions import check_can_acknowledge, check_can_answer
from programmes.reporting.rules import QUESTION_LENGTH
from programmes.workstreams.changes import locked_workstream
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.permissions import check_can_report


@transaction.atomic(durable=True)
def acknowledge_status_update(
    *, update_id: UUID, question: str = "", request_key: UUID, by: User, now: datetime
) -> StatusAcknowledgement:
    """Say that somebody other than the author has read the status, and ask the author something or nothing.

    The same ``request_key`` again returns the first.

    Raises: NotPermitted, also for the author; Conflict when somebody has acknowledged it already; Refused when a
    correction has taken its place.
    """
    update = _locked_update(update_id)
    check_can_acknowledge(by, update, now=now)
    first = StatusAcknowledgement.objects.filter(update=update).select_related("acknowledged_by").first()
    if first:
        if (first.pk, first.acknowledged_by_id) == (request_key, by.pk):
            return first
        raise Conflict(
            f"{first.acknowledged_by.name} has acknowledged this status already. Nothing of yours was saved. Read what "
            "they asked, if anything, on its page."
        )
    if StatusUpdate.objects.filter(supersedes=update).exists():
        raise Refused("A correction has taken the place of this status. Acknowledge the correction.")
    _check_unused(StatusAcknowledgement, request_key)
    question = lines(question, limit=QUESTION_LENGTH, field="question", named="the question")
    asked = StatusAcknowledgement.objects.create(
        pk=request_key, update=update, question=question, acknowledged_at=now, acknowledged_by=by
    )
    if question:
        tell_author(asked, now=now)
    workstream = update.workstream
    record(
        by=by,
        now=now,
        action="reporting.acknowledge_status_update",
        subject=asked,
        scope_id=workstream.programme.scope_id,
        summary=f"acknowledged the status of {workstream.name}" + (" and asked a question" if question else ""),
        after={"update": str(update.pk), "question": question},
    )
    return asked


@transaction.atomic(durable=True)
def answer_status_question(*, update_id: UUID, text: str, request_key: UUID, by: User, now: datetime) -> StatusAnswer:
    """Answer what was asked when the status was acknowledged. The same ``request_key`` again returns the first.

    Raises: NotPermitted, also for whoever asked; Conflict when it is answered already; Refused without a question or
    without words.
    """
    update = _locked_update(update_id)
    asked = (
        StatusAcknowledgement.objects.filter(update=update)
        .select_related("acknowledged_by", "update__workstream__programme__scope", "update__reported_by")
        .first()
    )
    if asked is None or not asked.question:
        check_can_report(by, update.workstream, now=now)
        raise Refused("Nobody has asked anything about this status, so there is nothing to answer.")
    check_can_answer(by, asked)
    first = StatusAnswer.objects.filter(acknowledgement=asked).select_related("answered_by").first()
    if first:
        if (first.pk, first.answered_by_id) == (request_key, by.pk):
            return first
        raise Conflict(f"{first.answered_by.name} has answered this question already. Nothing of yours was saved.")
    _check_unused(StatusAnswer, request_key)
    text = lines(text, limit=QUESTION_LENGTH, field="text", named="the answer", required=True)
    answer = StatusAnswer.objects.create(
        pk=request_key, acknowledgement=asked, text=text, answered_at=now, answered_by=by
    )
    tell_asker(answer, now=now)
    workstream = update.workstream
    record(
        by=by,
        now=now,
        action="reporting.answer_status_question",
        subject=answer,
        scope_id=workstream.programme.scope_id,
        summary=f"answered a question about the status of {workstream.name}",
        after={"update": str(update.pk), "text": text},
    )
    return answer


def _locked_update(update_id: UUID) -> StatusUpdate:
    """The update with its author, once its workstream is locked, so that two cannot acknowledge it."""
    update = StatusUpdate.objects.select_related("reported_by").get(pk=update_id)
    update.workstream = locked_workstream(update.workstream_id)
    return update


def _check_unused(model: type[StatusAcknowledgement | StatusAnswer], request_key: UUID) -> None:
    if model.objects.filter(pk=request_key).exists():
        raise Refused("This request was used for something else. Open the page again and send it from there.")
