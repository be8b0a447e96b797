from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from partners.calendar.queries import working_calendar
from partners.post.changes import queue_message
from programmes.consultations.enums import TaskState
from programmes.consultations.models import AnswerLink, Consultation, ConsultationTask, Response
from programmes.consultations.queries import live_link_of
from programmes.consultations.queries.reminders import (
    KIND,
    key_of_contact,
    path_in_mail,
    with_leave,
    words_of_contact,
)
from programmes.consultations.rules import Contact, need_of, task_path
from programmes.reminders.changes import Recipient, plan_wave, redirect_reminders
from programmes.reminders.rules import thread_of

ASK = """
    INSERT INTO programmes_consultationtask (id, consultation_id, person_id, unit_name, state, asked_at)
    SELECT gen_random_uuid(), %(consultation)s, person.id, unit.name, %(state)s, %(now)s
    FROM partners_user AS person JOIN partners_unit AS unit ON unit.id = person.unit_id
    WHERE person.is_active AND NOT person.is_partner AND person.unit_id = ANY(%(units)s)
    ORDER BY person.id
    ON CONFLICT (consultation_id, person_id) DO NOTHING
    RETURNING id, person_id
"""
ASK_PARTNERS = """
    INSERT INTO programmes_consultationtask (id, consultation_id, person_id, unit_name, state, asked_at)
    SELECT gen_random_uuid(), %(consultation)s, person.id, organisation.name, %(state)s, %(now)s
    FROM partners_contact AS contact
    JOIN partners_user AS person ON person.id = contact.user_id
    JOIN partners_organisation AS organisation ON organisation.id = contact.organisation_id
    WHERE contact.ended_at IS NULL AND person.is_active AND person.is_partner AND organisation.id = ANY(%(organisations)s)
    ORDER BY person.id
    ON CONFLICT (consultation_id, person_id) DO NOTHING
    RETURNING id, person_id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A task made by a launch, and where the link in the person's mails leads."""

    task_id: UUID
    person_id: UUID
    link_path: str


def ask_people_of(consultation: Consultation, unit_ids: Collection[UUID], *, now: datetime) -> list[Asked]:
    """Freeze the roll: one task for each active person directly in these units. One query whatever the number."""
    rows = _ask(ASK, consultation, now=now, units=list(unit_ids))
    return [Asked(task_id, person_id, task_path(task_id)) for task_id, person_id in rows]


def ask_contacts_of(consultation: Consultation, organisation_ids: Collection[UUID], *, now: datetime) -> list[Asked]:
    """The same for each current contact of these organisations, who answers by a link of their own. Two queries."""
    rows = _ask(ASK_PARTNERS, consultation, now=now, organisations=list(organisation_ids))
    links = AnswerLink.objects.bulk_create(AnswerLink(task_id=task_id, made_at=now) for task_id, _ in rows)
    return [
        Asked(task_id, person_id, path_in_mail(link)) for (task_id, person_id), link in zip(rows, links, strict=True)
    ]


def make_link(task: ConsultationTask, *, now: datetime) -> AnswerLink:
    """A new link to the task, to which reminders still to come lead. The caller has locked the task and ended the old one."""
    link = AnswerLink.objects.create(task=task, made_at=now)
    redirect_reminders(need=need_of(task.pk), link_path=path_in_mail(link))
    return link


def plan_contacts(consultation: Consultation, asked: list[Asked], contacts: list[Contact], *, now: datetime) -> None:
    """One wave for each contact, to everybody asked. The waves serve the review, whose cancelling cancels them."""
    review = consultation.review
    everybody = [
        Recipient(user_id=each.person_id, need=need_of(each.task_id), link_path=each.link_path) for each in asked
    ]
    recipients = with_leave(everybody, contacts, calendar=working_calendar())
    for contact in contacts:
        words = words_of_contact(consultation, contact)
        plan_wave(
            programme=review.programme,
            kind=KIND,
            subject_id=review.pk,
            part_id=consultation.pk,
            key=key_of_contact(consultation, contact),
            title=words.title,
            mail_subject=words.mail_subject,
            mail_text=words.mail_text,
            due_at=contact.due_at,
            due_reason=contact.due_reason,
            valid_until=contact.valid_until,
            recipients=recipients[contact.key],
            now=now,
            is_urgent=contact.is_urgent,
        )


def queue_receipt(response: Response, *, now: datetime) -> None:
    """The mail that proves a submission. A service notice: it goes out at once and counts as no reminder."""
    task = response.task
    link = live_link_of(task)
    review = task.consultation.review
    context = {
        "person": task.person,
        "consultation": task.consultation,
        "programme": review.programme,
        "response": response,
        "closes_at": review.closes_at,
        "link": settings.PUBLIC_URL + (path_in_mail(link) if link else task_path(task.pk)),
    }
    _queue_notice("receipt", context, key=f"receipt/{response.pk}", thread=f"receipt/{task.pk}", now=now)


def mail_new_link(link: AnswerLink, *, now: datetime) -> None:
    """The mail with a new link. Takes the place of reminders that wait with the old one."""
    task = link.task
    review = task.consultation.review
    context = {
        "person": task.person,
        "consultation": task.consultation,
        "programme": review.programme,
        "closes_at": review.closes_at,
        "link": settings.PUBLIC_URL + path_in_mail(link),
    }
    thread = thread_of(need_of(task.pk), task.person_id)
    _queue_notice("new_link", context, key=f"answer-link/{link.pk}", thread=thread, now=now)


def _ask(statement: str, consultation: Consultation, *, now: datetime, **whom: list[UUID]) -> list[tuple[UUID, UUID]]:
    values: dict[str, Any] = {"consultation": consultation.pk, "state": TaskState.NOT_STARTED, "now": now} | whom
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(task_id, person_id) for task_id, person_id in cursor.fetchall()]


def _queue_notice(name: str, context: dict[str, Any], *, key: str, thread: str, now: datetime) -> None:
    subject, text, html = (
        render_to_string(f"programmes/consultations/mail/{name}.{part}", context).strip()
        for part in ("subject.txt", "txt", "html")
    )
    queue_message(
        dedup_key=key,
        thread=thread,
        recipient_id=context["person"].pk,
        subject=subject,
        text=text,
        html=html,
        due_at=now,
        now=now,
        is_urgent=True,
    )
