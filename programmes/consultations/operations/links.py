from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from programmes.consultations.changes import mail_new_link, make_link
from programmes.consultations.enums import ConsultationState
from programmes.consultations.models import AnswerLink, ConsultationTask
from programmes.consultations.permissions import check_can_run_consultations
from programmes.consultations.queries import live_link_of
from programmes.consultations.rules import need_of
from programmes.reminders.changes import end_need

REVOKED = "The link to answer was revoked."


@transaction.atomic(durable=True)
def revoke_link(*, link_id: UUID, by: User, now: datetime) -> AnswerLink:
    """Make an answer link useless at once. What was sent by it stays; reminders with it are not sent any more.

    Raises: NotPermitted; Conflict when it is revoked already.
    """
    link, task = _locked(link_id, by=by)
    if link.revoked_at:
        raise Conflict("This link is revoked already.")
    _revoke(link, by=by, now=now)
    end_need(need=need_of(task.pk), reason=REVOKED, now=now, for_good=True)
    _record(task, "revoke_link", "revoked the link by which {person} answers {title}", by=by, now=now)
    return link


@transaction.atomic(durable=True)
def replace_link(*, link_id: UUID, by: User, now: datetime) -> AnswerLink:
    """Give the person a new link, by mail at once; the old one is useless from now on.

    Reminders still to come lead to the new link. Those that ended with a revoked link do not come back.

    Raises: NotPermitted; Conflict when there is a newer link; Refused when the consultation is over or the person has
    no account in use.
    """
    link, task = _locked(link_id, by=by)
    live = live_link_of(task)
    if live and live.pk != link.pk:
        raise Conflict(f"{task.person.name} was given a newer link meanwhile. Nothing was changed.")
    if task.consultation.state_at(now) in (ConsultationState.CLOSED, ConsultationState.CANCELLED):
        raise Refused("The consultation is over, so nobody needs a new link.")
    if not task.person.is_active:
        raise Refused(f"{task.person.name} has no account in use any more. Make them a contact again first.")
    if live:
        _revoke(live, by=by, now=now)
    new = make_link(task, now=now)
    mail_new_link(new, now=now)
    _record(task, "replace_link", "sent {person} a new link to answer {title}", by=by, now=now)
    return new


def _locked(link_id: UUID, *, by: User) -> tuple[AnswerLink, ConsultationTask]:
    """The link, and its task, which is locked."""
    task_id = AnswerLink.objects.values_list("task_id", flat=True).get(pk=link_id)
    ConsultationTask.objects.select_for_update(no_key=True).get(pk=task_id)
    link = AnswerLink.objects.select_related("task__person", "task__consultation__review__programme__scope").get(
        pk=link_id
    )
    check_can_run_consultations(by, link.task.consultation.review.programme)
    return link, link.task


def _revoke(link: AnswerLink, *, by: User, now: datetime) -> None:
    link.revoked_at, link.revoked_by = now, by
    link.save(update_fields=["revoked_at", "revoked_by"])


def _record(task: ConsultationTask, action: str, words: str, *, by: User, now: datetime) -> None:
    consultation = task.consultation
    record(
        by=by,
        now=now,
        action=f"consultations.{action}",
        subject=consultation,
        scope_id=consultation.review.programme.scope_id,
        summary=words.format(person=task.person.name, title=consultation.title),
    )
